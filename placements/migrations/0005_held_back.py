from django.db import migrations, models
from django.utils import timezone


def write_what_was_held_back(apps, schema_editor):
    """Work abroad that was ready when programs began to be asked went back to waiting, without a word in its history."""
    Placement = apps.get_model("placements", "Placement")
    Event = apps.get_model("placements", "PlacementEvent")
    last = Event.objects.filter(placement=models.OuterRef("pk")).order_by("-at", "-pk").values("to_status")[:1]
    waiting = Placement.objects.filter(status="awaiting_program").annotate(told=models.Subquery(last))
    for placement in waiting.filter(told="ready"):
        Event.objects.create(
            placement=placement,
            at=timezone.now(),
            move="await_program",
            from_status="ready",
            to_status="awaiting_program",
        )


class Migration(migrations.Migration):

    dependencies = [
        ("placements", "0004_dates"),
    ]

    operations = [
        migrations.RunPython(write_what_was_held_back, migrations.RunPython.noop),
    ]
