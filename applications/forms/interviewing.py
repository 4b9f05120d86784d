import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone

from applications.models import MOST_TIMES, Interview, InterviewMode, InterviewTime
from applications.models.interview import LONGEST, SHORTEST
from applications.wording import place_name
from core import clock
from core.forms import Fieldset

YEAR = dt.timedelta(days=366)
TIMES = tuple(f"time_{number}" for number in range(1, MOST_TIMES + 1))


class BoardTimeField(forms.DateTimeField):
    """A date and time on the board's clock. One that this clock skips, or shows twice, is refused with the reason."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    default_error_messages = {
        "invalid": "Enter the date and time, such as 2026-03-02 14:30.",
        "skipped": "Clocks go forward over this time, so it does not exist on that day. Choose another.",
        "twice": "Clocks go back on that day and show this time twice. Choose one before or after that hour.",
    }

    def to_python(self, value: Any) -> dt.datetime | None:
        try:
            return super().to_python(value)
        except ValidationError as error:
            if error.code == "ambiguous_timezone" and error.params:
                raise self._refusal(error.params["datetime"]) from error
            raise

    def _refusal(self, wall: dt.datetime) -> ValidationError:
        zone = timezone.get_current_timezone()
        try:
            shown = wall.replace(tzinfo=zone).astimezone(dt.UTC).astimezone(zone).replace(tzinfo=None)
        except OverflowError:
            return ValidationError(self.error_messages["invalid"], code="invalid")
        code = "twice" if shown == wall else "skipped"
        return ValidationError(self.error_messages[code], code=code)


def _time(number: int) -> BoardTimeField:
    return BoardTimeField(label=f"Time {number}", required=number == 1)


class PlaceForm(forms.Form):
    """How people meet, and where."""

    mode = forms.ChoiceField(label="How you meet", choices=InterviewMode, widget=forms.RadioSelect)
    note = forms.CharField(
        label="What the student should know",
        help_text="The link, number or address, and who takes part. The student reads it.",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class InterviewForm(PlaceForm):
    """One to five times of one length, for the student to pick from."""

    time_1, time_2, time_3, time_4, time_5 = (_time(number) for number in range(1, MOST_TIMES + 1))
    minutes = forms.IntegerField(label="Length in minutes", min_value=SHORTEST, max_value=LONGEST, initial=30)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone = place_name(settings.TIME_ZONE, clock.now())
        self.fieldsets = [
            Fieldset("Times to choose from", TIMES, hint=f"One to {MOST_TIMES}, in {zone}. The student picks one."),
            Fieldset("The talk", ("minutes", "mode", "note")),
        ]

    @classmethod
    def initial_of(cls, interview: Interview) -> dict[str, Any]:
        return {"minutes": interview.minutes, "mode": interview.mode, "note": interview.note}

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        now, seen = clock.now(), set()
        for name in TIMES:
            time = data.get(name)
            if time is None:
                continue
            if not now < time < now + YEAR:
                self.add_error(name, "Choose a time that is still to come, within a year.")
            elif time in seen:
                self.add_error(name, "This time stands here already. Choose another, or leave it empty.")
            seen.add(time)
        return data

    @property
    def proposal(self) -> dict[str, Any]:
        """What the actions take."""
        data = self.cleaned_data
        times: Sequence[dt.datetime] = [data[name] for name in TIMES if data.get(name)]
        return {"times": times, **{name: data[name] for name in ("minutes", "mode", "note")}}


class TimeForm(forms.Form):
    """Which of the times is picked; a button for each sends it."""

    time = forms.ModelChoiceField(InterviewTime.objects.none())

    def __init__(self, *args: Any, interview: Interview, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time"].queryset = interview.times.all()  # type: ignore[attr-defined]
