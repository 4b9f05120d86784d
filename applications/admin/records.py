"""Staff's side: what stands is read here, and every change is a form in front of an action."""

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from accounts.models import Organization
from applications import actions
from applications.figures import of_applications
from applications.forms import ExtensionForm, NoQuestion, ReasonForm, TalkNoteForm
from applications.models import Application, GuidelinesText, Offer, OfferRequest, RequestKind, Side
from applications.timeline import OFFER_TONES, TONES, entries
from applications.workflow import BEFORE_OFFER, UNDECIDED, ApplicationStatus, OfferStatus
from core import clock
from core.admin import ObjectAction, ObjectActionsAdmin, WaitingFilter
from core.figures import Figure
from core.workflow import MoveRefused

SOON = dt.timedelta(days=2)
_text = forms.Textarea(attrs={"rows": 4})


class WaiverForm(forms.Form):
    days = forms.IntegerField(label="Business days to decide, at least", min_value=1, max_value=60)
    reason = forms.CharField(label="Why", max_length=1000, widget=_text, help_text="It stands on the offer.")


class StaffExtensionForm(ExtensionForm):
    """Staff always say why: theirs is the word that reopens an offer."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = True


class ExtendAllForm(forms.Form):
    days = forms.IntegerField(label="Business days to add", min_value=1, max_value=60)
    reason = forms.CharField(max_length=1000, widget=_text, help_text="Every student with an open offer reads it.")


class WithdrawalForm(ReasonForm):
    field_order = ("gone_back", "reason")
    gone_back = forms.ChoiceField(label="Who goes back on it?", choices=Side.choices, widget=forms.RadioSelect)


class ReadOnlyAdmin(ObjectActionsAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        nothing_to_save = {"show_save": False, "show_save_and_continue": False}
        return super().change_view(request, object_id, form_url, {**nothing_to_save, **(extra_context or {})})


@admin.register(Application)
class ApplicationAdmin(ReadOnlyAdmin):
    change_form_template = "admin/applications/application/change_form.html"
    list_display = ["student", "posting", "organization", "status", "submitted_at"]
    list_filter = ["status", "posting__stream"]
    list_select_related = ["student__user", "posting__organization"]
    search_fields = ["student__user__name", "posting__title", "posting__organization__name"]
    ordering = ["-submitted_at", "-pk"]
    fields = readonly_fields = [
        "student",
        "posting",
        "submitted_at",
        "waived_days",
        "waived_reason",
        "waived_by",
        "waived_at",
    ]
    object_actions = [
        ObjectAction(
            "waiver",
            "Allow fewer days to decide",
            WaiverForm,
            actions.waive_least_days,
            shown=lambda application: application.status in BEFORE_OFFER,
            hint="The host can then write an offer with as few business days as this.",
        )
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).exclude(status=ApplicationStatus.DRAFT)

    def figures(self, request: HttpRequest) -> Iterable[Figure]:
        return of_applications(request, reverse("admin:applications_application_changelist"))

    @admin.display(ordering="posting__organization__name")
    def organization(self, application: Application) -> str:
        return str(application.posting.organization)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        application = self.get_object(request, object_id)
        context = extra_context or {}
        if application:
            context |= {
                "tone": TONES.get(application.status, "ended"),
                "timeline": entries(application, viewer=request.user),
                "accesses": application.accesses.select_related("user"),
            }
        return super().change_view(request, object_id, form_url, context)


def near_expiry() -> Q:
    now = clock.now()
    return Q(status=OfferStatus.OPEN, deadline__gt=now, deadline__lte=now + SOON)


class DeadlineFilter(admin.SimpleListFilter):
    title = "deadline"
    parameter_name = "lapses"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("soon", "Within 2 days")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(near_expiry()) if self.value() == "soon" else queryset


@admin.register(Offer)
class OfferAdmin(ReadOnlyAdmin):
    change_form_template = "admin/applications/offer/change_form.html"
    change_list_template = "admin/applications/offer/change_list.html"
    list_display = ["student", "posting", "status", "written_at", "last_day"]
    list_filter = ["status", DeadlineFilter]
    list_select_related = ["application__student__user", "application__posting__organization"]
    search_fields = ["application__student__user__name", "application__posting__title"]
    ordering = ["-written_at", "-pk"]
    fields = readonly_fields = [
        "application",
        "written_at",
        "written_by",
        "starts_on",
        "ends_on",
        "hours_week",
        "pay_kind",
        "pay_amount",
        "currency",
        "note",
        "policy_days",
        "policy_least",
        "waiver_reason",
        "waived_by",
        "days",
        "last_day",
        "zone",
        "held_at",
        "talk",
        "gone_back",
    ]
    object_actions = [
        ObjectAction(
            "extension",
            "Give more time",
            StaffExtensionForm,
            actions.extend_offer,
            shown=lambda offer: offer.status in (OfferStatus.OPEN, OfferStatus.EXPIRED),
            hint="A deadline only ever moves later. An offer that has lapsed is open again until the new day ends.",
            kind="primary",
        ),
        ObjectAction(
            "talk",
            "Record a talk",
            TalkNoteForm,
            actions.record_talk,
            shown=lambda offer: offer.status in (*UNDECIDED, OfferStatus.EXPIRED),
            hint="That the student talked the offer over with you. An unpaid one can be accepted only after that.",
        ),
        ObjectAction(
            "rescission",
            "Take the offer back",
            ReasonForm,
            actions.rescind_offer,
            shown=lambda offer: offer.status in UNDECIDED,
            hint="The student reads the reason.",
            kind="danger",
        ),
        ObjectAction(
            "acceptance-withdrawal",
            "Withdraw the acceptance",
            WithdrawalForm,
            actions.withdraw_acceptance,
            shown=lambda offer: offer.status == OfferStatus.ACCEPTED,
            hint="The position can go to another applicant, but a posting that was filled stays filled. Both sides are "
            "told that it happened; the reason stays with the office.",
            kind="danger",
        ),
    ]

    def what_waits(self, request: HttpRequest) -> Iterable[tuple[str, int, str]]:
        yield (
            "Offers that lapse within 2 days",
            self.get_queryset(request).filter(near_expiry()).count(),
            "?lapses=soon",
        )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.extension_view)
        return [path("extension/", view, name="applications_offer_extension"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        may_extend = self.has_change_permission(request)
        return super().changelist_view(request, {**(extra_context or {}), "may_extend": may_extend})

    def extension_view(self, request: HttpRequest) -> HttpResponse:
        """More time for every open offer at once, after a day on which nobody could answer."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        form = ExtendAllForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                count = actions.extend_all_open_offers(by=request.user, **form.cleaned_data)
            except MoveRefused as refusal:
                form.add_error(None, refusal.message)
            else:
                messages.success(request, f"{count} open offer{'s' if count != 1 else ''} extended.")
                return redirect("admin:applications_offer_changelist")
        open_now = Offer.objects.filter(status=OfferStatus.OPEN).count()
        hint = f"Open now: {open_now}. Each student is told the new day."
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Extend all open offers",
            "object": "All open offers",
            "action": {"label": "Extend all", "hint": hint},
            "form": form,
            "back": "../",
            "media": form.media,
        }
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "admin/object_actions/action.html", context, status=status)

    @admin.display(ordering="application__student__user__name")
    def student(self, offer: Offer) -> str:
        return offer.student.display_name

    @admin.display(ordering="application__posting__title")
    def posting(self, offer: Offer) -> str:
        return f"{offer.application.posting}, {offer.application.posting.organization}"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        offer = self.get_object(request, object_id)
        context = extra_context or {}
        if offer:
            context |= {
                "tone": OFFER_TONES.get(offer.status, "ended"),
                "timeline": entries(offer.application, viewer=request.user),
            }
        return super().change_view(request, object_id, form_url, context)


class AskedFilter(WaitingFilter):
    moment, ended, began = "settled_at", ("settled", "Settled"), "asked_at"


def _waits(*kinds: RequestKind) -> Callable[[OfferRequest], bool]:
    return lambda request: request.is_open and request.kind in kinds


@admin.register(OfferRequest)
class OfferRequestAdmin(ReadOnlyAdmin):
    """What students ask about their offers, the oldest first. More time is given on the offer itself."""

    list_display = ["student", "kind", "posting", "asked_at", "open_until", "outcome"]
    list_filter = [AskedFilter, "kind"]
    list_select_related = ["offer__application__student__user", "offer__application__posting__organization"]
    search_fields = ["offer__application__student__user__name", "offer__application__posting__title"]
    ordering = ["asked_at", "pk"]
    fields = readonly_fields = [
        *("offer", "kind", "asked_by", "asked_at", "words", "wished_day"),
        *("settled_by", "settled_at", "outcome", "note"),
    ]
    object_actions = [
        ObjectAction(
            "talk",
            "The talk took place",
            TalkNoteForm,
            lambda request, **said: actions.record_talk(request.offer, **said),
            shown=_waits(RequestKind.TALK),
            hint="The student sees that it is on record, not what you write.",
            kind="primary",
        ),
        ObjectAction(
            "talk-off",
            "It does not take place",
            ReasonForm,
            actions.drop_talk,
            shown=_waits(RequestKind.TALK),
            hint="Nobody came, or it is no longer wished for. The student can ask again, and does not see the reason.",
        ),
        ObjectAction(
            "extension",
            "Give more time",
            StaffExtensionForm,
            lambda request, **said: actions.extend_offer(request.offer, **said),
            shown=_waits(RequestKind.MORE_TIME),
            hint="A deadline only ever moves later. The student reads the reason.",
            kind="primary",
        ),
        ObjectAction(
            "acceptance-withdrawal",
            "Withdraw the acceptance",
            ReasonForm,
            lambda request, **said: actions.withdraw_acceptance(request.offer, **said),
            shown=_waits(RequestKind.GOING_BACK),
            hint="The position can go to another applicant. Both sides are told that it happened; the reason stays "
            "with the office.",
            kind="danger",
        ),
        ObjectAction(
            "refusal",
            "Say no",
            ReasonForm,
            actions.refuse_request,
            shown=_waits(RequestKind.MORE_TIME, RequestKind.GOING_BACK),
            hint="What was asked for is not granted. The student reads the reason.",
        ),
    ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"title": "Asked about offers", **(extra_context or {})})

    @admin.display(ordering="offer__application__student__user__name")
    def student(self, request: OfferRequest) -> str:
        return request.student.display_name

    @admin.display(ordering="offer__application__posting__title")
    def posting(self, request: OfferRequest) -> str:
        return f"{request.offer.application.posting}, {request.offer.application.posting.organization}"

    @admin.display(description="Offer open until", ordering="offer__deadline")
    def open_until(self, request: OfferRequest) -> str:
        return request.offer.deadline_shown if request.offer.status in UNDECIDED else request.offer.get_status_display()


@admin.register(Organization)
class OrganizationAdmin(ReadOnlyAdmin):
    """Here and not with accounts, because a suspension reaches postings and offers."""

    list_display = ["name", "kind", "city", "country", "suspended_at"]
    list_filter = ["kind", ("suspended_at", admin.EmptyFieldListFilter)]
    search_fields = ["name", "memberships__user__name", "memberships__user__email"]
    fields = readonly_fields = [
        "name",
        "kind",
        "website",
        "city",
        "country",
        "about",
        "created_by",
        "created_at",
        "suspended_at",
        "suspended_by",
        "suspended_reason",
    ]
    object_actions = [
        ObjectAction(
            "suspension",
            "Suspend",
            ReasonForm,
            actions.suspend_organization,
            shown=lambda organization: not organization.is_suspended,
            hint="Its postings are hidden and its open offers are put on hold. Students lose no days by it.",
            kind="danger",
        ),
        ObjectAction(
            "reinstatement",
            "Reinstate",
            NoQuestion,
            actions.reinstate_organization,
            shown=lambda organization: organization.is_suspended,
            hint="Its postings come back, and the business days lost are added to its offers.",
            kind="primary",
        ),
    ]


@admin.register(GuidelinesText)
class GuidelinesTextAdmin(admin.ModelAdmin):
    """A version that was published stays as it was read; a new one is added, and asked of everybody anew."""

    list_display = ["version", "published_at"]
    fields = ["version", "published_at", "body"]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        latest = GuidelinesText.objects.latest()
        return {"version": latest.version + 1, "body": latest.body}

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
