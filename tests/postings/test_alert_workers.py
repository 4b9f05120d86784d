"""Alerts by several workers at once, and whatever happens: told once, and never missed."""

import re
import threading
from collections import Counter

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, example, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from accounts.roles import Role
from notifications.models import OutboxMail
from notifications.workflow import State
from postings import actions, emails
from postings.actions import saving
from postings.models import Alert, Announcement, Frequency, Posting, SavedSearch, Stream
from postings.workflow import Status
from tests.factories import NOW, make_host, make_posting, make_staff, make_student
from tests.postings.alerting import (
    ANALYTICS,
    DAILY,
    DAY,
    HOUR,
    MINUTE,
    NEVER,
    ONCE,
    WEEKLY,
    announced,
    deliver,
    fresh,
    save,
    tick,
)

pytestmark = pytest.mark.django_db

# At the same time


@pytest.fixture
def at_once():
    """Calls that start together in threads of their own, each with a connection of its own."""

    def run(*calls):
        barrier, outcomes = threading.Barrier(len(calls)), []

        def one(call):
            try:
                barrier.wait()
                outcomes.append(call())
            except Exception as error:
                outcomes.append(repr(error))
            finally:
                connection.close()

        threads = [threading.Thread(target=one, args=[call]) for call in calls]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return outcomes

    return run


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_", range(3))
def test_workers_at_the_same_time_tell_each_posting_once_to_each_person(at_once, _):
    students = [make_student() for _ in range(3)]
    for student in students:
        for address in (ANALYTICS, "pay=paid", "location=remote", "q=survey"):
            save(student, address)
        save(student, "level=graduate", frequency=DAILY)
    host = make_host()
    postings = [make_posting(host=host, now=NOW + MINUTE) for _ in range(15)]
    counts = at_once(*[lambda: tick(NOW + DAY)] * 6)
    assert {type(count) for count in counts} == {int}, counts
    assert Counter(deliver(NOW + DAY)) == {
        (student.user.email, posting.pk): 1 for student in students for posting in postings
    }
    assert sum(counts) == OutboxMail.objects.filter(state=State.SENT).count()
    assert Announcement.objects.count() == 3 * 15


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("ending", ["commits", "fails"])
def test_two_searches_of_one_student_at_the_same_instant(sana, monkeypatch, ending):
    """The first has written its rows and waits before it commits; the second meets them and waits for it."""
    first, second = save(sana), save(sana, "pay=paid")
    posting = make_posting(now=NOW + MINUTE)
    written, go_on = threading.Event(), threading.Event()
    queue = emails.search_alert.queue

    def wait(*, subject_id, **options):
        if subject_id == first.pk:
            written.set()
            go_on.wait(20)
            if ending == "fails":
                raise ZeroDivisionError
        queue(subject_id=subject_id, **options)

    monkeypatch.setattr(type(emails.search_alert), "queue", lambda self, **options: wait(**options))
    outcomes = {}

    def run(search):
        try:
            outcomes[search.pk] = saving._announce(search.pk, NOW + MINUTE)
        except ZeroDivisionError:
            outcomes[search.pk] = "failed"
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[search]) for search in (first, second)]
    threads[0].start()
    assert written.wait(20)
    threads[1].start()
    blocked_until_then(threads[1])
    go_on.set()
    for thread in threads:
        thread.join()
    assert (
        outcomes == {first.pk: True, second.pk: False}
        if ending == "commits"
        else {
            first.pk: "failed",
            second.pk: True,
        }
    )
    assert announced(sana) == [posting.pk]
    assert OutboxMail.objects.count() == Alert.objects.count() == 1
    monkeypatch.undo()
    assert tick(NOW + HOUR) == 0


def blocked_until_then(thread):
    """Until the database says that somebody waits for somebody's transaction."""
    waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'transactionid' AND datname = current_database()"
    while thread.is_alive():
        with connection.cursor() as cursor:
            cursor.execute(waits)
            if cursor.fetchone()[0]:
                return
    pytest.fail("The second search waited for nobody.")


@pytest.mark.django_db(transaction=True)
def test_a_search_that_another_worker_has_in_hand_is_passed_by(sana):
    search = save(sana)
    make_posting(now=NOW + MINUTE)
    with transaction.atomic():
        SavedSearch.objects.select_for_update().get(pk=search.pk)
        outcomes = []
        thread = threading.Thread(target=lambda: (outcomes.append(tick(NOW + MINUTE)), connection.close()))
        thread.start()
        thread.join(20)
        assert (outcomes, thread.is_alive()) == ([0], False)
    assert tick(NOW + MINUTE) == 1


# Whatever happens


STREAMS = ("data-analytics", "human-resources")


SEARCHES = [
    ("Sana", "stream=data-analytics", ONCE),
    ("Sana", "stream=data-analytics&stream=human-resources", DAILY),
    ("Theo", "stream=human-resources", ONCE),
    ("Theo", "pay=paid&stream=data-analytics", WEEKLY),
]


step = st.one_of(
    st.tuples(st.sampled_from(["publish", "schedule"]), st.sampled_from(STREAMS)),
    st.tuples(st.sampled_from(["hold", "resume", "turn", "close"]), st.integers(0, 3)),
    st.tuples(st.just("pass"), st.sampled_from([MINUTE, 7 * HOUR, DAY, 8 * DAY])),
    st.tuples(st.sampled_from(["tick", "deliver"]), st.none()),
    st.tuples(st.sampled_from(["stop", "start"]), st.integers(0, len(SEARCHES) - 1)),
)


# A hold between the announcement and the mail: of one posting, and of the only one.
HELD_OF_TWO = [("publish", STREAMS[0])] * 2 + [("tick", None), ("hold", 2), ("deliver", None), ("resume", 2)]


HELD_OF_ONE = [("publish", STREAMS[1]), ("tick", None), ("hold", 2), ("deliver", None), ("resume", 2)]


class Board:
    """What happens, and beside it what a person would expect: who has been told of what, and who has seen what."""

    def __init__(self):
        SavedSearch.objects.all().delete()
        Alert.objects.all().delete()
        OutboxMail.objects.all().delete()
        Posting.objects.all().delete()
        self.now = NOW
        self.host, self.moderator = make_host(), make_staff(Role.MODERATOR)
        self.people = {name: make_student(name) for name in ("Sana", "Theo")}
        self.postings = []
        self.told = Counter()
        self.ever_owed = set()
        self.do("publish", STREAMS[0])
        self.do("publish", STREAMS[1])
        self.searches, self.seen = [], {}
        for name, address, frequency in SEARCHES:
            search = save(self.people[name], address, frequency, now=self.now)
            self.searches.append((search, self.people[name], address, frequency))
            self.seen[search.pk] = self.matching(address)

    def matching(self, address):
        streams = re.findall(r"stream=([\w-]+)", address)
        rows = [fresh(posting) for posting in self.postings]
        return {row.pk for row in rows if row.is_open_at(self.now) and row.stream.slug in streams}

    def do(self, verb, what):
        if verb in {"hold", "resume", "turn", "close"}:
            posting = fresh(self.postings[what % len(self.postings)])
            getattr(self, verb)(posting)
        else:
            getattr(self, verb if verb != "pass" else "wait")(what)

    def publish(self, slug):
        stream = Stream.objects.get(slug=slug)
        self.postings.append(make_posting(host=self.host, now=self.now, stream=stream))

    def schedule(self, slug):
        stream, opens = Stream.objects.get(slug=slug), self.now + 7 * HOUR
        options = {"opens_at": opens, "published_at": opens, "stream": stream}
        self.postings.append(make_posting(Status.SCHEDULED, host=self.host, now=self.now, **options))

    def hold(self, posting):
        if posting.status in (Status.OPEN, Status.SCHEDULED):
            actions.hold(posting, by=self.moderator, note="A report.", now=self.now)

    def resume(self, posting):
        if posting.status == Status.ON_HOLD:
            actions.resume(posting, by=self.moderator, now=self.now)

    def turn(self, posting):
        """An edit: into the other stream."""
        if posting.status in (Status.OPEN, Status.SCHEDULED, Status.ON_HOLD):
            posting.stream = Stream.objects.get(slug=STREAMS[posting.stream.slug == STREAMS[0]])
            actions.write(posting, by=self.host.user, now=self.now)

    def close(self, posting):
        if posting.status in (Status.OPEN, Status.ON_HOLD):
            actions.close(posting, by=self.host.user, now=self.now)

    def wait(self, span):
        self.now += span

    def stop(self, number):
        search, student, *_ = self.searches[number]
        actions.change_search(search, by=student.user, frequency=NEVER, now=self.now)
        self.seen.pop(search.pk, None)

    def start(self, number):
        search, student, address, frequency = self.searches[number]
        actions.change_search(search, by=student.user, frequency=frequency, now=self.now)
        self.seen.setdefault(search.pk, self.matching(address))

    def tick(self, _=None):
        """Whatever is owed at once is announced by the very next run."""
        tick(self.now)
        self.ever_owed |= self.owed()
        known = set(Announcement.objects.values_list("student__user__email", "posting"))
        assert self.owed(ONCE) - known == set(), "missed"

    def deliver(self, _=None):
        self.told.update(deliver(self.now))
        assert not self.told or max(self.told.values()) == 1, "told twice"

    def owed(self, *frequencies):
        """What a person would expect to have heard of by now: open, matching, not seen when the alert began."""
        return {
            (student.user.email, key)
            for search, student, address, frequency in self.searches
            if search.pk in self.seen and frequency in (frequencies or Frequency)
            for key in self.matching(address) - self.seen[search.pk]
        }

    def settle(self):
        """A week and a day later everybody has been due."""
        self.now += 8 * DAY
        self.deliver()
        self.tick()
        self.deliver()


@examples(max_examples=40, derandomize=True, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(step, min_size=3, max_size=25))
@example(HELD_OF_TWO)
@example(HELD_OF_ONE)
def test_whatever_happens_everybody_hears_of_everything_once_and_of_nothing_old(steps):
    board = Board()
    for verb, what in steps:
        board.do(verb, what)
    board.settle()
    assert board.owed() - set(board.told) == set(), "missed"
    assert set(board.told) - board.ever_owed == set(), "told what was not new"
