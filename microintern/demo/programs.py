"""Programs abroad: one that Kenji looks after, one that nobody does yet, and countries without any."""

import datetime as dt

from accounts.models import User
from microintern.demo import story
from programs import actions
from programs.models import Program, ProgramRecord
from programs.workflow import StepState

DAY = dt.timedelta(days=1)
EURASIA = "\n\n".join(
    (
        "Write to us before you accept: we tell you what the project will cost, and what we can pay for.",
        "After your yes we meet online within a week, and go through the checklist together.",
        "If you work on site, we book travel with you; if you work from here, we agree on hours with your host.",
        "We clear you as soon as the last step is settled, usually within two business days.",
    )
)
AMERICAS = "We help with travel grants and housing. Plan five weeks between your acceptance and the first day."


def load_programs(*, by: User, manager: User, now: dt.datetime) -> None:
    eurasia = _program("Europe and Asia Program", "eurasia@example.edu", EURASIA, [*story.EURASIA], now)
    eurasia.steps.create(name="Language and culture evening", hint="Once, before you leave or begin.", position=9)
    actions.grant_manager(eurasia, user=manager, by=by, now=now - 90 * DAY)
    _program("Americas Program", "americas@example.edu", AMERICAS, ["BR", "CA", "CL", "MX"], now)


def _program(name: str, email: str, how: str, countries: list[str], now: dt.datetime) -> Program:
    program = Program.objects.create(
        name=name,
        contact_email=email,
        how_it_works=how,
        link=f"https://global.example.edu/{name.split()[0].lower()}",
        source="The program’s handbook",
        last_verified=now.date() - 40 * DAY,
    )
    for country in countries:
        program.countries.create(country=country)
    return program


def go_abroad(now: dt.datetime) -> None:
    """What was accepted abroad is on its way: the first has begun, the second is settled, the third is cleared."""
    records = ProgramRecord.objects.filter(program__managers__isnull=False).order_by("starts", "pk")
    for settled, record in enumerate(records[:3]):
        _on_its_way(record, settled, now)


def _on_its_way(record: ProgramRecord, settled: int, now: dt.datetime) -> None:
    manager = record.program.managers.get().user
    steps = list(record.steps.all())
    for step in steps if settled else steps[:2]:
        actions.mark_step(step, state=StepState.DONE, by=manager, now=now - DAY / 6)
    if settled > 1:
        dates = {"cleared_from": record.starts, "cleared_until": record.ends}
        actions.clear(record, **dates, by=manager, note="Have a good time.", now=now - DAY / 8)
