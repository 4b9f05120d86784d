"""Real workers, really killed: nothing is lost, a kill doubles one mail at most, an orderly restart none."""

import pytest

from .conftest import CELERY, LOOP

pytestmark = pytest.mark.chaos

CELERY_WITH_BEAT = [*CELERY, "--beat"]


def test_hard_kills_and_a_flushed_broker_lose_nothing_and_double_one_each_at_most(site):
    notices, digests = set(range(40)), set(range(10_000, 10_160))
    site.manage("queue_letters", f"--notices={len(notices)}", f"--digests={len(digests)}")
    workers = [site.start(command) for command in (LOOP, LOOP, CELERY_WITH_BEAT)]
    rounds = [("before", "after", "after"), ("after", "before", "before")]
    for moments in rounds:
        for worker, moment in zip(workers, moments, strict=True):
            worker.office.set_trap(moment, let_pass=10)
        site.kill_each_in_its_trap()
        for worker in workers:
            worker.start()
    site.wait_until_done()
    kills = 6

    copies, uncertain = site.copies(), site.numbers("uncertain")
    assert site.caught() >= kills, "a kill did not meet a worker with a mail in hand"
    doubled = {number: count for number, count in copies.items() if count > 1}
    assert site.numbers("sent") == (notices | digests) - uncertain
    assert notices - set(copies) == set(), "a mail that must arrive is lost"
    assert digests - set(copies) <= uncertain, "a digest is lost and nobody can see it"
    assert sum(count - 1 for count in doubled.values()) + len(uncertain) <= kills
    assert set(doubled) & digests == set(), "a digest came twice"
    assert uncertain <= digests
    for number in doubled:
        ids = {mail["Message-ID"] for mail in site.mails if mail["Subject"] == f"Letter {number}"}
        assert len(ids) == 1


def test_a_ring_brings_a_worker_and_orderly_restarts_lose_nothing_and_double_nothing(site):
    notices, digests = set(range(160)), set(range(10_000, 10_040))
    site.start(CELERY).wait_until_ready()
    site.manage("queue_letters", f"--notices={len(notices)}", f"--digests={len(digests)}")
    site.wait_for_mails(10)  # nothing but the ring can have brought these: there is no beat and no loop yet
    site.start(LOOP)
    for restart in range(1, 4):
        site.wait_for_mails(restart * 40)
        worker = site.workers[restart % 2]
        worker.wait_until_ready()
        assert worker.stop() == 0
        worker.start()
    site.wait_until_done()

    copies = site.copies()
    assert set(copies) == notices | digests
    assert set(copies.values()) == {1}
    assert site.states() == {"sent": 200}
