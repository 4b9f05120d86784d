from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from campus import actions
from campus.calendar import ClosedDays
from campus.closures import Moves
from campus.forms import ClosureListForm, FederalHolidaysForm, as_csv
from campus.models import Closure, ProgramSettings, Term
from core import clock

CONFIRMED = "confirmed"
FEDERAL_SOURCE = "Federal holidays as observed, 5 U.S.C. 6103"


@admin.register(Closure)
class ClosureAdmin(admin.ModelAdmin):
    """Closed days. Every change here goes through the action that counts open deadlines again."""

    list_display = ["name", "first_day", "last_day", "source", "last_verified"]
    list_filter = ["last_verified"]
    search_fields = ["name"]
    date_hierarchy = "first_day"
    ordering = ["-first_day"]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.import_view)
        return [path("import/", view, name="campus_closure_import"), *super().get_urls()]

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """Choose, look at what would be added, then add it. The preview carries its rows; nothing is kept between."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        federal = FederalHolidaysForm(
            request.POST if "federal" in request.POST else None, initial={"year": clock.today().year}
        )
        if federal.is_bound and federal.is_valid():
            rows = federal.rows()
            return self._preview(request, rows, as_csv(rows), FEDERAL_SOURCE)
        if "change" in request.POST:
            return self._import_page(request, {"federal": federal, "pasted": ClosureListForm(initial=request.POST)})
        pasted = ClosureListForm(request.POST if {"preview", "apply"} & request.POST.keys() else None)
        if pasted.is_bound and pasted.is_valid():
            rows, source = pasted.cleaned_data["rows"], pasted.cleaned_data["source"]
            if "apply" in request.POST:
                return self._apply(request, rows, source)
            return self._preview(request, rows, as_csv(rows), source)
        return self._import_page(request, {"federal": federal, "pasted": pasted}, 422 if request.POST else 200)

    def _preview(self, request: HttpRequest, rows: list[ClosedDays], text: str, source: str) -> HttpResponse:
        known = set(Closure.objects.values_list("first_day", "last_day"))
        preview = [(row, (row.first_day, row.last_day) in known) for row in sorted(set(rows))]
        fresh = sum(not listed for _, listed in preview)
        moves = actions.preview_closures(added=actions.not_listed(rows))
        context = {"preview": preview, "fresh": fresh, "text": text, "source": source, **_shown(moves, request.user)}
        return self._import_page(request, context)

    def _apply(self, request: HttpRequest, rows: list[ClosedDays], source: str) -> HttpResponse:
        added, moved = actions.import_closures(rows, source=source, verified_on=clock.today(), by=request.user)
        for closure in added:
            self.log_addition(request, closure, [{"added": {}}])
        closures, deadlines = _plural(len(added), "closure"), _plural(moved, "open deadline")
        messages.success(request, f"{closures} added; {deadlines} moved.")
        return redirect("admin:campus_closure_changelist")

    def _import_page(self, request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Import closures",
            "back": reverse("admin:campus_closure_changelist"),
            **context,
        }
        return TemplateResponse(request, "admin/campus/closure/import.html", context, status=status)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """What would move open deadlines is shown before it is saved."""
        moves = self._would_move(request, object_id) if request.method == "POST" else Moves()
        if not moves.total:
            return super().changeform_view(request, object_id, form_url, extra_context)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Deadlines that would move",
            "back": reverse("admin:campus_closure_changelist"),
            "posted": [(name, value) for name, values in request.POST.lists() for value in values],
            **_shown(moves, request.user),
        }
        return TemplateResponse(request, "admin/campus/closure/moves.html", context)

    def _would_move(self, request: HttpRequest, object_id: str | None) -> Moves:
        closure = self.get_object(request, object_id) if object_id else None
        may = self.has_change_permission(request, closure) if object_id else self.has_add_permission(request)
        if CONFIRMED in request.POST or not may:
            return Moves()
        form = self.get_form(request, closure, change=bool(object_id))(request.POST, instance=closure)
        return actions.preview_closures(changed=[form.instance]) if form.is_valid() else Moves()

    def save_model(self, request: HttpRequest, obj: Closure, form: ModelForm, change: bool) -> None:
        moved = actions.change_closures(changed=[obj], by=request.user)
        if moved:
            messages.success(request, f"{_plural(moved, 'open deadline')} moved.")

    def delete_model(self, request: HttpRequest, obj: Closure) -> None:
        actions.change_closures(removed=[obj], by=request.user)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Closure]) -> None:
        actions.change_closures(removed=list(queryset), by=request.user)


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _shown(moves: Moves, user: Any) -> dict[str, Any]:
    """How many move from which day to which, and to those who may read such rows, which; the soonest first."""
    moved = [one for one in moves.first if user.has_perm(f"{one.row._meta.app_label}.view_{one.row._meta.model_name}")]
    return {"moved": moved, "moves": moves, "unnamed": moves.total - len(moved)}


@admin.register(Term)
class TermAdmin(admin.ModelAdmin):
    list_display = ["name", "first_day", "last_day", "in_session", "last_verified"]
    list_filter = ["in_session"]
    search_fields = ["name"]


@admin.register(ProgramSettings)
class ProgramSettingsAdmin(admin.ModelAdmin):
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    fieldsets = [
        ("The board", {"fields": ["university_name", "program_name", "student_email_domains", "guidelines_days"]}),
        ("Career office", {"fields": ["office_name", "office_email"]}),
        ("Postings", {"fields": ["review_within"]}),
        ("Applications", {"fields": ["silent_after"]}),
        (
            "International office",
            {
                "fields": [
                    "international_office_name",
                    "international_office_url",
                    "international_office_email",
                ]
            },
        ),
        ("Where this comes from", {"fields": ["source", "last_verified"]}),
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ProgramSettings | None = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """One row: its list is its page."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return redirect("admin:campus_programsettings_change", ProgramSettings.load().pk)
