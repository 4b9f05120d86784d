from django.db import migrations

# Work abroad of which no program has a record has nobody's word: it does not begin.
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
    ELSIF FOUND THEN
        PERFORM 1 FROM applications_offer AS offer
            JOIN applications_application AS application ON application.id = offer.application_id
            JOIN postings_posting AS posting ON posting.id = application.posting_id
            WHERE offer.id = NEW.offer_id AND posting.country = 'US';
    END IF;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'Work begins on a day that is cleared, and not before.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'placement_begins_cleared';
    END IF;
    RETURN NEW;
END $$;
"""

# What a record now keeps beside its dates, for records of before.
HOURS = """
UPDATE authorization_authorizationrecord AS record SET hours_week = offer.hours_week
    FROM applications_offer AS offer WHERE offer.authorization_id = record.id AND record.hours_week IS NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("placements", "0002_programs"), ("authorization", "0003_hours"), ("applications", "0015_promise")]

    operations = [
        migrations.RunSQL(GATE, migrations.RunSQL.noop),
        migrations.RunSQL(HOURS, migrations.RunSQL.noop),
    ]
