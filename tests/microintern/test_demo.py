from collections import Counter

import pytest
from django.core.management import call_command

from accounts.models import User
from applications.models import Application, Offer
from microintern.demo.people import KENJI
from postings.actions import announce
from postings.models import Posting, PostingReport, SavedPosting, SavedSearch, Stream
from postings.workflow import Status
from programs.models import ProgramRecord


@pytest.mark.django_db
def test_the_demo_fills_an_empty_board_and_only_that(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    call_command("seed_demo", verbosity=0)
    states = Counter(Posting.objects.values_list("status", flat=True))
    assert (Posting.objects.count(), set(states)) == (240, set(Status.values))
    assert set(Posting.objects.values_list("stream__slug", flat=True)) == set(
        Stream.objects.values_list("slug", flat=True)
    )
    assert Posting.objects.values("title").distinct().count() == 240
    assert Posting.objects.values("brief").distinct().count() == 240
    assert Application.objects.exists()
    assert Offer.objects.exists()
    assert list(Posting.objects.filter(campus_only=True).values_list("status", flat=True)) == [Status.OPEN]
    abroad = ProgramRecord.objects.filter(program__managers__user__email=KENJI.email)
    standing = [(record.status, record.settled_at is not None) for record in abroad]
    assert sorted(standing) == [("cleared", True), ("open", False), ("open", True)]
    assert list(PostingReport.objects.waiting().values_list("posting__status", flat=True)) == [Status.OPEN]
    kept = SavedPosting.objects.values_list("student__user__name", "posting__status")
    assert Counter(kept) == {
        (name, status): count for name in ("Sana Iyer", "Theo Marsh") for status, count in (("open", 3), ("closed", 1))
    }
    assert SavedSearch.objects.count() == 4
    assert announce() > 0
    before = (User.objects.count(), Application.objects.count())
    call_command("seed_demo", "--if-empty", verbosity=0)
    with pytest.raises(SystemExit):
        call_command("seed_demo", verbosity=0)
    assert (User.objects.count(), Application.objects.count(), Posting.objects.count()) == (*before, 240)
