"""What students ask about an offer, for the tests of it."""

import datetime as dt

from applications import actions
from tests.applications.making import make_offer, student_of
from tests.factories import NOW

WISHED = dt.date(2026, 3, 20)


def ask_for_time(offer, **changes):
    data = {"by": student_of(offer), "words": "My exams end then.", "wished_day": WISHED, "now": NOW} | changes
    return actions.ask_for_time(offer, **data)


def ask_for_talk(offer, **changes):
    return actions.ask_for_talk(offer, **({"by": student_of(offer), "words": "Is it fair?", "now": NOW} | changes))


def accepted(offer=None):
    offer = offer or make_offer()
    return actions.accept_offer(offer, by=student_of(offer), now=NOW)


def ask_to_go_back(offer, **changes):
    return actions.ask_to_go_back(offer, **({"by": student_of(offer), "words": "I am ill.", "now": NOW} | changes))


def take_back(request, **changes):
    return actions.take_back_request(request, **({"by": request.student, "now": NOW} | changes))


def settled(request):
    request.refresh_from_db()
    return request.outcome, request.settled_by, request.settled_at
