"""What Sana and Theo keep for later. Their alerts began three days ago, so that a first mail is on its way at once."""

import datetime as dt

from pyroaring import BitMap

from accounts.models import StudentProfile
from microintern.demo.people import SANA, THEO, Person
from postings.actions import save_posting, save_search
from postings.models import Frequency, Posting
from postings.workflow import Status

DAY = dt.timedelta(days=1)
SEARCHES = {
    SANA: [
        ("stream=data-analytics&stream=software-engineering", Frequency.AT_ONCE),
        ("pay=20&location=remote&authorization=cpt", Frequency.WEEKLY),
    ],
    THEO: [("q=budget", Frequency.DAILY), ("label=alumni-host&type=micro-internship", Frequency.NONE)],
}


def keep(now: dt.datetime) -> None:
    for number, person in enumerate((SANA, THEO)):
        student = StudentProfile.objects.get(user__email=person.email)
        for posting in _chosen(number):
            save_posting(posting, by=student.user, now=now - DAY)
        _searches(student, person, now - 3 * DAY)


def _chosen(number: int) -> list[Posting]:
    """Three that are open and one that has closed since."""
    return [
        posting
        for status, count in ((Status.CLOSED, 1), (Status.OPEN, 3))
        for posting in Posting.objects.filter(status=status).order_by("pk").defer("search")[number * 3 :][:count]
    ]


def _searches(student: StudentProfile, person: Person, began: dt.datetime) -> None:
    published = Posting.objects.filter(published_at__lte=began)
    for address, frequency in SEARCHES[person]:
        search = save_search(address, by=student.user, frequency=frequency, now=began)
        if search.seen:
            search.seen_postings &= BitMap(published.values_list("pk", flat=True))
            search.save(update_fields=["seen"])
