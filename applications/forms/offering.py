import datetime as dt
from typing import Any

from django import forms

from applications.actions import Terms
from applications.actions.offers import too_few_days
from applications.models import Application
from core import clock
from core.forms import Fieldset
from postings.models import PayKind

YEAR = dt.timedelta(days=366)


def _date(label: str, hint: str = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        help_text=hint,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Enter a date, such as 2026-03-02."},
    )


NO_AMOUNT = "Enter the amount, above zero."


class OfferForm(forms.Form):
    starts_on = _date("First day")
    ends_on = _date("Last day")
    hours_week = forms.IntegerField(label="Hours a week", min_value=1, max_value=80)
    pay_kind = forms.ChoiceField(label="How it is paid", widget=forms.RadioSelect)
    pay_amount = forms.DecimalField(
        label="Amount",
        help_text="For each hour, or the whole fee.",
        max_digits=9,
        decimal_places=2,
        error_messages={"required": NO_AMOUNT},
    )
    currency = forms.CharField(label="Currency", min_length=3, max_length=3, help_text="Three letters, such as USD.")
    note = forms.CharField(
        label="What else is agreed", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )
    days = forms.IntegerField(label="Business days to decide", min_value=1, max_value=250)

    fieldsets = [
        Fieldset("When", ("starts_on", "ends_on", "hours_week")),
        Fieldset("Pay", ("pay_kind", "pay_amount", "currency")),
        Fieldset("Anything else", ("note",)),
        Fieldset("Time to decide", ("days",)),
    ]

    def __init__(self, *args: Any, application: Application, **kwargs: Any) -> None:
        kwargs["initial"] = self._from_posting(application) | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        self.application = application
        unpaid = application.posting.is_unpaid
        self.fields["pay_kind"].choices = [  # type: ignore[attr-defined]
            choice for choice in PayKind.choices if choice[0] != PayKind.UNPAID or unpaid
        ]
        self.fields["pay_amount"].required = not unpaid
        self.fields["days"].help_text = (
            f"At least {application.least_days}. The day of the offer does not count, nor do weekends and the days "
            "on which the university is closed."
        )

    @staticmethod
    def _from_posting(application: Application) -> dict[str, Any]:
        posting = application.posting
        start, weeks = posting.start_earliest, posting.weeks_max
        kind = posting.opportunity_type
        return {
            "starts_on": start,
            "ends_on": start + dt.timedelta(weeks=weeks, days=-1) if start and weeks else None,
            "hours_week": posting.hours_week_max,
            "pay_kind": posting.pay_kind,
            "pay_amount": posting.pay_amount,
            "currency": posting.currency,
            "days": application.waived_days or (kind.offer_days_recommended if kind else None),
        }

    def clean_currency(self) -> str:
        currency: str = self.cleaned_data["currency"].upper()
        if not (currency.isascii() and currency.isalpha()):
            raise forms.ValidationError("Enter the currency's three letters, such as USD.")
        return currency

    def clean_days(self) -> int:
        days: int = self.cleaned_data["days"]
        if days < self.application.least_days:
            raise forms.ValidationError(too_few_days(self.application))
        return days

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        starts_on, ends_on = data.get("starts_on"), data.get("ends_on")
        if starts_on and not clock.today() < starts_on < clock.today() + 2 * YEAR:
            self.add_error("starts_on", "The first day must be after today, and within two years.")
        elif starts_on and ends_on and not starts_on <= ends_on < starts_on + 2 * YEAR:
            self.add_error("ends_on", "The last day must not be before the first day, nor two years after it.")
        self._clean_pay(data)
        return data

    def _clean_pay(self, data: dict[str, Any]) -> None:
        if data.get("pay_kind") == PayKind.UNPAID:
            data["pay_amount"] = None
        elif "pay_amount" in data and not (data["pay_amount"] and data["pay_amount"] > 0):
            self.add_error("pay_amount", NO_AMOUNT)

    @property
    def terms(self) -> Terms:
        return Terms(**{name: value for name, value in self.cleaned_data.items() if name != "days"})


class ExtensionForm(forms.Form):
    last_day = _date("New last day", hint="The offer stays open until the end of this day.")
    reason = forms.CharField(
        required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}), help_text="The student reads it."
    )
