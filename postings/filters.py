"""Filters and sorting of the list, all of them in the address. What the address says and nobody knows is left out."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import django_filters
from django import forms
from django.db.models import Case, F, IntegerField, Q, Value, When
from django.http import QueryDict

from accounts.models import Level
from core.forms import Fieldset
from postings import search
from postings.models import (
    HOME_COUNTRY,
    HOME_CURRENCY,
    PAID,
    Label,
    LabelRule,
    LocationMode,
    OpportunityType,
    PostingQuerySet,
    Stream,
)

Choices = list[tuple[str, str]]
HOURS: Choices = [("10", "Up to 10"), ("15", "Up to 15"), ("20", "Up to 20"), ("35", "Up to 35")]
SORTS: Choices = [("match", "Best match"), ("newest", "Newest"), ("closing", "Closing soon"), ("pay", "Pay")]
SINGLE = ("pay", "hours", "sort")


@dataclass
class Known:
    """The query string, read: what counts of it, in the words people see, and what does not."""

    data: QueryDict
    ignored: list[str] = field(default_factory=list)
    chips: list[tuple[str, str]] = field(default_factory=list)


def load_choices() -> dict[str, Choices]:
    """What each filter offers, in three queries however many postings there are."""
    labels = Label.objects.filter(public=True)
    return {
        "label": [(label.slug, label.plural or label.name) for label in labels],
        "type": list(OpportunityType.objects.values_list("slug", "name")),
        "stream": list(Stream.objects.values_list("slug", "name")),
        "location": list(LocationMode.choices),
        "pay": [("paid", "Paid")],
        "level": list(Level.choices),
        "hours": HOURS,
        "sort": SORTS,
    }


def read(query: QueryDict, choices: dict[str, Choices]) -> Known:
    known = Known(QueryDict(mutable=True))
    text = search.clean(query.get("q", ""))
    if text:
        known.data["q"] = text
    for name, offered in choices.items():
        names = dict(offered)
        values = list(dict.fromkeys(query.getlist(name)))
        kept = [value for value in values if value in names][: 1 if name in SINGLE else None]
        known.ignored += [_shown(value) for value in values if value and value not in names]
        if kept:
            known.data.setlist(name, kept)
    known.chips = list(_chips(known.data, choices))
    return known


def _shown(value: str) -> str:
    return value.replace("\x00", "")[:40]


def _chips(data: QueryDict, choices: dict[str, Choices]) -> Iterable[tuple[str, str]]:
    """Each filter in use with the address of the list without it; sorting narrows nothing, so it has none."""
    if "q" in data:
        yield f"“{data['q']}”", _without(data, "q", str(data["q"]))
    for name, offered in choices.items():
        names = dict(offered)
        for value in data.getlist(name) if name != "sort" else ():
            yield f"{names[value]}{' hours a week' if name == 'hours' else ''}", _without(data, name, value)


def _without(data: QueryDict, name: str, value: str) -> str:
    rest = data.copy()
    rest.setlist(name, [other for other in data.getlist(name) if other != value])
    return "?" + rest.urlencode()


def _multiple(label: str, **kwargs: Any) -> django_filters.MultipleChoiceFilter:
    return django_filters.MultipleChoiceFilter(label=label, widget=forms.CheckboxSelectMultiple, **kwargs)


class PostingFilter(django_filters.FilterSet):
    """Within a facet any of the choices will do; between facets all must hold."""

    label = _multiple("Labeled by your school", method="by_label")
    type = _multiple("Opportunity type", field_name="opportunity_type__slug")
    stream = _multiple("Stream", field_name="stream__slug")
    location = _multiple("Location", field_name="location_mode")
    pay = _multiple("Pay", method="by_pay")
    level = _multiple("Open to", method="by_level")
    hours = django_filters.ChoiceFilter(label="Hours a week", method="by_hours", empty_label="Any")
    sort = django_filters.ChoiceFilter(label="Sort by", method="keep", empty_label=None)

    def __init__(self, data: QueryDict, *, queryset: PostingQuerySet, choices: dict[str, Choices]) -> None:
        super().__init__(data, queryset=queryset)
        for name, offered in choices.items():
            self.filters[name].extra["choices"] = offered
        self.searched = search.parse(data.get("q", ""))

    @property
    def form(self) -> forms.Form:
        form: forms.Form = super().form
        form.fieldsets = [Fieldset("", tuple(form.fields))]  # type: ignore[attr-defined]
        return form

    def filter_queryset(self, queryset: PostingQuerySet) -> PostingQuerySet:
        found = search.apply(self.searched, super().filter_queryset(queryset))
        return _sorted(found, self.form.cleaned_data.get("sort") or "match", self.searched)

    def by_label(self, queryset: PostingQuerySet, name: str, slugs: list[str]) -> PostingQuerySet:
        if not slugs:
            return queryset
        conditions = Q()
        for label in Label.objects.filter(slug__in=slugs, public=True):
            conditions |= _carries(label)
        return queryset.filter(conditions)

    def by_pay(self, queryset: PostingQuerySet, name: str, values: list[str]) -> PostingQuerySet:
        return queryset.filter(pay_kind__in=PAID) if values else queryset

    def by_level(self, queryset: PostingQuerySet, name: str, levels: list[str]) -> PostingQuerySet:
        return queryset.filter(levels__overlap=levels) if levels else queryset

    def by_hours(self, queryset: PostingQuerySet, name: str, most: str) -> PostingQuerySet:
        return queryset.filter(hours_week_min__lte=int(most)) if most else queryset

    def keep(self, queryset: PostingQuerySet, name: str, value: str) -> PostingQuerySet:
        return queryset


def _carries(label: Label) -> Q:
    """Postings with this label; needs the annotation of PostingQuerySet.with_alumni_host."""
    match label.rule:
        case LabelRule.OPPORTUNITY_TYPE:
            return Q(opportunity_type=label.opportunity_type_id)
        case LabelRule.ALUMNI_HOST:
            return Q(alumni_host=True)
        case LabelRule.ABROAD:
            return ~Q(country=HOME_COUNTRY)
        case _:
            return Q(pk__in=label.postings.values("pk"))


def _sorted(postings: PostingQuerySet, sort: str, searched: search.Search) -> PostingQuerySet:
    if sort == "closing":
        return postings.order_by(F("apply_by").asc(nulls_last=True), "-published_at", "-pk")
    if sort == "pay":
        # An amount in another currency says nothing beside one in ours, so those follow.
        foreign = Case(When(currency=HOME_CURRENCY, then=Value(0)), default=Value(1), output_field=IntegerField())
        return postings.order_by(foreign, F("effective_hourly").desc(nulls_last=True), "-published_at", "-pk")
    if sort == "newest":
        return postings.order_by("-published_at", "-pk")
    return search.by_rank(searched, postings)
