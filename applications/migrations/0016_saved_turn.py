from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('applications', '0015_promise'),
    ]

    operations = [
        migrations.AddField(
            model_name='application',
            name='saved_turn',
            field=models.PositiveBigIntegerField(default=0, editable=False, verbose_name='how far that page has counted'),
        ),
    ]
