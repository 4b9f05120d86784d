import datetime as dt

import pytest
from django.conf import settings

from applications.tasks import expire_offers
from applications.workflow import OfferStatus
from core import clock
from tests.applications.making import make_offer


def test_the_clock_rings_by_the_name_the_task_has():
    entry = settings.CELERY_BEAT_SCHEDULE["offers"]
    assert (entry["task"], entry["schedule"]) == (expire_offers.name, 60.0)


@pytest.mark.django_db
def test_the_task_lets_offers_expire():
    offer = make_offer(now=clock.now() - dt.timedelta(days=60))
    expire_offers()
    offer.refresh_from_db()
    assert offer.status == OfferStatus.EXPIRED
