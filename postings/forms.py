import datetime as dt
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q
from django.forms.models import construct_instance
from django.utils import timezone
from django_countries import countries

from accounts.models import Host, Level, Organization, User
from core import clock
from core.forms import Fieldset
from postings import checks, rules, wording
from postings.models import (
    HOME_COUNTRY,
    HOME_CURRENCY,
    Frequency,
    MaterialKind,
    OpportunityType,
    PayKind,
    Posting,
    PostingReport,
    ReportReason,
    Supply,
    Weekday,
)
from postings.workflow import Status

CURRENCIES = ["USD", "CAD", "EUR", "GBP", "CHF", "JPY", "CNY", "INR", "SGD", "AUD", "NZD", "BRL", "MXN", "ZAR", "KRW"]
MOST_QUESTIONS = 3
LONGEST_QUERY = 8_000  # every choice of every facet, and a long question in letters that take twelve signs each
EARLIEST, LATEST = dt.date(2000, 1, 1), dt.date(2099, 12, 31)


def _date(label: str, help_text: str = "") -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    message = "Enter a date, such as 2026-05-18."
    return forms.DateField(
        label=label,
        help_text=help_text,
        required=False,
        widget=widget,
        error_messages={"invalid": message},
        validators=[
            MinValueValidator(EARLIEST, "Enter a year after 2000."),
            MaxValueValidator(LATEST, "Enter a year before 2100."),
        ],
    )


def _several(label: str, choices: Any, help_text: str = "") -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=choices, help_text=help_text, required=False, widget=forms.CheckboxSelectMultiple
    )


def _area(rows: int, **attrs: Any) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, **attrs})


class PostingForm(forms.ModelForm):
    """The whole posting on one page. A draft needs a title; anything more is checked with `complete`."""

    levels = _several("Who may apply", Level.choices)
    supplies = _several("What do you supply?", Supply.choices, "Say what the student can count on getting from you.")
    extra_materials = _several(
        "Anything beyond a resume and a cover letter?",
        MaterialKind.choices,
        "Every extra piece costs you applications. Ask only for what you will read.",
    )
    questions = forms.CharField(
        label="Questions for short answers",
        help_text=f"One a line, at most {MOST_QUESTIONS}. Of work authorization only two may be asked: "
        "“Are you authorized to work in the country?” and “Do you need sponsorship now or later?”.",
        required=False,
        widget=_area(3),
    )
    start_earliest = _date("Earliest start")
    start_latest = _date("Latest start")
    opens_at = _date("Show it from", "Leave empty to open as soon as it is approved.")
    apply_by = _date("Last day to apply", "Up to the end of that day. Leave empty to take applications as they come.")

    fieldsets = [
        Fieldset("The project", ("organization", "opportunity_type", "stream", "title", "brief", "deliverable")),
        Fieldset("What a student gains", ("learning_goals", "skills", "levels")),
        Fieldset(
            "Time",
            (
                *("weeks_min", "weeks_max", "hours_week_min", "hours_week_max", "total_hours"),
                *("start_earliest", "start_latest"),
            ),
        ),
        Fieldset(
            "Place", ("location_mode", "place", "region", "country", "street_address", "supplies", "supplies_note")
        ),
        Fieldset(
            "Pay and engagement",
            (
                *("pay_kind", "pay_amount", "currency", "unpaid_basis", "travel_costs_covered"),
                *("engagement_type", "credit_possible"),
            ),
        ),
        Fieldset("Mentor and feedback", ("mentor_name", "mentor_title", "mentor_email", "feedback_plan", "cohosts")),
        Fieldset(
            "Applications",
            ("positions", "opens_at", "apply_by", "answer_within", "extra_materials", "questions", "campus_only"),
            hint="Every application has a resume and a cover letter.",
        ),
    ]
    country = forms.ChoiceField(
        choices=lambda: list(countries),
        initial=HOME_COUNTRY,
        required=False,
        help_text="Yours, for remote work too. A host abroad makes it a global posting: a partner program of the "
        "university administers it, and the student begins once that program has cleared the project.",
        error_messages={"invalid_choice": "Choose a country from the list."},
    )

    # Drawn as required, and asked for when the posting must be complete.
    needed: tuple[str, ...] = (
        *("opportunity_type", "stream", "title", "brief", "deliverable", "levels", "hours_week_min"),
        *("hours_week_max", "start_earliest", "start_latest", "location_mode", "country", "pay_kind"),
        *("engagement_type", "mentor_name", "positions"),
    )
    # Drawn so too, and asked for by checks.missing alone: it depends on what else is filled in.
    usual = ("weeks_min", "weeks_max", "pay_amount", "currency")
    use_required_attribute = False

    class Meta:
        model = Posting
        fields = [
            *("organization", "opportunity_type", "stream", "title", "brief", "deliverable", "learning_goals"),
            *("skills", "levels", "weeks_min", "weeks_max", "hours_week_min", "hours_week_max", "total_hours"),
            *("start_earliest", "start_latest", "location_mode", "place", "region", "country", "street_address"),
            *("supplies", "supplies_note", "pay_kind", "pay_amount", "currency", "unpaid_basis"),
            *("travel_costs_covered", "engagement_type", "credit_possible", "mentor_name", "mentor_title"),
            *("mentor_email", "feedback_plan", "cohosts", "positions", "opens_at", "apply_by", "answer_within"),
            *("extra_materials", "questions", "campus_only"),
        ]
        labels = {
            "opportunity_type": "Opportunity type",
            "stream": "Stream of work",
            "brief": "Project brief",
            "deliverable": "Deliverable",
            "learning_goals": "What will the student learn?",
            "skills": "Helpful skills",
            "weeks_min": "Weeks, at least",
            "weeks_max": "Weeks, at most",
            "hours_week_min": "Hours a week, at least",
            "hours_week_max": "Hours a week, at most",
            "location_mode": "Where is the work done?",
            "country": "Country",
            "street_address": "Street address of the workplace",
            "supplies_note": "More about supplies",
            "pay_kind": "How is it paid?",
            "pay_amount": "Amount",
            "unpaid_basis": "If unpaid: why?",
            "travel_costs_covered": "If unpaid: we cover local travel costs, and the contract says so",
            "engagement_type": "How is the student engaged?",
            "credit_possible": "We share hours and an assessment with the university if the student wants credit",
            "mentor_name": "Mentor",
            "mentor_title": "Mentor's role",
            "mentor_email": "Mentor's email address",
            "feedback_plan": "When and how does the student get feedback?",
            "cohosts": "Co-hosts",
            "positions": "How many students?",
            "answer_within": "How soon do you answer each application?",
            "campus_only": "Show it on campus only",
        }
        help_texts = {
            "title": "Say what is done, for example “Churn analysis for a bike-share”.",
            "brief": "The question, the material there is, and how you will work together. You can use Markdown. "
            "No contact details or links: students apply here.",
            "deliverable": "What the student hands over at the end: a report, a prototype, a campaign.",
            "learning_goals": "Two or three things a student can do afterwards.",
            "skills": "With commas between them. Look beyond majors and grades.",
            "location_mode": "Remote is usual.",
            "place": "For hybrid and on-site work the city where the student works; for remote work, yours.",
            "street_address": "Not public. It stands in the offer letter. No home addresses.",
            "pay_kind": "Paid work is strongly recommended. An unpaid project is listed only after a talk with us.",
            "pay_amount": "For one hour, or the whole fee. Leave it empty if the project is unpaid.",
            "mentor_name": "The person who guides the student. Named on the posting.",
            "mentor_email": "Not public. It stands in the offer letter.",
            "feedback_plan": "For example: a call every Friday, comments in the shared document within a day.",
            "cohosts": "Colleagues of your organization who look after this posting with you.",
            "answer_within": "Students see it. Things move faster than for an ordinary internship. We remind you two "
            "business days before, and on the day, of whoever is still waiting. Promise more later, and whoever has "
            "applied keeps the shorter promise.",
            "campus_only": "Only signed-in students and the career office see it: it stays out of the public list, "
            "feeds and search engines. You can change this at any time.",
        }
        widgets = {
            "brief": _area(12),
            "deliverable": _area(3),
            "learning_goals": _area(4),
            "unpaid_basis": _area(3),
            "feedback_plan": _area(3),
            "location_mode": forms.RadioSelect,
            "pay_kind": forms.RadioSelect,
            "currency": forms.Select(choices=[(code, code) for code in CURRENCIES]),
            "cohosts": forms.CheckboxSelectMultiple,
        }

    def __init__(
        self, *args: Any, user: User, complete: bool = True, now: dt.datetime | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.complete = complete or self.instance.status != Status.DRAFT
        self.now = now or clock.now()
        self._offer_organizations(user)
        self._offer_colleagues(user)
        self._offer_rows()
        self._show_stored()
        for name, field in self.fields.items():
            field.required = name in (*self.needed, *self.usual)
        self.fields["pay_kind"].choices = PayKind.choices  # type: ignore[attr-defined]
        for name, unit in (("weeks_min", "weeks"), ("weeks_max", "weeks"), ("total_hours", "hours")):
            self.fields[name].suffix = unit  # type: ignore[attr-defined]

    def _offer_organizations(self, user: User) -> None:
        if self.instance.pk:
            del self.fields["organization"]
            return
        own = list(Organization.objects.filter(memberships__user=user, suspended_at=None))
        if len(own) == 1:
            del self.fields["organization"]
            self.instance.organization = own[0]
            return
        field: Any = self.fields["organization"]
        field.queryset = field.queryset.filter(pk__in=[organization.pk for organization in own])
        field.empty_label = "Choose one"
        self.needed = ("organization", *self.needed)

    def _offer_colleagues(self, user: User) -> None:
        """Members of the posting's organization, and whoever is a co-host already, to be taken out again."""
        if self.instance.organization_id:
            organizations = [self.instance.organization_id]
        else:
            organizations = list(user.memberships.values_list("organization", flat=True))
        members = Q(user__memberships__organization__in=organizations, user__is_active=True)
        named = Q(cohosted_postings=self.instance.pk) if self.instance.pk else Q()
        field: Any = self.fields["cohosts"]
        field.queryset = (
            Host.objects.filter(members | named)
            .exclude(pk=self.instance.host_id or user.host.pk)
            .select_related("user")
            .distinct()
        )
        if not field.queryset.exists():
            del self.fields["cohosts"]

    def _offer_rows(self) -> None:
        kinds: Any = self.fields["opportunity_type"]
        kinds.queryset = kinds.queryset.filter(active=True)
        offered = list(kinds.queryset)
        if not self.instance.pk and offered:
            kinds.initial = offered[0]
        self._say_what_is_usual(offered)
        for name in ("opportunity_type", "stream", "engagement_type"):
            self.fields[name].empty_label = "Choose one"  # type: ignore[attr-defined]
        self.fields["currency"].initial = HOME_CURRENCY
        promises: Any = self.fields["answer_within"]
        promises.choices = [("", "No promise"), *list(promises.choices)[1:]]

    def _say_what_is_usual(self, kinds: list[OpportunityType]) -> None:
        for name, figure, hint in (
            ("weeks_min", "weeks", "Leave weeks empty for a job without an end."),
            ("hours_week_min", "hours_week", ""),
            ("total_hours", "total_hours", "Leave it empty to reckon it from weeks and hours a week."),
        ):
            ranges = [(kind, getattr(kind, f"{figure}_min"), getattr(kind, f"{figure}_max")) for kind in kinds]
            usual = ", ".join(f"{kind} {rules.span(low, high)}" for kind, low, high in ranges if low or high)
            self.fields[name].help_text = " ".join(filter(None, [usual and f"Usual: {usual}.", hint]))

    def _show_stored(self) -> None:
        """Moments are written as dates: the last day counts to its end, the first from its beginning."""
        if self.instance.opens_at:
            self.initial["opens_at"] = clock.today(self.instance.opens_at)
        self.initial["apply_by"] = wording.last_day_to_apply(self.instance)
        self.initial["questions"] = "\n".join(self.instance.questions)

    def full_clean(self) -> None:
        """A draft may leave out what its fields are marked with; the marks stay for when it is drawn again."""
        for name in (*self.needed, *self.usual):
            asked = self.complete and name in self.needed
            self.fields[name].required = asked or name in ("title", "organization")
        super().full_clean()
        for name in (*self.needed, *self.usual):
            self.fields[name].required = True

    def clean_currency(self) -> str:
        return self.cleaned_data["currency"] or HOME_CURRENCY

    def clean_positions(self) -> int:
        positions: int | None = self.cleaned_data["positions"]
        return 1 if positions is None else positions

    def clean_location_mode(self) -> str:
        return self.cleaned_data["location_mode"] or "remote"

    def clean_questions(self) -> list[str]:
        questions = [line.strip() for line in self.cleaned_data["questions"].splitlines() if line.strip()]
        if len(questions) > MOST_QUESTIONS:
            raise forms.ValidationError(f"Ask at most {MOST_QUESTIONS} questions, one a line.")
        if any(len(question) > 300 for question in questions):
            raise forms.ValidationError("Keep each question under 300 characters.")
        return questions

    def clean_opens_at(self) -> dt.datetime | None:
        day = self.cleaned_data["opens_at"]
        return clock.end_of_day(day - dt.timedelta(days=1), timezone.get_default_timezone()) if day else None

    def clean_apply_by(self) -> dt.datetime | None:
        """The end of that day: the midnight after it, not included."""
        day = self.cleaned_data["apply_by"]
        moment = clock.end_of_day(day, timezone.get_default_timezone()) if day else None
        if moment and moment <= self.now and moment != self.instance.apply_by:
            raise forms.ValidationError("Enter a last day to apply that is not in the past, or leave it empty.")
        return moment

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for least, most in (("weeks_min", "weeks_max"), ("hours_week_min", "hours_week_max")):
            if data.get(least) and data.get(most) and data[least] > data[most]:
                self.add_error(most, f"Enter {data[least]} or more: at most must not be below at least.")
        self._check_dates(data)
        self._check_cohosts(data)
        self._check_questions(data)
        self._check_pay(data)
        if self.complete:
            self._check_complete()
        return data

    def _check_dates(self, data: dict[str, Any]) -> None:
        earliest, latest = data.get("start_earliest"), data.get("start_latest")
        if earliest and latest and latest < earliest:
            self.add_error("start_latest", "Enter a latest start that is not before the earliest.")
        if data.get("opens_at") and data.get("apply_by") and data["apply_by"] <= data["opens_at"]:
            self.add_error("apply_by", "Enter a last day to apply that is not before the posting opens.")
        if latest and latest < clock.today(self.now) and self.complete and self.instance.start_latest != latest:
            self.add_error("start_latest", "Enter a latest start that is not in the past.")

    def _check_cohosts(self, data: dict[str, Any]) -> None:
        """Whoever may choose among organizations was offered the members of all of them."""
        organization = data.get("organization")
        for host in data.get("cohosts", []) if organization else []:
            if not host.user.memberships.filter(organization=organization).exists():
                self.add_error("cohosts", f"{host} does not belong to {organization}.")

    def _check_questions(self, data: dict[str, Any]) -> None:
        asked = MaterialKind.SHORT_ANSWERS in data.get("extra_materials", [])
        if asked and "questions" in data and not data["questions"] and self.complete:
            self.add_error("questions", "Enter the questions, or do not ask for short answers.")
        if data.get("questions") and not asked:
            data["extra_materials"] = [*data.get("extra_materials", []), MaterialKind.SHORT_ANSWERS.value]

    def _check_pay(self, data: dict[str, Any]) -> None:
        if data.get("pay_kind") == PayKind.UNPAID:
            data["pay_amount"] = None
        elif data.get("pay_amount") is not None and data["pay_amount"] <= 0:
            self.add_error("pay_amount", "Enter an amount above zero, or choose Unpaid.")

    def _check_complete(self) -> None:
        """Asked of the posting itself, so that the form, the action and the preview agree on what is missing."""
        construct_instance(self, self.instance, self._meta.fields, self._meta.exclude)
        for name, sentence in checks.missing(self.instance).items():
            if name in self.fields:
                self._replace_required_error(name, sentence)

    def _replace_required_error(self, name: str, sentence: str) -> None:
        errors = self.errors.get(name)
        if errors is None:
            self.add_error(name, sentence)
        elif errors.as_data()[0].code == "required":
            self.errors[name] = self.error_class([sentence], renderer=self.renderer)

    @property
    def cohosts(self) -> list[Host]:
        return list(self.cleaned_data.get("cohosts", []))


class SubmissionForm(forms.Form):
    expectations_read = forms.BooleanField(
        label="I have read the expectations for hosts and agree to them",
        error_messages={"required": "Read the expectations for hosts, and confirm that you agree."},
    )


class ReportForm(forms.ModelForm):
    class Meta:
        model = PostingReport
        fields = ["reason", "note"]
        labels = {"reason": "What is wrong?", "note": "What should we know?"}
        help_texts = {"note": "What you saw, where and when. The host does not learn who reported."}
        widgets = {"reason": forms.RadioSelect, "note": _area(5)}
        error_messages = {"reason": {"required": "Choose what is wrong."}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = ReportReason.choices  # type: ignore[attr-defined]

    def clean_note(self) -> str:
        note: str = self.cleaned_data["note"].strip()
        if not note and self.cleaned_data.get("reason") == ReportReason.OTHER:
            raise forms.ValidationError("Say what is wrong.")
        return note


class AlertForm(forms.Form):
    frequency = forms.ChoiceField(
        label="Mail me new postings",
        choices=Frequency.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how often you want to hear of new postings."},
    )
    hour = forms.TypedChoiceField(
        label="Time of day",
        help_text="For mails once a day or once a week.",
        choices=[(number, wording.hour(number)) for number in range(24)],
        coerce=int,
    )
    weekday = forms.TypedChoiceField(
        label="Day of the week",
        help_text="For mails once a week.",
        choices=Weekday.choices,
        coerce=int,
    )


class SaveSearchForm(AlertForm):
    """With the query string of the list, which asks for the frequency alone."""

    query = forms.CharField(required=False, max_length=LONGEST_QUERY, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["hour"].required = self.fields["weekday"].required = False

    def clean(self) -> dict[str, Any]:
        """Without what was not asked for."""
        given = self.cleaned_data.items()
        return {name: value for name, value in given if value != "" or name == "query"}
