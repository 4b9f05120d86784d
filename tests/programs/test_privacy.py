"""What a student settles with a program is read by her and by its managers: others neither read it nor notice it."""

import pytest
import time_machine

from programs.actions import mark_step, refuse
from programs.workflow import StepState
from tests.house.test_privacy import EVER_NEW, pages
from tests.house.world import ROLES, World

pytestmark = pytest.mark.django_db
REASON = "quaxolotl"
OWN = ("student", "program")
OTHERS = tuple(role for role in ROLES if role not in OWN)


@pytest.fixture
def world(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    world = World()
    with time_machine.travel(world.now, tick=False):
        yield world


def tell(world):
    mark_step(world.abroad.steps.get(name="Visa of the host country"), state=StepState.DONE, by=world.sana.user)
    refuse(world.abroad, note=REASON, by=world.people["program"])


def test_it_stands_where_it_may(world):
    tell(world)
    admin = f"/admin/programs/programrecord/{world.abroad.pk}/change/"
    own = world.abroad.get_absolute_url()
    assert {at for at, text in pages(world, "student").items() if REASON in text} == {own}
    assert {at for at, text in pages(world, "program").items() if REASON in text} == {own, admin}


@pytest.mark.parametrize("role", ["visitor", "classmate", "host", "adviser", "moderator", "international", "superuser"])
def test_nobody_else_reads_it_or_notices_it(world, role):
    assert role in OTHERS
    before = pages(world, role)
    tell(world)
    after = pages(world, role)
    changed = {at for at in after if after[at] != before[at]} - EVER_NEW
    # That a mail of this kind is in the outbox is for staff to see; not what it is about.
    assert {at for at in changed if not at.startswith("/admin/notifications/outboxmail/")} == set()
    assert [at for at, text in after.items() if REASON in text] == []
