from django.db import migrations, models

import core.fields


class Migration(migrations.Migration):
    dependencies = [("authorization", "0002_steps")]

    operations = [
        migrations.AddField(
            model_name="authorizationrecord",
            name="hours_week",
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="hours a week, as agreed"),
        ),
        migrations.AddField(
            model_name="authorizationrecord",
            name="authorized_hours",
            field=core.fields.EncryptedTextField(blank=True),
        ),
        migrations.AddField(
            model_name="authorizationrecord",
            name="extent",
            field=core.fields.EncryptedTextField(
                blank=True, choices=[("part_time", "Part-time"), ("full_time", "Full-time")]
            ),
        ),
        migrations.AddField(
            model_name="authorizationrecord",
            name="over_cap",
            field=core.fields.EncryptedTextField(blank=True),
        ),
    ]
