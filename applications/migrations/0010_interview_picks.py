from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):

    dependencies = [("applications", "0009_interview_place")]

    operations = [
        migrations.AddField(
            model_name="interview",
            name="picks",
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.RunSQL(
            "UPDATE applications_interview SET picks = 1 WHERE starts_at IS NOT NULL",
            migrations.RunSQL.noop,
        ),
        migrations.RemoveConstraint(model_name="interview", name="interview_picked_with_its_time"),
        migrations.AddConstraint(
            model_name="interview",
            constraint=models.CheckConstraint(
                condition=Q(starts_at=None, ends_at=None, picked_at=None, picks=0) & ~Q(status="picked")
                | Q(starts_at__isnull=False, picked_at__isnull=False, picks__gt=0, ends_at__gt=F("starts_at")),
                name="interview_picked_with_its_time",
                violation_error_message="An interview that was picked has its time.",
            ),
        ),
    ]
