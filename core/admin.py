"""Staff act on a thing in the admin through the same actions as everybody else: a button, a page with a form, a verb.

    class HostAdmin(ObjectActionsAdmin):
        object_actions = [ObjectAction("verify", "Verify", VerifyForm, actions.verify_alumnus, shown=lambda host: ...)]

The form's cleaned data become the action's keyword arguments, beside `by`. A refused move is told on the form.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Min
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst

from core import clock
from core.workflow import MoveRefused


@dataclass(frozen=True)
class ObjectAction:
    """`run(obj, by=user, **cleaned_data)`; `shown(obj)` says whether the button stands there now, and `initial(obj)`
    what the form begins with."""

    name: str
    label: str
    form: type[forms.Form]
    run: Callable[..., Any]
    shown: Callable[[Any], bool] = lambda obj: True
    hint: str = ""
    kind: str = "secondary"
    initial: Callable[[Any], dict[str, Any]] = lambda obj: {}


class ObjectActionsAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # takes none at run time
    """A change page whose fields are read and whose verbs are buttons."""

    object_actions: Sequence[ObjectAction] = ()
    change_form_template = "admin/object_actions/change_form.html"

    def get_urls(self) -> list[URLPattern]:
        info = (self.opts.app_label, self.opts.model_name)
        view = self.admin_site.admin_view(self.object_action_view)
        view.model_admin = self  # type: ignore[attr-defined]  # as Django does for its own
        own = path("<path:object_id>/action/<slug:name>/", view, name="{}_{}_action".format(*info))
        return [own, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        obj = self.get_object(request, object_id)
        buttons = [(action, self._action_url(obj, action)) for action in self._shown(request, obj)] if obj else []
        context = {**(extra_context or {}), "object_actions": buttons}
        return super().change_view(request, object_id, form_url, context)

    def object_action_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        obj = self.get_object(request, object_id)
        if obj is None:
            raise Http404
        if not self.has_change_permission(request, obj):
            raise PermissionDenied
        action = next((action for action in self.object_actions if action.name == name), None)
        if action is None:
            raise Http404
        back = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[obj.pk])
        initial = {**action.initial(obj), **request.GET.dict()}
        form = action.form(request.POST if request.method == "POST" else None, initial=initial)
        if request.method == "POST" and form.is_valid() and self._run(request, action, obj, form):
            return redirect(self.after_action(request, obj) or back)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": action.label,
            "object": obj,
            "action": action,
            "form": form,
            "back": back,
            "media": form.media,
        }
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "admin/object_actions/action.html", context, status=status)

    def after_action(self, request: HttpRequest, obj: Any) -> str:
        """Where whoever has acted goes, if not back to the thing: a queue leads on."""
        return ""

    def _run(self, request: HttpRequest, action: ObjectAction, obj: Any, form: forms.Form) -> bool:
        try:
            action.run(obj, by=request.user, **form.cleaned_data)
        except MoveRefused as refusal:
            form.add_error(None, refusal.message)
            return False
        messages.success(request, f"{capfirst(self.opts.verbose_name)} “{obj}”: {action.label.lower()}, done.")
        return True

    def _shown(self, request: HttpRequest, obj: Any) -> list[ObjectAction]:
        if not self.has_change_permission(request, obj):
            return []
        return [action for action in self.object_actions if action.shown(obj)]

    def _action_url(self, obj: Any, action: ObjectAction) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_action", args=[obj.pk, action.name])


class WaitingFilter(admin.SimpleListFilter):
    """Staff come for what waits: rows whose `moment` is empty. A subclass names that field, and what has it."""

    title = "state"
    parameter_name = "state"
    moment: str
    ended: tuple[str, str]
    began = ""  # the field that says since when a row waits

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [self.ended, ("all", "All")]

    def choices(self, changelist: Any) -> Any:
        for value, label in ((None, "Waiting"), *self.lookup_choices):
            yield {
                "selected": self.value() == value,
                "query_string": changelist.get_query_string(
                    {self.parameter_name: value} if value else {}, remove=[] if value else [self.parameter_name]
                ),
                "display": label,
            }

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "all":
            return queryset
        return queryset.filter(**{f"{self.moment}__isnull": self.value() != self.ended[0]})


@dataclass(frozen=True)
class Waiting:
    """How many rows of a list wait for staff, where they stand, and since when the oldest does where that is known."""

    name: str
    number: int
    url: str
    since: dt.datetime | None = None


def what_waits(request: HttpRequest, site: admin.AdminSite) -> list[Waiting]:
    """Of the lists that say what waits, those that this person may do something about: what waits longest first."""
    found = []
    for model, model_admin in site._registry.items():
        if _may_settle(request, model_admin):
            url = reverse(f"{site.name}:{model._meta.app_label}_{model._meta.model_name}_changelist")
            for name, number, query, *since in _waits(request, model_admin):
                found.append(Waiting(name, number, url + query, *since))
    never = clock.now()
    return sorted(found, key=lambda one: (not one.number, one.since or never))


def _may_settle(request: HttpRequest, model_admin: Any) -> bool:
    """To change the rows, unless the list names another permission in `has_waiting_permission`."""
    asked = getattr(model_admin, "has_waiting_permission", model_admin.has_change_permission)
    return bool(asked(request))


def _waits(request: HttpRequest, model_admin: Any) -> Iterable[tuple[Any, ...]]:
    """A list says so with a WaitingFilter, or with a `what_waits(request)` of its own that gives what this does:
    name, number, query, and since when the oldest waits if that is known."""
    if hasattr(model_admin, "what_waits"):
        yield from model_admin.what_waits(request)
        return
    for kind in model_admin.list_filter:
        if isinstance(kind, type) and issubclass(kind, WaitingFilter):
            rows = model_admin.get_queryset(request).order_by().filter(**{f"{kind.moment}__isnull": True})
            since = {"since": Min(kind.began)} if kind.began else {}
            found = rows.aggregate(number=Count("pk"), **since)
            yield capfirst(str(model_admin.opts.verbose_name_plural)), found["number"], "", found.get("since")
