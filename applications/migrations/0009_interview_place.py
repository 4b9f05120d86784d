from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):

    dependencies = [("applications", "0008_talk_of_its_offer")]

    operations = [
        migrations.AddField(
            model_name="interview",
            name="picked_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.RunSQL(
            "UPDATE applications_interview SET picked_at = status_at WHERE starts_at IS NOT NULL",
            migrations.RunSQL.noop,
        ),
        migrations.RemoveConstraint(model_name="interview", name="interview_picked_with_its_time"),
        migrations.AddConstraint(
            model_name="interview",
            constraint=models.CheckConstraint(
                condition=Q(starts_at=None, ends_at=None, picked_at=None) & ~Q(status="picked")
                | Q(starts_at__isnull=False, picked_at__isnull=False, ends_at__gt=F("starts_at")),
                name="interview_picked_with_its_time",
                violation_error_message="An interview that was picked has its time.",
            ),
        ),
    ]
