from collections import Counter

import pytest
from django.core.management import call_command

from accounts.models import User
from applications.models import Application, Case, Offer
from authorization.models import AuthorizationDocument, AuthorizationRecord
from authorization.workflow import Status as Authorization
from microintern.demo.people import KENJI
from placements.models import HoursEntry, Placement
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
    of_cast = Placement.objects.filter(offer__application__student__user__name__in=["Sana Iyer", "Theo Marsh"])
    assert Counter(of_cast.values_list("offer__application__student__user__name", "status")) == {
        ("Sana Iyer", "completed"): 1,
        ("Sana Iyer", "active"): 1,
        ("Sana Iyer", "awaiting_authorization"): 2,
        ("Theo Marsh", "deliverable_submitted"): 1,
        ("Theo Marsh", "ready"): 1,
        ("Theo Marsh", "awaiting_program"): 1,
    }
    assert set(HoursEntry.objects.values_list("placement__status", flat=True)) == {
        *("completed", "active", "deliverable_submitted")
    }
    assert {record.status for record in AuthorizationRecord.objects.all()} == set(Authorization.values)
    assert AuthorizationDocument.objects.get().record.openings.count() == 1
    assert Counter(case.what for case in Case.objects.all()) == {
        "Offer rescinded": 1,
        "Going back on the acceptance asked for": 1,
        "Student went back on the acceptance": 1,
    }
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
