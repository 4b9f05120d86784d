import datetime as dt

import pytest
from django.test import Client

from accounts.roles import Role
from applications.actions import accept_offer
from authorization.actions import declare
from authorization.models import Route
from campus.models import Term
from tests.applications.making import TERMS, host_of, make_application, make_offer, student_of
from tests.factories import make_staff, make_student

D = dt.date


def seen(user, offer):
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = client.get(offer.get_absolute_url())
    return [week.hours for week in page.context.get("weeks_over") or []], "More hours in term" in page.content.decode()


@pytest.mark.django_db
def test_the_student_alone_is_warned_before_a_second_yes(at_noon):
    Term.objects.create(name="Spring 2026", first_day=D(2026, 2, 2), last_day=D(2026, 5, 15))
    Route.objects.update(weekly_cap=20)
    sana = make_student()
    declare(sana, needs="yes", route="cpt", by=sana.user)
    first, second = (make_offer(make_application(student=sana)) for _ in range(2))
    assert seen(sana.user, second) == ([], False)
    accept_offer(first, by=sana.user)
    hours = 2 * TERMS.hours_week
    assert seen(sana.user, second) == ([hours, hours], True)
    for user in (host_of(second.application), make_staff(Role.ADVISER)):
        assert seen(user, second) == ([], False)
    declare(sana, needs="no", by=sana.user)
    assert seen(student_of(second), second) == ([], False)
