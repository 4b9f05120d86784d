from django.db import migrations

# The page of a global posting names its program, and is kept in memory: a change of programs is a change of rows.
TABLES = ("programs_program", "programs_programcountry")


class Migration(migrations.Migration):

    dependencies = [
        ('postings', '0009_answer_promise'),
        ('programs', '0001_initial'),
    ]

    operations = [
        migrations.RunSQL(
            f"CREATE TRIGGER note_change AFTER INSERT OR UPDATE OR DELETE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION postings_note_rows()",
            f"DROP TRIGGER note_change ON {table}",
        )
        for table in TABLES
    ]
