from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from core.workflow import MoveRefused
from notifications.actions import send_again
from notifications.mail import visible_rows
from notifications.models import OutboxMail


@admin.register(OutboxMail)
class OutboxMailAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["what", "state", "goes_to", "due", "sent_at", "last_error"]
    list_filter = ["state", "must_arrive", "kind"]
    list_select_related = ["recipient"]
    search_fields = ["recipient__email", "address", "kind"]
    date_hierarchy = "due"
    ordering = ["-due", "-pk"]
    actions = ["send_again"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutboxMail]:
        return visible_rows(request.user)

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
        return request.user.has_perm("notifications.change_outboxmail")

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
