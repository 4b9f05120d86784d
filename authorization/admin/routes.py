from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from authorization import actions
from authorization.forms import RouteForm
from authorization.models import Route, RouteChange, RouteStep

LOST = "The figures changed, so this row counts as not verified until somebody compares it with its source."


class VerifiedFilter(admin.SimpleListFilter):
    title = "verification"
    parameter_name = "verified"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("stale", "Not for 6 months, or never"), ("fresh", "Within 6 months")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Route]) -> QuerySet[Route]:
        if self.value() is None:
            return queryset
        return queryset.filter(pk__in=[row.pk for row in queryset if row.is_stale() == (self.value() == "stale")])


class RouteChangeInline(admin.TabularInline):
    model = RouteChange
    template = "admin/rows.html"
    fields = readonly_fields = ["at", "by", "what", "before", "after", "why"]
    extra = 0
    can_delete = False
    verbose_name_plural = "history"

    def has_add_permission(self, request: HttpRequest, obj: Route | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Route | None = None) -> bool:
        return request.user.has_perm("authorization.view_route")

    def get_queryset(self, request: HttpRequest) -> QuerySet[RouteChange]:
        return super().get_queryset(request).select_related("by")

    @admin.display(description="what")
    def what(self, change: RouteChange) -> str:
        return change.what


@admin.register(Route)
class RouteAdmin(admin.ModelAdmin):
    form = RouteForm
    list_display = ["name", "preparation_days", "lead_days", "lead_unit", "typical_days", "verification"]
    list_filter = [VerifiedFilter]
    list_select_related = ["verified_by"]
    ordering = ["position"]
    readonly_fields = ["verification"]
    inlines = [RouteChangeInline]
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
        ("Verified", {"fields": ["source", "last_verified", "verification"]}),
        ("Why", {"fields": ["why", "confirmed"]}),
    ]

    def save_model(self, request: HttpRequest, obj: Route, form: RouteForm, change: bool) -> None:
        changes = actions.keep_route(obj, by=request.user, why=form.cleaned_data["why"])
        if any(one.field == "last_verified" and not one.after for one in changes):
            self.message_user(request, LOST, messages.WARNING)

    def what_waits(self, request: HttpRequest) -> Iterable[tuple[str, int, str]]:
        stale = sum(route.is_stale() for route in Route.objects.all())
        yield "Routes not verified for 6 months", stale, "?verified=stale"

    @admin.display(description="verification")
    def verification(self, route: Route) -> str:
        if route.last_verified is None:
            return "Not verified: students are sent to the international office"
        words = f"{route.last_verified:%b %-d, %Y}, by {route.verified_by}"
        return f"{words}: more than 6 months ago" if route.is_stale() else words

    @admin.action(description="Mark as verified today", permissions=["change"])
    def mark_verified(self, request: HttpRequest, queryset: QuerySet[Route]) -> None:
        for route in queryset:
            actions.verify_route(route, by=request.user)
            self.log_change(request, route, "Verified")
        self.message_user(request, "Marked as verified today.")


@admin.register(RouteStep)
class RouteStepAdmin(admin.ModelAdmin):
    list_display = ["name", "kind", "settled_by", "asks_number", "position"]
    list_filter = ["kind"]
    ordering = ["kind", "position", "pk"]
