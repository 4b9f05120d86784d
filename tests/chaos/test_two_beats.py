"""Two beats by mistake: what both plan is one row, and one mail.

`bin/test --long tests/chaos/test_two_beats.py` is 3,000 letters and 3,000 reminders.
"""

import pytest

from .kit import CELERY_WITH_BEAT

pytestmark = pytest.mark.chaos

FIRST_REMINDER = 20_000


def test_two_beats_double_nothing(site, at_length, tell):
    notices = set(range(at_length(20, 3000)))
    reminders = set(range(FIRST_REMINDER, FIRST_REMINDER + at_length(100, 3000)))
    site.environment |= {"LETTERS_REMINDERS": str(len(reminders)), "CHAOS_SWEEP_SECONDS": "0.5"}
    workers = [site.start(CELERY_WITH_BEAT) for _ in range(2)]
    for worker in workers:
        worker.wait_until_ready()
    site.queue(notices=notices, digests=[])
    site.wait_until(lambda: site.planned("letters.reminder") >= len(reminders), "the last reminder to be planned")
    site.wait_until_done()
    sweeps = [worker.log.read_text().count("Task notifications.tasks.sweep[") for worker in workers]
    beats = [worker.log.read_text().count("Sending due task sweep") for worker in workers]

    copies = site.copies()
    tell(
        mails=len(notices | reminders),
        beats=len(beats),
        ticks=sum(beats),
        sweeps=sum(sweeps) // 2,
        planned=site.planned("letters.reminder"),
        lost=len((notices | reminders) - set(copies)),
        extras=len(site.mails) - len(copies),
    )
    assert min(beats) > 0
    assert min(sweeps) > 0, "one worker alone did every sweep"
    assert site.planned("letters.reminder") == len(reminders)
    assert set(copies) == notices | reminders
    assert set(copies.values()) == {1}
    assert site.states() == {"sent": len(notices | reminders)}
