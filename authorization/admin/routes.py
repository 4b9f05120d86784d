from django.contrib import admin, messages
from django.db import models
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from authorization import actions
from authorization.models import Route

FIGURES = {
    "kind",
    "preparation_days",
    "lead_days",
    "lead_unit",
    "post_days",
    "typical_days",
    "earliest_days",
    "after_offer",
    "employer_specific",
    "weekly_cap",
}
LOST = "The figures changed, so this row counts as not verified until somebody compares it with its source."


@admin.register(Route)
class RouteAdmin(admin.ModelAdmin):
    list_display = [
        "name",
        "preparation_days",
        "lead_days",
        "lead_unit",
        "typical_days",
        "last_verified",
        "verified_by",
    ]
    ordering = ["position"]
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    actions = ["mark_verified"]
    fieldsets = [
        (None, {"fields": ["kind", "name", "who_decides", "proof", "link", "position"]}),
        (
            "Time",
            {
                "fields": [
                    "preparation_days",
                    ("lead_days", "lead_unit"),
                    "post_days",
                    "typical_days",
                    "earliest_days",
                    "after_offer",
                ]
            },
        ),
        ("Limits", {"fields": ["employer_specific", "weekly_cap"]}),
        ("Verified", {"fields": ["source", "last_verified"]}),
    ]

    def save_model(self, request: HttpRequest, obj: Route, form: ModelForm, change: bool) -> None:
        """Whoever enters the date of verification answers for it; nobody answered for figures that came after it."""
        if change and obj.last_verified and FIGURES & {*form.changed_data} and "last_verified" not in form.changed_data:
            obj.last_verified = None
            self.message_user(request, LOST, messages.WARNING)
        if obj.last_verified is None:
            obj.verified_by = None
        elif "last_verified" in form.changed_data:
            obj.verified_by = request.user
        super().save_model(request, obj, form, change)

    @admin.action(description="Mark as verified today", permissions=["change"])
    def mark_verified(self, request: HttpRequest, queryset: QuerySet[Route]) -> None:
        for route in queryset:
            actions.verify_route(route, by=request.user)
            self.log_change(request, route, "Verified")
        self.message_user(request, "Marked as verified today.")
