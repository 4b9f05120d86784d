from django.db import migrations

# As a function its plan is kept with the connection: planned anew it takes eight times as long as it runs, and it is
# asked for with every page. PREPARE would do the same, but not behind a pooler.
#
# Transactions end in another order than they begin. All below the snapshot's xmin have ended, so what they wrote is
# final; what is at or above it is read again next time, and told apart by its key. One statement, so one snapshot.
LOOK = """
CREATE FUNCTION postings_look(since bigint)
RETURNS TABLE (horizon bigint, settled bigint, id bigint, posting bigint, transaction bigint)
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN QUERY
    SELECT snapshot.xmin,
           (SELECT max(log.transaction) FROM postings_change AS log WHERE log.transaction < snapshot.xmin),
           change.id, change.posting, change.transaction
    FROM (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS xmin) AS snapshot
    LEFT JOIN postings_change AS change ON change.transaction >= since
    ORDER BY change.id;
END
$$
"""


class Migration(migrations.Migration):

    dependencies = [
        ('postings', '0007_saved_looks'),
    ]

    operations = [
        migrations.RunSQL(LOOK, "DROP FUNCTION postings_look(bigint)"),
    ]
