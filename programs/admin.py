"""Programs as rows for moderators; for managers a queue by danger of what is theirs, and a record with its verbs."""

from typing import Any

from django.contrib import admin, messages
from django.db import models
from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime

from core import clock
from core.admin import ObjectAction, ObjectActionsAdmin, WaitingFilter
from programs import actions
from programs.forms import AssignmentForm, ClearanceForm, CountryForm, ManagerForm, PlainForm, ReasonForm
from programs.models import Program, ProgramCountry, ProgramEvent, ProgramManager, ProgramRecord, ProgramStep
from programs.rules import danger
from programs.workflow import WORKFLOW, Status


class _ReadInline(admin.TabularInline):
    template = "admin/rows.html"
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True  # whoever reads the page of the thing that they belong to


class ManagerInline(_ReadInline):
    model = ProgramManager
    fk_name = "program"
    fields = readonly_fields = ["who", "named", "taken_away"]
    verbose_name_plural = "managers"

    @admin.display(description="manager")
    def who(self, manager: ProgramManager) -> str:
        return str(manager.user)

    @admin.display(description="named")
    def named(self, manager: ProgramManager) -> str:
        return f"{date_format(localtime(manager.since), 'M j, Y')}, by {manager.granted_by}"

    @admin.display(description="taken away")
    def taken_away(self, manager: ProgramManager) -> str:
        if manager.revoked_at is None:
            return "–"
        return f"{date_format(localtime(manager.revoked_at), 'M j, Y')}, by {manager.revoked_by}"


class CountryInline(admin.StackedInline):
    model = ProgramCountry
    form = CountryForm
    extra = 1

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("programs.change_program"))

    has_change_permission = has_delete_permission = has_add_permission

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True


@admin.register(Program)
class ProgramAdmin(ObjectActionsAdmin):
    list_display = ["name", "countries_named", "contact_email", "active", "last_verified"]
    list_filter = ["active"]
    search_fields = ["name"]
    fields = ["name", "contact_email", "link", "how_it_works", "source", "last_verified", "active"]
    readonly_fields = ["active"]
    inlines = [CountryInline, ManagerInline]
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    object_actions = [
        ObjectAction("manager", "Name a manager", ManagerForm, actions.grant_manager),
        ObjectAction("manager-removal", "Take a manager away", ManagerForm, actions.revoke_manager),
        ObjectAction(
            "retirement",
            "Retire",
            PlainForm,
            actions.retire,
            shown=lambda program: program.active,
            hint="It gives up its countries; new postings there wait for another program.",
            kind="danger",
        ),
        ObjectAction(
            "restoration", "Make active again", PlainForm, actions.restore, shown=lambda program: not program.active
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Program]:
        return Program.objects.visible_to(request.user).prefetch_related("countries")

    def has_delete_permission(self, request: HttpRequest, obj: Program | None = None) -> bool:
        return False

    @admin.display(description="countries")
    def countries_named(self, program: Program) -> str:
        return program.country_names

    def save_related(self, request: HttpRequest, form: ModelForm, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        taken = actions.take_over(form.instance, by=request.user)
        if taken:
            self.message_user(request, f"Records of its countries that are the program’s now: {taken}.", messages.INFO)


@admin.register(ProgramStep)
class ProgramStepAdmin(admin.ModelAdmin):
    list_display = ["name", "of", "by_student", "position"]
    list_filter = ["program"]
    list_select_related = ["program"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProgramStep]:
        own = Program.objects.visible_to(request.user)
        return super().get_queryset(request).filter(Q(program=None) | Q(program__in=own))

    @admin.display(description="program")
    def of(self, step: ProgramStep) -> str:
        return str(step.program or "Every program")


class EventInline(_ReadInline):
    model = ProgramEvent
    fields = readonly_fields = ["at", "who", "what", "note"]
    verbose_name_plural = "what happened"

    @admin.display(description="by")
    def who(self, event: ProgramEvent) -> str:
        """Without a link: accounts are not a manager's to look at."""
        return str(event.by)

    @admin.display(description="what")
    def what(self, event: ProgramEvent) -> str:
        return event.text


# Cleared for other days than those of the work: the dates have moved, or only a part was cleared.
UNCOVERED = Q(status=Status.CLEARED) & (Q(cleared_from__gt=F("starts")) | Q(cleared_until__lt=F("ends")))


class UndecidedFilter(WaitingFilter):
    moment = "ended"
    ended = ("decided", "Decided or closed")


def _open_for(move: str) -> Any:
    return lambda record: record.status in WORKFLOW.moves[move].sources


@admin.register(ProgramRecord)
class ProgramRecordAdmin(ObjectActionsAdmin):
    """The manager's place: what is hers, the most pressing first."""

    list_display = ["student", "purpose", "country_named", "program", "starts", "danger_now", "status"]
    list_filter = [UndecidedFilter]
    list_select_related = ["student__user", "program"]
    search_fields = ["student__user__name", "student__user__email", "purpose"]
    fields = readonly_fields = [
        *("name", "email", "purpose", "country_named", "program", "starts", "ends", "danger_now", "status"),
        *("checklist", "cleared_from", "cleared_until", "decided_by", "decided_at", "reason", "opened_at", "closed_at"),
    ]
    inlines = [EventInline]
    object_actions = [
        ObjectAction("clearance", "Clear", ClearanceForm, actions.clear, shown=_open_for("clear"), kind="primary"),
        ObjectAction("amendment", "Correct the dates", ClearanceForm, actions.amend, shown=_open_for("amend")),
        ObjectAction("refusal", "Do not clear", ReasonForm, actions.refuse, shown=_open_for("refuse"), kind="danger"),
        ObjectAction("reopening", "Open it again", ReasonForm, actions.reopen, shown=_open_for("reopen")),
        ObjectAction(
            "assignment",
            "Give it to a program",
            AssignmentForm,
            actions.assign,
            shown=lambda record: record.program_id is None and not record.is_closed,
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProgramRecord]:
        seen = ProgramRecord.objects.visible_to(request.user).exclude(student__user=request.user)
        waits = Q(status=Status.OPEN) | UNCOVERED
        undecided = Case(When(waits, then=Value(None)), default=F("opened_at"), output_field=models.DateTimeField())
        return seen.with_open_steps().annotate(place=_place(), ended=undecided)

    def get_ordering(self, request: HttpRequest) -> list[str]:
        return ["place", "starts", "pk"]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"title": "Projects abroad to clear", **(extra_context or {})})

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ProgramRecord | None = None) -> bool:
        return False

    @admin.display(description="country")
    def country_named(self, record: ProgramRecord) -> str:
        return record.country_name

    @admin.display(description="student")
    def name(self, record: ProgramRecord) -> str:
        return str(record.student)

    @admin.display(description="email address")
    def email(self, record: ProgramRecord) -> str:
        return str(record.student.user.email)

    @admin.display(description="what presses")
    def danger_now(self, record: Any) -> str:
        return danger(record, record.open_steps, clock.today())

    @admin.display(description="checklist")
    def checklist(self, record: Any) -> str:
        settled = record.steps.count() - record.open_steps
        text = f"{settled} settled, {record.open_steps} open: see the steps and mark them"
        return format_html('<a href="{}">{}</a>', record.get_absolute_url(), text)


def _place() -> Case:
    """Starts that have passed, clearances that no longer cover the work, what waits for a decision; then the rest."""
    return Case(
        When(status=Status.OPEN, starts__lte=clock.today(), then=Value(0)),
        When(UNCOVERED, then=Value(1)),
        When(status=Status.OPEN, then=Value(2)),
        When(status=Status.NOT_CLEARED, then=Value(3)),
        When(status=Status.CLEARED, then=Value(4)),
        default=Value(5),
        output_field=IntegerField(),
    )
