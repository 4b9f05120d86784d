import datetime as dt

import pytest
from django.urls import reverse

from accounts.roles import Role
from campus import actions, closures
from campus.calendar import ONE_DAY, ClosedDays, federal_holidays
from campus.closures import Moves
from campus.forms import ClosureListForm, as_csv
from campus.models import Closure
from tests.factories import make_staff, make_student

CHRISTMAS = dt.date(2026, 12, 25)
NOW = dt.datetime(2026, 3, 2, 15, tzinfo=dt.UTC)
IMPORT = "admin:campus_closure_import"


@pytest.fixture
def mo(db):
    return make_staff(Role.MODERATOR, "Mo Okafor")


@pytest.fixture
def told(monkeypatch):
    """A callback like those of apps above, and what it was told."""
    calls = []

    def recount(*, calendar, by, now):
        names = list(Closure.objects.values_list("name", flat=True))
        assert [one.name for one in calendar.closures] == names
        calls.append((by, now, names))
        return 3

    def preview(*, calendar, now):
        calls.append([one.name for one in calendar.closures])
        return Moves()

    monkeypatch.setattr(closures, "_callbacks", {})
    closures.on_change(recount, preview=preview)
    closures.on_change(recount, preview=preview)
    return calls


@pytest.fixture
def moderator(client, mo):
    client.force_login(mo, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def closure(name="Snow", day=CHRISTMAS):
    return Closure(name=name, first_day=day, last_day=day)


def test_every_change_is_told_once_with_the_days_as_they_are_then(told, mo):
    snow = closure()
    assert actions.change_closures(added=[snow], by=mo, now=NOW) == 3
    snow.name, snow.first_day = "Blizzard", CHRISTMAS - ONE_DAY
    assert actions.change_closures(changed=[snow], by=mo, now=NOW) == 3
    assert actions.change_closures(removed=[snow], by=mo, now=NOW) == 3
    assert told == [(mo, NOW, ["Snow"]), (mo, NOW, ["Blizzard"]), (mo, NOW, [])]


def test_where_the_same_days_stay_closed_nothing_is_counted(told, mo):
    recess = Closure(name="Recess", first_day=CHRISTMAS, last_day=CHRISTMAS + 3 * ONE_DAY)  # Friday to Monday
    actions.change_closures(added=[recess], by=mo, now=NOW)
    told.clear()
    recess.name = "Winter recess"
    weekend = closure("Fair", CHRISTMAS + ONE_DAY)
    covered = closure("Christmas", CHRISTMAS)
    for change in ({"changed": [recess]}, {"added": [weekend, covered]}):
        assert actions.preview_closures(now=NOW, **change) == Moves()
        assert actions.change_closures(by=mo, now=NOW, **change) == 0
    assert actions.change_closures(removed=[covered], by=mo, now=NOW) == 0
    assert told == []
    assert sorted(Closure.objects.values_list("name", flat=True)) == ["Fair", "Winter recess"]
    recess.last_day = CHRISTMAS + 2 * ONE_DAY  # Monday is open again
    actions.preview_closures(changed=[recess], now=NOW)
    assert told == [["Winter recess", "Fair"]]


def test_a_change_that_cannot_be_followed_is_no_change(mo, monkeypatch):
    def fails(*, calendar, by, now):
        raise RuntimeError("no")

    monkeypatch.setattr(closures, "_callbacks", {fails: Moves})
    with pytest.raises(RuntimeError):
        actions.change_closures(added=[closure()], by=mo)
    assert not Closure.objects.exists()


def test_an_import_adds_what_is_not_listed_under_any_name(told, mo):
    actions.change_closures(added=[closure("Christmas")], by=mo, now=NOW)
    rows = [
        ClosedDays(CHRISTMAS, CHRISTMAS, "Christmas Day"),
        ClosedDays(dt.date(2026, 7, 3), dt.date(2026, 7, 3), "July 4"),
    ]
    added, moved = actions.import_closures([*rows, *rows], source="A list", verified_on=NOW.date(), by=mo, now=NOW)
    assert moved == 3
    assert [(one.name, one.source, one.last_verified) for one in added] == [("July 4", "A list", NOW.date())]
    assert actions.import_closures(rows, source="A list", verified_on=None, by=mo, now=NOW) == ([], 0)
    assert len(told) == 2


def parsed(text):
    form = ClosureListForm({"rows": text})
    return form.cleaned_data["rows"] if form.is_valid() else form.errors["rows"]


def test_a_list_is_read_with_or_without_a_heading():
    text = 'name,first_day,last_day\nWinter closing, 2026-12-24, 2027-01-01\n\n"Recess, ""fall""", 2026-10-12'
    rows = [
        ClosedDays(dt.date(2026, 10, 12), dt.date(2026, 10, 12), 'Recess, "fall"'),
        ClosedDays(dt.date(2026, 12, 24), dt.date(2027, 1, 1), "Winter closing"),
    ]
    assert sorted(parsed(text)) == rows
    assert sorted(parsed(as_csv(rows))) == rows


@pytest.mark.parametrize(
    ("text", "errors"),
    [
        ("Snow", ["Line 1: write a name, the first day and the last day, with commas between."]),
        ("Snow, 12/24/2026", ["Line 1: “12/24/2026” is no date like 2026-12-24."]),
        ("Snow,", ["Line 1: the first day is missing."]),
        (
            "Ice, 2026-12-24\nSnow, 2026-12-24, 2026-12-23",
            ["Line 2: the last day must be on or after the first, and within 200 days of it."],
        ),
        (
            "Snow, 2026-12-24, 2206-12-24",
            ["Line 1: the last day must be on or after the first, and within 200 days of it."],
        ),
        ("name, first", ["Write at least one closure."]),
        ('"Snow', ["Line 1: write a name, the first day and the last day, with commas between."]),
    ],
)
def test_a_line_that_cannot_be_read_is_named(text, errors):
    assert parsed(text) == errors


def test_a_year_of_federal_holidays_is_shown_and_then_added(moderator, told):
    Closure.objects.create(name="Christmas", first_day=CHRISTMAS, last_day=CHRISTMAS)
    url = reverse(IMPORT)
    assert moderator.get(url).status_code == 200
    preview = moderator.post(url, {"federal": "1", "year": "2026"})
    assert preview.status_code == 200
    assert {row.name: listed for row, listed in preview.context["preview"]}["Christmas Day"] is True
    assert Closure.objects.count() == 1
    data = {"apply": "1", "rows": preview.context["text"], "source": preview.context["source"]}
    assert moderator.post(url, data).status_code == 302
    assert Closure.objects.count() == len(federal_holidays(2026))
    names = sorted(name for name in federal_holidays(2026).values() if name != "Christmas Day")
    assert [sorted(called if isinstance(called, list) else called[2]) for called in told] == [["Christmas", *names]] * 2


def test_a_list_is_shown_and_then_added(moderator):
    url, rows = reverse(IMPORT), "Winter closing, 2026-12-24, 2027-01-01"
    preview = moderator.post(url, {"preview": "1", "rows": rows, "source": "Registrar"})
    assert "Winter closing" in preview.content.decode()
    shown = {"rows": preview.context["text"], "source": "Registrar"}
    again = moderator.post(url, {"change": "1", **shown})
    assert again.status_code == 200
    assert "Winter closing" in again.context["pasted"]["rows"].value()
    assert not Closure.objects.exists()
    moderator.post(url, {"apply": "1", **shown})
    assert list(Closure.objects.values_list("name", "source")) == [("Winter closing", "Registrar")]


@pytest.mark.parametrize(
    "data", [{"federal": "1", "year": "x"}, {"preview": "1", "rows": "Snow"}, {"apply": "1"}, {"what": "1"}]
)
def test_an_import_that_cannot_be_read_is_given_back(moderator, data):
    assert moderator.post(reverse(IMPORT), data).status_code == 422
    assert not Closure.objects.exists()


def test_the_admin_tells_of_each_change(moderator, told, mo):
    add = reverse("admin:campus_closure_add")
    days = {"first_day": "2026-12-24", "last_day": "2026-12-24"}
    moderator.post(add, {"name": "Snow", **days})
    key = Closure.objects.get().pk
    later = {"first_day": "2026-12-24", "last_day": "2026-12-25"}
    moderator.post(reverse("admin:campus_closure_change", args=[key]), {"name": "Ice", **later})
    moderator.post(reverse("admin:campus_closure_delete", args=[key]), {"post": "yes"})
    looked, changed = told[:4:2], [*told[1:4:2], *told[4:]]  # what is added or changed is looked at first
    assert (looked, [names for _, _, names in changed]) == ([["Snow"], ["Ice"]], [["Snow"], ["Ice"], []])
    assert {by for by, _, _ in changed} == {mo}
    Closure.objects.bulk_create([closure("A"), closure("B")])
    keys = list(Closure.objects.values_list("pk", flat=True))
    chosen = {"action": "delete_selected", "_selected_action": keys, "post": "yes"}
    moderator.post(reverse("admin:campus_closure_changelist"), chosen)
    assert [names for _, _, names in told[5:]] == [[]]


def test_only_who_may_add_closures_imports_them(client, db):
    for person in (make_staff(Role.ADVISER), make_staff(Role.INTERNATIONAL_ADVISER)):
        client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        assert client.get(reverse(IMPORT)).status_code == 403
    client.force_login(make_student().user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(reverse(IMPORT)).status_code == 302


def test_the_settings_are_one_page(moderator):
    listing = moderator.get(reverse("admin:campus_programsettings_changelist"))
    page = reverse("admin:campus_programsettings_change", args=[1])
    assert listing.url == page
    assert moderator.get(page).status_code == 200
    assert moderator.get(reverse("admin:campus_programsettings_add")).status_code == 403
    assert moderator.post(reverse("admin:campus_programsettings_delete", args=[1])).status_code == 403
