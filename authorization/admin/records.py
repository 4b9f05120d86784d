"""The international advisor's place: a queue by danger, and a record with its verbs. Permissions come from the role
alone; a superuser without it sees nothing here."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Case, Exists, IntegerField, OuterRef, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.timezone import localtime

from authorization import actions
from authorization.caps import Caps, in_words, over_the_cap
from authorization.forms import AdviserFilingForm, AdvisingForm, ApprovalForm, ReasonForm, WordsForm
from authorization.models import AuthorizationDocument, AuthorizationEvent, AuthorizationQuestion, AuthorizationRecord
from authorization.rules import Standing, World, by_danger, declared_needs, standing
from authorization.workflow import WORKFLOW, Needs
from core import clock
from core.admin import ObjectAction, ObjectActionsAdmin
from notifications.admin import FAILED
from notifications.restricted import failed_of_own

OVER_THE_CAP = "Over the hours a week in term"


def _open_for(move: str) -> Any:
    def shown(record: AuthorizationRecord) -> bool:
        return not record.is_closed and record.status in WORKFLOW.moves[move].sources

    return shown


def _is_open(record: AuthorizationRecord) -> bool:
    return not record.is_closed


def _approval_of(record: AuthorizationRecord) -> dict[str, Any]:
    return {
        "valid_from": record.cleared_from,
        "valid_until": record.cleared_until,
        "hours_week": record.authorized_hours or None,
        "extent": record.extent,
    }


class _ReadInline(admin.TabularInline):
    template = "admin/rows.html"
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: AuthorizationRecord | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: AuthorizationRecord | None = None) -> bool:
        return request.user.has_perm("authorization.view_authorizationrecord")


class AuthorizationEventInline(_ReadInline):
    model = AuthorizationEvent
    fields = readonly_fields = ["at", "by", "what", "note"]
    verbose_name_plural = "what happened"

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuthorizationEvent]:
        return super().get_queryset(request).select_related("by")

    @admin.display(description="what")
    def what(self, event: AuthorizationEvent) -> str:
        return ", ".join(filter(None, [event.text, str(event.get_route_display()), event.number, event.day]))


class AuthorizationQuestionInline(_ReadInline):
    model = AuthorizationQuestion
    fields = readonly_fields = ["asked", "question", "answered_at", "answer"]
    verbose_name_plural = "questions"

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuthorizationQuestion]:
        return super().get_queryset(request).select_related("asked_by")

    @admin.display(description="asked")
    def asked(self, question: AuthorizationQuestion) -> str:
        return f"{localtime(question.asked_at):%b %-d, %Y}, {question.asked_by}"


class AuthorizationDocumentInline(_ReadInline):
    model = AuthorizationDocument
    fields = readonly_fields = ["title", "file", "added_at"]
    verbose_name_plural = "documents"

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuthorizationDocument]:
        return super().get_queryset(request).defer("content")

    @admin.display(description="file; the student reads who opened it")
    def file(self, document: AuthorizationDocument) -> str:
        return format_html('<a href="{}" download>{}</a>', document.get_absolute_url(), document.file_name)


@admin.register(AuthorizationRecord)
class AuthorizationRecordAdmin(ObjectActionsAdmin):
    change_list_template = "admin/authorization/authorizationrecord/change_list.html"
    list_display = ["item", "student", "purpose", "starts", "danger", "question", "status_now"]
    list_filter = [("closed_at", admin.EmptyFieldListFilter)]
    list_select_related = ["student__user"]
    search_fields = ["student__user__name", "student__user__email", "purpose"]
    fields = readonly_fields = [
        "student",
        "declared",
        "purpose",
        "starts",
        "ends",
        "contractor",
        "hours_a_week",
        "over_cap_in",
        "danger",
        "status_now",
        "route_now",
        "filed_on",
        "cleared_from",
        "cleared_until",
        "opened_at",
        "closed_at",
    ]
    inlines = [AuthorizationQuestionInline, AuthorizationDocumentInline, AuthorizationEventInline]
    object_actions = [
        ObjectAction("advising", "Note the meeting", AdvisingForm, actions.advise, shown=_open_for("advise")),
        ObjectAction("filing", "Note the filing", AdviserFilingForm, actions.file, shown=_open_for("file")),
        ObjectAction("approval", "Approve", ApprovalForm, actions.approve, shown=_open_for("approve"), kind="primary"),
        ObjectAction("denial", "Deny", ReasonForm, actions.deny, shown=_open_for("deny"), kind="danger"),
        ObjectAction(
            "amendment",
            "Correct the dates",
            ApprovalForm,
            actions.amend,
            shown=_open_for("amend"),
            initial=_approval_of,
            hint="Hours a week too. The approval reads afterwards as you leave it here.",
        ),
        ObjectAction("revocation", "Take the approval back", ReasonForm, actions.revoke, shown=_open_for("revoke")),
        ObjectAction("waiver", "Not needed", ReasonForm, actions.waive, shown=_open_for("waive")),
        ObjectAction("need", "Needed after all", ReasonForm, actions.require, shown=_open_for("declare_needed")),
        ObjectAction("comment", "Comment", WordsForm, actions.comment, shown=_is_open),
        ObjectAction("question", "Ask the student", WordsForm, actions.ask, shown=_is_open),
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AuthorizationRecord | None = None) -> bool:
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        nothing_to_save = {"show_save": False, "show_save_and_continue": False}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **nothing_to_save})

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        mails = {"failed_mails": failed_of_own(request.user), "failed_query": FAILED}
        title = {"title": "Work authorization, what is in danger first"}
        return super().changelist_view(request, {**title, **mails, **(extra_context or {})})

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuthorizationRecord]:
        """By danger, too many hours in term first. It follows from closures, rows of routes and terms, and what is
        encrypted, so it is reckoned here, not in SQL."""
        if not _is_listing(request):
            return super().get_queryset(request)
        waiting, today = list(AuthorizationRecord.objects.filter(closed_at=None)), clock.today()
        over = over_the_cap(waiting, since=today)
        order = [one.record.pk for one in by_danger(waiting, World.load(), today)]
        order.sort(key=lambda pk: pk not in over)
        places = [When(pk=pk, then=Value(place)) for place, pk in enumerate(order)]
        place = Case(*places, default=Value(len(order)), output_field=IntegerField())
        unanswered = AuthorizationQuestion.objects.filter(record=OuterRef("pk"), answered_at=None)
        return AuthorizationRecord.objects.annotate(place=place, is_asked=Exists(unanswered))

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        return ["place", "-closed_at", "pk"] if _is_listing(request) else ["pk"]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        world, over = World.load(), over_the_cap(changelist.result_list, since=clock.today())
        for record in changelist.result_list:
            record.standing, record.is_over_cap = standing(record, world), record.pk in over
        return changelist

    @admin.display(description="item")
    def item(self, record: AuthorizationRecord) -> str:
        return f"#{record.pk}"

    @admin.display(description="status")
    def status_now(self, record: AuthorizationRecord) -> str:
        return "Closed" if record.is_closed else str(record.get_status_display())

    @admin.display(description="route")
    def route_now(self, record: AuthorizationRecord) -> str:
        return str(record.get_route_display()) or "Not said"

    @admin.display(description="the student's declaration")
    def declared(self, record: AuthorizationRecord) -> str:
        needs, _ = declared_needs(record.student)
        return f"Needs authorization: {Needs(needs).label}"

    def what_waits(self, request: HttpRequest) -> Iterable[tuple[str, int, str]]:
        standings = by_danger(AuthorizationRecord.objects.filter(closed_at=None), World.load(), clock.today())
        waiting = sum(one.is_waiting or one.is_cut_short for one in standings)
        yield "Authorization records that wait", waiting, ""

    @admin.display(description="hours a week")
    def hours_a_week(self, record: AuthorizationRecord) -> str:
        agreed = f"{record.hours_week or '–'} agreed"
        return f"{agreed}; {record.hours} authorized, {record.get_extent_display()}" if record.extent else agreed

    @admin.display(description="over the cap in term")
    def over_cap_in(self, record: AuthorizationRecord) -> str:
        """With all that the student has accepted, whether it is cleared yet or not."""
        caps = Caps.of(record.student_id)
        weeks = caps.over_if_approved(record)
        return f"More than {caps.cap_in(weeks, record)} hours in {in_words(weeks)}" if weeks else "In no week"

    @admin.display(description="question")
    def question(self, record: AuthorizationRecord) -> str:
        return "Not answered yet" if getattr(record, "is_asked", False) else ""

    @admin.display(description="danger")
    def danger(self, record: AuthorizationRecord) -> str:
        one = getattr(record, "standing", None)
        if one:
            return OVER_THE_CAP if getattr(record, "is_over_cap", False) else _danger(one)
        held = over_the_cap([record], since=clock.today())
        return OVER_THE_CAP if held else _danger(standing(record, World.load()))


def _is_listing(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and (match.url_name or "").endswith("changelist")


def _danger(one: Standing) -> str:
    if one.is_uncovered:
        return f"Approved for other days; starts {one.record.starts:%b %-d, %Y}"
    if one.is_cut_short and one.record.cleared_until:
        return f"Approved only until {one.record.cleared_until:%b %-d, %Y}; ends {one.record.ends:%b %-d, %Y}"
    if not one.is_waiting:
        return "None"
    today = clock.today()
    if one.is_impossible(today):
        return "The start can no longer be met"
    if one.is_undeclared:
        return f"Nobody has said whether it is needed; starts {one.record.starts:%b %-d, %Y}"
    if one.is_unfiled and one.file_by is not None:
        return f"{'File by' if one.file_by >= today else 'Late: to be filed by'} {one.file_by:%b %-d, %Y}"
    return f"Waiting; starts {one.record.starts:%b %-d, %Y}"
