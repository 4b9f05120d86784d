"""Who went back on an offer or an acceptance, for staff who talk with both sides."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import truncatechars
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.timesince import timesince
from django.utils.timezone import localtime

from applications import actions
from applications.admin.records import ReadOnlyAdmin
from applications.models import Case, CaseLook, RequestOutcome
from applications.models.case import ASK, RENEGING, RESCINDING
from core import clock
from core.admin import ObjectAction, WaitingFilter

ANSWERS: dict[str, str] = {RequestOutcome.REFUSED: "refused", RequestOutcome.TAKEN_BACK: "taken back"}


class LookForm(forms.Form):
    note = forms.CharField(
        label="What came of it",
        help_text="For the career office alone: whom you talked with, and what was agreed.",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Write in a sentence what came of it."},
    )


class LookedFilter(WaitingFilter):
    moment, ended, began = "look", ("looked", "Looked at"), "at"


class SideFilter(admin.SimpleListFilter):
    title = "side"
    parameter_name = "side"
    sides = {"reneging": RENEGING, "rescinding": RESCINDING}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("reneging", "Students, reneging"), ("rescinding", "Organizations, rescinding")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(self.sides.get(self.value() or "", Q()))


@admin.register(Case)
class CaseAdmin(ReadOnlyAdmin):
    """What nobody has looked at comes first, the oldest of it at the top."""

    list_display = ["case", "student", "posting", "on", "why", "within_a_year", "state"]
    list_filter = [LookedFilter, SideFilter]
    search_fields = [
        "offer__application__student__user__name",
        "offer__application__posting__title",
        "offer__application__posting__organization__name",
    ]
    ordering = [F("look__at").desc(nulls_first=True), "at", "pk"]
    fields = readonly_fields = [
        *("case", "student", "posting", "when", "by", "reason", "times_of_student", "times_of_organization"),
        *("open_for", "looked_at", "looked_note", "before", "where"),
    ]
    object_actions = [
        ObjectAction(
            "look",
            "Mark as looked at",
            LookForm,
            actions.look_at,
            shown=lambda case: case.looked is None,
            hint="Nothing changes for the student or the host, and nobody is told.",
            kind="primary",
        )
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        return Case.objects.described().with_people()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"title": "Reneging and rescinding", **(extra_context or {})})

    @admin.display(description="What happened")
    def case(self, case: Case) -> str:
        if case.move != ASK:
            return case.what
        return f"{case.what}, {ANSWERS.get(case.outcome, 'not yet answered')}"

    @admin.display(ordering="offer__application__student__user__name")
    def student(self, case: Case) -> str:
        return case.student.display_name

    @admin.display(ordering="offer__application__posting__title")
    def posting(self, case: Case) -> str:
        return f"{case.offer.application.posting}, {case.offer.application.posting.organization}"

    @admin.display(description="When", ordering="at")
    def on(self, case: Case) -> str:
        return _day(case.at)

    @admin.display(description="When")
    def when(self, case: Case) -> str:
        return date_format(localtime(case.at), "F j, Y, g:i a")

    @admin.display(description="Reason")
    def why(self, case: Case) -> str:
        return truncatechars(case.note, 120)

    @admin.display(description="Reason")
    def reason(self, case: Case) -> str:
        return case.note

    @admin.display(description="Within a year")
    def within_a_year(self, case: Case) -> str:
        return f"student {case.of_student}, organization {case.of_organization}"

    @admin.display(description="The student in the year up to then")
    def times_of_student(self, case: Case) -> str:
        return f"Went back, or asked to, on {_offers(case.of_student)}"

    @admin.display(description="The organization in the year up to then")
    def times_of_organization(self, case: Case) -> str:
        return f"Rescinded, or went back on, {_offers(case.of_organization)}"

    @admin.display(description="Looked at", ordering="look__at")
    def state(self, case: Case) -> str:
        return _who_and_when(case.looked) if case.looked else f"Open for {self.open_for(case)}"

    @admin.display(description="Open for")
    def open_for(self, case: Case) -> str:
        return timesince(case.at, case.looked.at if case.looked else clock.now())

    @admin.display(description="Looked at")
    def looked_at(self, case: Case) -> str:
        return _who_and_when(case.looked) if case.looked else "–"

    @admin.display(description="What came of it")
    def looked_note(self, case: Case) -> str:
        return case.looked.note if case.looked else "–"

    @admin.display(description="Looked at before")
    def before(self, case: Case) -> str:
        """At what else happened to this offer, such as the question that came before the withdrawal."""
        others = CaseLook.objects.filter(event__offer=case.offer_id).exclude(event=case.pk).select_related("by")
        lines = [(_who_and_when(look), look.note) for look in others.order_by("at")]
        return format_html_join("", "<p>{}: {}</p>", lines) if lines else "–"

    @admin.display(description="Offer")
    def where(self, case: Case) -> str:
        url = reverse("admin:applications_offer_change", args=[case.offer_id])
        return format_html('<a href="{}">{} and its timeline</a>', url, case.offer)


def _offers(number: int) -> str:
    return f"{number} offer{'s' if number != 1 else ''}"


def _who_and_when(look: CaseLook) -> str:
    return f"{look.by.display_name}, {_day(look.at)}"


def _day(at: dt.datetime) -> str:
    return date_format(localtime(at), "F j, Y")
