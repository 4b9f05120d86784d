import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

GUARD = """
CREATE FUNCTION placements_proposal_under_way() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Locked for sharing: an ending at the same moment is seen, or waits.
    PERFORM 1 FROM placements_placement AS placement
        WHERE placement.id = NEW.placement_id AND placement.status NOT IN ('completed', 'ended_early', 'canceled')
        FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'Dates are proposed for work that is not over.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'proposal_under_way';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER proposal_under_way BEFORE INSERT OR UPDATE ON placements_dateproposal
    FOR EACH ROW WHEN (NEW.settled_at IS NULL) EXECUTE FUNCTION placements_proposal_under_way();

CREATE FUNCTION placements_over_settled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM placements_dateproposal AS proposal
        WHERE proposal.placement_id = NEW.id AND proposal.settled_at IS NULL) THEN
        RAISE EXCEPTION 'New dates are still proposed for this work.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'placement_over_settled';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER placement_over_settled BEFORE UPDATE OF status ON placements_placement
    FOR EACH ROW WHEN (NEW.status IN ('completed', 'ended_early', 'canceled'))
    EXECUTE FUNCTION placements_over_settled();
"""
NO_GUARD = """
DROP TRIGGER placement_over_settled ON placements_placement;
DROP FUNCTION placements_over_settled();
DROP TRIGGER proposal_under_way ON placements_dateproposal;
DROP FUNCTION placements_proposal_under_way();
"""


class Migration(migrations.Migration):

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("placements", "0003_gate"),
    ]

    operations = [
        migrations.CreateModel(
            name="DateProposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("proposed_at", models.DateTimeField()),
                ("starts_on", models.DateField(verbose_name="first day")),
                ("ends_on", models.DateField(verbose_name="last day of work")),
                ("reason", models.TextField(max_length=1000)),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("agreed", "Agreed"),
                            ("declined", "Not agreed"),
                            ("taken_back", "Taken back by the host"),
                            ("void", "No longer needed"),
                        ],
                        max_length=12,
                    ),
                ),
                ("note", models.TextField(blank=True, max_length=1000)),
                (
                    "placement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="date_proposals",
                        to="placements.placement",
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["proposed_at", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("settled_at", None)),
                        fields=("placement",),
                        name="proposal_open_once",
                        violation_error_message="New dates are proposed already, and not answered yet.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                        name="proposal_dates_in_order",
                        violation_error_message="The last day must not be before the first.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("note", ""), ("outcome", ""), ("settled_at", None), ("settled_by", None)),
                            models.Q(
                                ("outcome__in", ["agreed", "declined", "taken_back", "void"]),
                                ("settled_at__isnull", False),
                                ("settled_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="proposal_settled_by_someone",
                        violation_error_message="A proposal that is settled needs who settled it, when, and what came of it.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reason", ""), _negated=True),
                            models.Q(
                                models.Q(("outcome", "declined"), _negated=True),
                                models.Q(("note", ""), _negated=True),
                                _connector="OR",
                            ),
                        ),
                        name="proposal_has_its_reasons",
                        violation_error_message="Give the reason: the other side reads it.",
                    ),
                ],
            },
        ),
        migrations.RunSQL(GUARD, NO_GUARD),
    ]
