import django.db.models.deletion
from django.db import migrations, models

# The gate asks the program's word, too, where there is a record of it.
GATE = """
CREATE OR REPLACE FUNCTION placements_begins_cleared() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.offer_id, NEW.program_record_id, NEW.starts_on, NEW.began_on)
        IS NOT DISTINCT FROM (OLD.offer_id, OLD.program_record_id, OLD.starts_on, OLD.began_on) THEN
        RETURN NEW;
    END IF;
    -- Locked for sharing: a clearance that is taken back meanwhile is seen, or waits.
    PERFORM 1 FROM authorization_authorizationrecord AS record
        JOIN applications_offer AS offer ON offer.authorization_id = record.id
        WHERE offer.id = NEW.offer_id AND record.closed_at IS NULL
            AND record.cleared_from <= NEW.starts_on AND record.cleared_until >= NEW.began_on
        FOR SHARE OF record;
    IF FOUND AND NEW.program_record_id IS NOT NULL THEN
        PERFORM 1 FROM programs_programrecord AS record
            WHERE record.id = NEW.program_record_id AND record.status = 'cleared'
                AND record.cleared_from <= NEW.starts_on AND record.cleared_until >= NEW.began_on
            FOR SHARE;
    END IF;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'Work begins on a day that is cleared, and not before.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'placement_begins_cleared';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION placements_hours_cleared() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE program bigint;
BEGIN
    SELECT placement.program_record_id INTO program FROM placements_placement AS placement
        JOIN applications_offer AS offer ON offer.id = placement.offer_id
        JOIN authorization_authorizationrecord AS record ON record.id = offer.authorization_id
        WHERE placement.id = NEW.placement_id AND placement.status IN ('active', 'deliverable_submitted')
            AND NEW.day BETWEEN placement.starts_on AND placement.ends_on
            AND record.closed_at IS NULL AND NEW.day BETWEEN record.cleared_from AND record.cleared_until
        FOR SHARE OF record, placement;
    IF FOUND AND program IS NOT NULL THEN
        PERFORM 1 FROM programs_programrecord AS record
            WHERE record.id = program AND record.status = 'cleared'
                AND NEW.day BETWEEN record.cleared_from AND record.cleared_until
            FOR SHARE;
    END IF;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'Hours are written down for days of work under way that are cleared.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'hours_cleared';
    END IF;
    RETURN NEW;
END $$;
"""


def open_records(apps, schema_editor):
    """Work abroad that was accepted before programs were asked waits for one, unless it has begun."""
    Placement = apps.get_model("placements", "Placement")
    Country = apps.get_model("programs", "ProgramCountry")
    Record = apps.get_model("programs", "ProgramRecord")
    Step = apps.get_model("programs", "ProgramStep")
    RecordStep = apps.get_model("programs", "RecordStep")
    Event = apps.get_model("programs", "ProgramEvent")
    to_come = Placement.objects.filter(status__in=["awaiting_authorization", "ready"]).exclude(
        offer__application__posting__country="US"
    )
    related = ("offer__application__student__user", "offer__application__posting__organization")
    for placement in to_come.select_related(*related):
        application = placement.offer.application
        country = Country.objects.filter(country=application.posting.country, program__active=True).first()
        record = Record.objects.create(
            student=application.student,
            program_id=country.program_id if country else None,
            country=application.posting.country,
            purpose=f"{application.posting.title}, {application.posting.organization.name}"[:250],
            starts=placement.starts_on,
            ends=placement.ends_on,
            opened_at=placement.made_at,
            opened_by=application.student.user,
        )
        steps = Step.objects.filter(models.Q(program=None) | models.Q(program=record.program_id))
        for step in steps:
            RecordStep.objects.create(
                record=record, name=step.name, hint=step.hint, by_student=step.by_student, position=step.position
            )
        Event.objects.create(
            record=record, at=placement.made_at, by=application.student.user, move="open", to_status="open"
        )
        placement.program_record = record
        if placement.status == "ready":
            placement.status = "awaiting_program"
        placement.save(update_fields=["program_record", "status"])


class Migration(migrations.Migration):

    dependencies = [
        ("placements", "0001_initial"),
        ("programs", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="placement",
            name="program_record",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="placement",
                to="programs.programrecord",
            ),
        ),
        migrations.RunSQL(GATE, migrations.RunSQL.noop),
        migrations.RunPython(open_records, migrations.RunPython.noop),
    ]
