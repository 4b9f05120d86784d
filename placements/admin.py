"""Staff's side: read here, and every change is a form in front of an action. Whether somebody is cleared is not told:
what has not begun is to come."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from applications.admin.records import ReadOnlyAdmin, WithdrawalForm
from applications.forms import NoQuestion, ReasonForm
from core.admin import ObjectAction
from placements import actions, wording
from placements.forms import DatesForm
from placements.models import HoursEntry, Placement
from placements.rules import in_words
from placements.workflow import PLACEMENT, TO_COME, Status

AS_STAFF: set[str] = set()  # to words: neither the student nor a host
STANDINGS = {
    "to_come": (wording.TO_STAFF, TO_COME),
    **{status.value: (status.label, (status,)) for status in Status if status not in TO_COME},
}


class StandingFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, label) for name, (label, _) in STANDINGS.items()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        chosen = STANDINGS.get(self.value() or "")
        return queryset.filter(status__in=chosen[1]) if chosen else queryset


class HoursInline(admin.TabularInline):
    model = HoursEntry
    template = "admin/rows.html"
    fields = readonly_fields = ["day", "worked", "note", "logged_by", "logged_at"]
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("logged_by")

    @admin.display(description="hours")
    def worked(self, entry: HoursEntry) -> Any:
        """Of a form that somebody made up there is no entry."""
        return entry.hours if entry.pk else ""

    def has_add_permission(self, request: HttpRequest, obj: Placement | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Placement | None = None) -> bool:
        return request.user.has_perm("placements.view_placement")


def _open_for(move: str) -> Any:
    return lambda placement: placement.status in PLACEMENT.moves[move].sources


@admin.register(Placement)
class PlacementAdmin(ReadOnlyAdmin):
    change_form_template = "admin/placements/placement/change_form.html"
    list_display = ["student", "posting", "starts_on", "ends_on", "state"]
    list_filter = [StandingFilter]
    search_fields = [
        "offer__application__student__user__name",
        "offer__application__posting__title",
        "offer__application__posting__organization__name",
    ]
    ordering = ["-starts_on", "-pk"]
    fields = readonly_fields = ["offer", "starts_on", "ends_on", "proposed", "began_on", "deliverable"]
    inlines = [HoursInline]
    object_actions = [
        ObjectAction(
            "completion",
            "Confirm the completion",
            NoQuestion,
            actions.complete,
            shown=_open_for("complete"),
            hint="Where the host does not answer. The student is told.",
            kind="primary",
        ),
        ObjectAction(
            "program",
            "Ask the program",
            NoQuestion,
            actions.ask_program,
            shown=lambda placement: placement.lacks_a_program,
            hint="The posting has moved abroad since the acceptance, and nothing begins before the program clears it. "
            "This opens the student’s project abroad.",
        ),
        ObjectAction(
            "dates",
            "Move the dates",
            DatesForm,
            actions.move_dates,
            shown=lambda placement: not placement.is_over,
            hint="Once student and host have agreed. Dates that a host has proposed are void then. "
            "What was cleared for the old dates may not cover the new ones: "
            "then nothing begins before it does. Both sides are told.",
        ),
        ObjectAction(
            "ending",
            "End it early",
            ReasonForm,
            actions.end_early,
            shown=_open_for("end_early"),
            hint="No more hours can be written down. Student and host both read the reason.",
            kind="danger",
        ),
        ObjectAction(
            "cancellation",
            "Cancel it",
            WithdrawalForm,
            actions.cancel,
            shown=_open_for("cancel"),
            hint="The acceptance is withdrawn, and its position can go to another applicant. Both sides are told that "
            "it happened; the reason stays with the office.",
            kind="danger",
        ),
    ]

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """What a placement waits for is not to be guessed from the address of the list either."""
        hidden = {"status", "status_at", "status_by", "status_by_id"}
        return lookup.partition("__")[0] not in hidden and super().lookup_allowed(lookup, value, request)

    def get_queryset(self, request: HttpRequest) -> Any:
        return Placement.objects.with_people().order_by(*self.ordering)

    @admin.display(ordering="offer__application__student__user__name")
    def student(self, placement: Placement) -> str:
        return placement.student.display_name

    @admin.display(ordering="offer__application__posting__title")
    def posting(self, placement: Placement) -> str:
        return f"{placement.posting}, {placement.posting.organization}"

    @admin.display(description="new dates proposed")
    def proposed(self, placement: Placement) -> str:
        """Those that wait for the student's answer; what came of others stands in the timeline."""
        proposal = placement.date_proposals.waiting().first()
        return f"{in_words(proposal.starts_on)} to {in_words(proposal.ends_on)}" if proposal else ""

    @admin.display
    def state(self, placement: Placement) -> str:
        return wording.state(placement, AS_STAFF)[0]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        placement = self.get_object(request, object_id)
        context = extra_context or {}
        if placement:
            status_text, tone = wording.state(placement, AS_STAFF)
            timeline = wording.entries(placement, AS_STAFF)
            context |= {"status_text": status_text, "tone": tone, "timeline": timeline}
        return super().change_view(request, object_id, form_url, context)
