import datetime as dt
from copy import copy
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from authorization.actions.approving import MOST_HOURS
from authorization.actions.routes import NO_REASON
from authorization.models import FIGURES, Route
from authorization.rules import Effect, effect_of, version
from authorization.workflow import Extent, Needs, RouteKind
from core import clock
from core.uploads import CHOOSE, UploadField

ROUTES = [
    (kind.value, kind.label) for kind in (RouteKind.CPT, RouteKind.OPT, RouteKind.AT, RouteKind.VISA, RouteKind.UNSURE)
]


class DeclarationForm(forms.Form):
    needs = forms.ChoiceField(
        label="Do you need work authorization before you can begin a project?",
        choices=[
            (Needs.YES.value, "Yes, for example on an F-1 or J-1 visa"),
            (Needs.NO.value, "No"),
            (Needs.UNSAID.value, "Prefer not to say"),
        ],
        widget=forms.RadioSelect,
        help_text="Only you and the international advisors can read this. Hosts and career staff cannot.",
        error_messages={"required": "Choose Yes, No or Prefer not to say."},
    )
    route = forms.ChoiceField(
        label="If yes, by which route?",
        choices=ROUTES,
        widget=forms.RadioSelect,
        required=False,
        help_text="“Not sure” is a fine answer: every route is shown to you then.",
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("needs") == Needs.YES and not cleaned.get("route") and "route" not in self.errors:
            self.add_error("route", "Choose a route, or “Not sure”.")
        return cleaned


def _planned(label: str, help_text: str, **more: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": "Enter a date, for example 2027-01-11."},
        validators=[
            MinValueValidator(dt.date(2000, 1, 1), "Enter a year after 2000."),
            MaxValueValidator(dt.date(2099, 12, 31), "Enter a year before 2100."),
        ],
        **more,
    )


class PlanForm(forms.Form):
    """Sent by GET: nothing is stored."""

    start = _planned("I would like to start on", "The first day of work. Orientation counts as work.")
    end = _planned("Last day of work", "An approval that you have already must cover it too.", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["start"].error_messages["required"] = "Enter the day on which you would like to start."

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        start, end = cleaned.get("start"), cleaned.get("end")
        if start and end and end < start:
            self.add_error("end", "The last day of work must not be before the first.")
        return cleaned


class FilingForm(forms.Form):
    filed_on = forms.DateField(
        label="Filed on",
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="The day your request went to the office that decides.",
        error_messages={"required": "Enter the day you filed.", "invalid": "Enter a date, for example 2026-09-07."},
    )

    def clean_filed_on(self) -> Any:
        day = self.cleaned_data["filed_on"]
        if day > clock.today():
            raise forms.ValidationError("The day of filing cannot be in the future.")
        return day


class NoteForm(forms.Form):
    note = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        required=False,
        help_text="The student reads it on the record's page.",
    )


class ReasonForm(NoteForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].required = True
        self.fields["note"].label = "Reason"


class WordsForm(ReasonForm):
    """What an advisor says or asks."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].label = "Your words"


class AdvisingForm(NoteForm):
    route = forms.ChoiceField(
        choices=[("", "As it is"), *ROUTES], required=False, help_text="The route that you have agreed on."
    )
    field_order = ["route", "note"]


class AttemptForm(forms.Form):
    """The student has met the advisor, and says what they agreed on."""

    route = forms.ChoiceField(
        label="Which route have you agreed on with the international advisor?",
        choices=[choice for choice in ROUTES if choice[0] != RouteKind.UNSURE],
        widget=forms.RadioSelect,
        required=False,
        error_messages={"invalid_choice": "Choose one of the routes listed."},
    )

    def __init__(self, *args: Any, without: str = "", required: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        route: Any = self.fields["route"]
        route.choices = [choice for choice in route.choices if choice[0] != without]
        route.required = required
        route.error_messages["required"] = "Choose the route that you have agreed on."


class TickForm(forms.Form):
    number = forms.CharField(
        label="Number on it", max_length=60, error_messages={"required": "Enter the number, for example IOE0912345678."}
    )
    day = forms.DateField(
        label="Date on it",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "Enter the date.", "invalid": "Enter a date, for example 2026-09-07."},
    )


class DocumentForm(forms.Form):
    file = UploadField(help_text=f"{CHOOSE} It is kept encrypted.")

    def __init__(self, *args: Any, label: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].label = label


class AnswerForm(forms.Form):
    words = forms.CharField(
        label="Your answer",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        help_text="Only you and the international advisors can read it.",
        error_messages={"required": "Write an answer first."},
    )


class AdviserFilingForm(FilingForm, NoteForm):
    field_order = ["filed_on", "note"]


class ApprovalForm(NoteForm):
    valid_from = forms.DateField(label="Approved from", widget=forms.DateInput(attrs={"type": "date"}))
    valid_until = forms.DateField(label="Approved until", widget=forms.DateInput(attrs={"type": "date"}))
    hours_week = forms.IntegerField(
        label="Authorized hours a week",
        required=False,
        min_value=1,
        max_value=MOST_HOURS,
        help_text="Leave it empty where they are those that were agreed.",
    )
    extent = forms.ChoiceField(
        label="Part-time or full-time",
        choices=Extent.choices,
        required=False,
        help_text="The cap on hours in term holds part-time. The student reads it.",
    )
    still_cleared = forms.CharField(
        label="Still cleared because",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        required=False,
        help_text="Needed where all of the student’s work together is over the cap in term. The student reads it in "
        "the history of the record, and nobody else but the international advisors.",
    )
    field_order = ["valid_from", "valid_until", "hours_week", "extent", "still_cleared", "note"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("valid_from"), cleaned.get("valid_until")
        if first and last and last < first:
            self.add_error("valid_until", "The last approved day must not be before the first.")
        return cleaned


class RouteForm(forms.ModelForm):
    """A row of figures. Where they change, why is asked for, and what the change does is told before it is saved."""

    link = forms.URLField(required=False, assume_scheme="https", help_text="Where a student reads on.")
    why = forms.CharField(
        required=False, max_length=300, help_text="Needed where a figure changes. Kept in the history of the row."
    )
    confirmed = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Route
        fields = (
            *("kind", "name", "who_decides", "proof", "link", "position", "preparation_days", "lead_days"),
            *("lead_unit", "post_days", "typical_days", "earliest_days", "after_offer", "employer_specific"),
            *("weekly_cap", "source", "last_verified"),
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        changed = sorted(FIGURES & {*self.changed_data})
        if self.instance.pk is None or not changed or self.errors:
            return cleaned
        if not cleaned.get("why", "").strip():
            self.add_error("why", NO_REASON)
            return cleaned
        self._tell_first(version(self.instance.pk, [(name, cleaned[name]) for name in changed]), cleaned)
        return cleaned

    def _tell_first(self, figures: str, cleaned: dict[str, Any]) -> None:
        if cleaned.get("confirmed") == figures:
            return
        after = copy(self.instance)
        for name in FIGURES:
            setattr(after, name, cleaned[name])
        data: Any = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict
        data["confirmed"] = figures
        self.data = data
        self.add_error(None, _told(effect_of(self.instance, after, clock.today())))


def _told(effect: Effect) -> str:
    records = "1 open record counts" if effect.records == 1 else f"{effect.records} open records count"
    verdicts = ", ".join(f"{number} from {before} to {after}" for (before, after), number in effect.verdicts.items())
    changed = (
        f"for {effect.verdicts.total()} of them the verdict changes ({verdicts})" if verdicts else "no verdict changes"
    )
    return (
        f"Nothing is saved yet. {records} with this row; once the new figures are verified, {changed}. Until then the "
        "row sends students to the international office. Save again to go ahead."
    )
