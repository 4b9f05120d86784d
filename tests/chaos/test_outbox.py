"""Real workers, really killed: nothing is lost, a kill doubles one mail at most, an orderly restart none.

`bin/test --long tests/chaos/test_outbox.py` is 6,000 mails and 4 workers, with 100 kills and with 100 restarts.
"""

import pytest

from .kit import CELERY, CELERY_WITH_BEAT, LOOP

pytestmark = pytest.mark.chaos

MOMENTS = [("before", "after", "after", "before"), ("after", "before", "before", "after")]


def test_hard_kills_and_a_flushed_broker_lose_nothing_and_double_one_each_at_most(site, at_length, tell):
    notices, digests = set(range(at_length(40, 3000))), set(range(10_000, 10_000 + at_length(160, 3000)))
    site.queue(notices=notices, digests=digests)
    workers = [site.start(command) for command in at_length((LOOP, LOOP), (LOOP, LOOP, CELERY_WITH_BEAT))]
    workers.append(site.start(CELERY_WITH_BEAT))  # each with a beat: whoever is left alone in a round is still rung
    rounds = at_length(2, 25)
    for number in range(rounds):
        for worker, moment in zip(workers, MOMENTS[number % 2], strict=False):
            worker.office.set_trap(moment, let_pass=at_length(10, 50))
        site.kill_each_in_its_trap()
        for worker in workers:
            worker.start()
    site.wait_until_done()
    kills = rounds * len(workers)

    copies, uncertain = site.copies(), site.numbers("uncertain")
    doubled = {number: count for number, count in copies.items() if count > 1}
    extras = sum(count - 1 for count in doubled.values())
    tell(
        mails=len(notices | digests),
        workers=len(workers),
        kills=kills,
        caught=site.caught(),
        lost=len((notices | digests) - set(copies) - uncertain),
        extras=extras,
        uncertain=len(uncertain),
    )
    assert site.caught() >= kills, "a kill did not meet a worker with a mail in hand"
    assert site.numbers("sent") == (notices | digests) - uncertain
    assert notices - set(copies) == set(), "a mail that must arrive is lost"
    assert digests - set(copies) <= uncertain, "a digest is lost and nobody can see it"
    assert extras + len(uncertain) <= kills
    assert set(doubled) & digests == set(), "a digest came twice"
    assert uncertain <= digests
    for number in doubled:
        ids = {mail["Message-ID"] for mail in site.mails if mail["Subject"] == f"Letter {number}"}
        assert len(ids) == 1


def test_a_ring_brings_a_worker_and_orderly_restarts_lose_nothing_and_double_nothing(site, at_length, tell):
    notices, digests = set(range(at_length(160, 3000))), set(range(10_000, 10_000 + at_length(40, 3000)))
    site.start(CELERY).wait_until_ready()
    site.queue(notices=notices, digests=digests)
    site.wait_for_mails(10)  # nothing but the ring can have brought these: there is no beat and no loop yet
    for command in at_length([LOOP], [LOOP, LOOP, CELERY_WITH_BEAT]):
        site.start(command)
    restarts = at_length(3, 100)
    site.restart_in_turn(restarts, let_pass=15)
    waiting = site.unfinished()
    site.wait_until_done()

    copies = site.copies()
    tell(
        mails=len(notices | digests),
        workers=len(site.workers),
        restarts=restarts,
        lost=len((notices | digests) - set(copies)),
        extras=len(site.mails) - len(copies),
        left_after_the_last_restart=waiting,
    )
    assert set(copies) == notices | digests
    assert set(copies.values()) == {1}
    assert site.states() == {"sent": len(notices | digests)}
