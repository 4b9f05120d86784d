"""Every component in every state on one page, while DEBUG is on: what we look at and let axe judge."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.forms import Fieldset

SUPPLIES = [("laptop", "Laptop"), ("software", "Software licenses"), ("connectivity", "Connectivity")]
LOCATIONS = [("remote", "Remote"), ("hybrid", "Hybrid"), ("on_site", "On site")]
MAIL_TEXT = """Dear Sana,

Fenwick Labs offers you "Churn analysis for a bike-share".
You have five business days to decide: until Saturday, November 30, 11:59 p.m. Eastern.

https://jobs.example.edu/applications/7/
"""
STREAMS = [
    ("", "Choose a stream"),
    ("Numbers", [("data", "Data & analytics"), ("finance", "Finance & accounting")]),
    ("Words", [("marketing", "Marketing & content")]),
]


class SampleForm(forms.Form):
    fieldsets = [
        Fieldset("The project", ("title", "stream", "brief", "start", "resume")),
        Fieldset(
            "Terms",
            ("hours", "pay", "location", "supplies", "credit"),
            hint="Two to four weeks, 10 to 35 hours a week, is what most hosts offer.",
        ),
    ]
    title = forms.CharField(max_length=120, help_text="Name the work, for example “Churn analysis for a bike-share”.")
    stream = forms.ChoiceField(choices=STREAMS)
    brief = forms.CharField(widget=forms.Textarea, max_length=600, help_text="What will exist at the end?")
    start = forms.DateField(required=False, label="Earliest start", widget=forms.DateInput(attrs={"type": "date"}))
    resume = forms.FileField(required=False, help_text="PDF or DOCX, at most 5 MB.")
    hours = forms.IntegerField(label="Hours a week", min_value=1, max_value=40)
    pay = forms.DecimalField(label="Pay in US dollars", decimal_places=2)
    location = forms.ChoiceField(choices=LOCATIONS, widget=forms.RadioSelect)
    supplies = forms.MultipleChoiceField(
        choices=SUPPLIES, required=False, widget=forms.CheckboxSelectMultiple, label="What the host supplies"
    )
    credit = forms.BooleanField(label="The student's program may ask about academic credit")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["hours"].suffix = "hours a week"  # type: ignore[attr-defined]
        self.fields["pay"].prefix = "$"  # type: ignore[attr-defined]

    def clean(self) -> None:
        if self.data.get("title") == "Too much":
            raise forms.ValidationError("The hours and weeks together come to 160. Lower one of the two.")


class SampleFilters(forms.Form):
    fieldsets = [Fieldset("Labeled by your school", ("labels",)), Fieldset("Terms", ("stream", "location", "paid"))]
    labels = forms.MultipleChoiceField(
        choices=[("micro", "Micro-internships"), ("alumni", "Alumni host")],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label="Labels",
    )
    stream = forms.ChoiceField(choices=STREAMS, required=False)
    location = forms.MultipleChoiceField(choices=LOCATIONS, required=False, widget=forms.CheckboxSelectMultiple)
    paid = forms.BooleanField(label="Paid only", required=False)


def _day(number: int | None, day: int, reason: str = "") -> SimpleNamespace:
    return SimpleNamespace(number=number, date=date(2024, 11, day), reason=reason)


def _event(text: str, by: str, note: str = "") -> SimpleNamespace:
    return SimpleNamespace(text=text, by=by, note=note, at=datetime(2024, 10, 25, 14, 30, tzinfo=UTC))


@login_not_required
@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    if not settings.DEBUG:
        raise Http404
    context = {
        "empty_form": SampleForm(),
        "wrong_form": SampleForm({"title": "Too much", "hours": "400", "brief": "Short."}, {}, auto_id="wrong_%s"),
        "filters": SampleFilters({"labels": ["micro"]}, auto_id="filter_%s"),
        "page": Paginator(range(240), 20).page(request.GET.get("page", "5") if request.GET else 5),
        "today": date(2024, 11, 26),
        "days": [
            _day(1, 25),
            _day(2, 26),
            _day(3, 27),
            _day(None, 28, "Thanksgiving Day"),
            _day(None, 29, "Day after Thanksgiving"),
            _day(4, 30),
        ],
        "events": [
            _event("Submitted for review", "Omar Aziz"),
            _event("Changes asked for", "Mo Adeyemi", "Please say who will meet the student each week."),
            _event("Approved", "Mo Adeyemi"),
        ],
        "mail_text": MAIL_TEXT,
        "files": [
            SimpleNamespace(name="resume.pdf", url="#", kind="Resume", size=182_000, note=""),
            SimpleNamespace(
                name="a-file-with-a-rather-long-name-that-has-to-wrap-somewhere-2024.docx",
                url="",
                kind="Cover letter",
                size=48_200,
                note="Replaced May 3",
            ),
        ],
    }
    return render(request, "gallery.html", context)
