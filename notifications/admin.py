from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Min, QuerySet
from django.http import HttpRequest, HttpResponse

from core.workflow import MoveRefused
from notifications.actions import send_again
from notifications.models import OutboxMail
from notifications.restricted import failed_unseen, has_own_rows, rows_for
from notifications.workflow import WITH_ERROR

FAILED = f"?state__in={','.join(WITH_ERROR)}"


@admin.register(OutboxMail)
class OutboxMailAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Whoever may see restricted mails finds those here, and no others without the permission for all."""

    change_list_template = "admin/notifications/outboxmail/change_list.html"
    list_display = ["what", "state", "goes_to", "due", "sent_at", "last_error"]
    list_filter = ["state", "must_arrive", "kind"]
    list_select_related = ["recipient"]
    search_fields = ["recipient__email", "address", "kind"]
    date_hierarchy = "due"
    ordering = ["-due", "-pk"]
    actions = ["send_again"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutboxMail]:
        return rows_for(request.user)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        unseen = failed_unseen(request.user) if self._sees_all(request) else 0
        return super().changelist_view(request, {"unseen": unseen, **(extra_context or {})})

    def what_waits(self, request: HttpRequest) -> Iterable[tuple[Any, ...]]:
        rows = self.get_queryset(request).order_by().filter(state__in=WITH_ERROR)
        found = rows.aggregate(number=Count("pk"), since=Min("due"))
        yield "Mails that did not arrive", found["number"], FAILED, found["since"]

    def has_waiting_permission(self, request: HttpRequest) -> bool:
        return self.has_send_again_permission(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._sees_all(request) or has_own_rows(request.user)

    def _sees_all(self, request: HttpRequest) -> bool:
        return request.user.has_perm("notifications.view_outboxmail")

    @admin.display(description="mail", ordering="kind")
    def what(self, mail: OutboxMail) -> str:
        return f"{mail.kind} ({mail.offset})" if mail.offset else mail.kind

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_send_again_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("notifications.change_outboxmail") or has_own_rows(request.user)

    @admin.action(description="Send again", permissions=["send_again"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[OutboxMail]) -> None:
        for mail in queryset:
            try:
                send_again(mail, by=request.user)
            except MoveRefused as refusal:
                messages.warning(request, f"{mail}: {refusal.message}")
            else:
                self.log_change(request, mail, "Sent again")
                messages.success(request, f"{mail}: waiting to be sent again.")
