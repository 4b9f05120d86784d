"""What staff edit: types, engagements, streams, labels and pay floors."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from postings.models import EngagementType, Label, LabelRule, OpportunityType, PayFloor, Stream, Synonym
from postings.workflow import Status


@admin.register(OpportunityType)
class OpportunityTypeAdmin(admin.ModelAdmin):
    list_display = ["name", "offer_days_least", "offer_days_recommended", "active", "last_verified"]
    fieldsets = [
        (None, {"fields": ["name", "plural", "slug", "order", "active"]}),
        (
            "Usual terms",
            {
                "fields": [
                    ("weeks_min", "weeks_max"),
                    ("hours_week_min", "hours_week_max"),
                    ("total_hours_min", "total_hours_max"),
                    ("pay_low", "pay_high"),
                ],
                "description": "A posting outside of these warns the host and the moderator. Nothing is refused.",
            },
        ),
        (
            "Business days to decide on an offer",
            {
                "fields": [("offer_days_least", "offer_days_recommended")],
                "description": "A change holds for offers written from now on; what was promised stays.",
            },
        ),
        ("Where this comes from", {"fields": ["source", "last_verified"]}),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: OpportunityType | None = None) -> list[str]:
        """Addresses and the search for micro-internships hang on the slug."""
        return ["slug"] if obj else []


@admin.register(EngagementType)
class EngagementTypeAdmin(admin.ModelAdmin):
    list_display = ["name", "allowed", "source", "last_verified"]

    def get_readonly_fields(self, request: HttpRequest, obj: EngagementType | None = None) -> list[str]:
        return ["slug"] if obj else []


@admin.register(Synonym)
class SynonymAdmin(admin.ModelAdmin):
    search_fields = ["words"]


@admin.register(Stream)
class StreamAdmin(admin.ModelAdmin):
    list_display = ["name", "order", "postings_open"]

    def get_queryset(self, request: HttpRequest) -> Any:
        open_now = models.Q(postings__status=Status.OPEN)
        return super().get_queryset(request).annotate(open=models.Count("postings", filter=open_now))

    def get_readonly_fields(self, request: HttpRequest, obj: Stream | None = None) -> list[str]:
        return ["slug"] if obj else []

    @admin.display(description="Open postings")
    def postings_open(self, stream: Any) -> int:
        return int(stream.open)


@admin.register(Label)
class LabelAdmin(admin.ModelAdmin):
    list_display = ["name", "public", "rule", "order"]
    list_filter = ["public", "rule"]
    fields = ["name", "plural", "slug", "public", "order", "rule"]

    def get_readonly_fields(self, request: HttpRequest, obj: Label | None = None) -> list[str]:
        """What a label follows is code; staff name and sort those they give themselves."""
        if obj is None:
            return ["rule"]
        return ["slug", "rule"] if obj.rule == LabelRule.BY_HAND else ["name", "slug", "public", "rule"]

    def has_delete_permission(self, request: HttpRequest, obj: Label | None = None) -> bool:
        given = obj is None or obj.rule == LabelRule.BY_HAND
        return given and super().has_delete_permission(request, obj)


@admin.register(PayFloor)
class PayFloorAdmin(admin.ModelAdmin):
    list_display = ["place", "hourly", "currency", "source", "last_verified"]
    list_filter = ["country"]
