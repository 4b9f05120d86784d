"""How hosts did: applications a week, and by stream how long an answer took."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, ExpressionWrapper, F, Min, OuterRef, Subquery
from django.db.models.fields import DurationField
from django.http import HttpRequest

from applications.models import Application, ApplicationEvent
from campus.periods import chosen
from core.figures import Figure, Median, count, days, weekly, within

ANSWERS = ("review", "interview", "offer", "not_select")


def of_applications(request: HttpRequest, url: str) -> Iterable[Figure]:
    rows = Application.objects.handled_by(request.user)
    yield weekly("Applications sent a week", rows, "submitted_at", url)
    period = chosen(request)
    span = within("submitted_at", period.start, period.end)
    answered = ApplicationEvent.objects.filter(
        application=OuterRef("pk"), move__in=ANSWERS, at__gte=OuterRef("submitted_at")
    )
    first = answered.order_by().values("application").annotate(first=Min("at")).values("first")
    waited = ExpressionWrapper(Subquery(first) - F("submitted_at"), output_field=DurationField())
    measures = {"n": Count("pk"), "median": Median("waited")}
    sent = rows.filter(**span).order_by().annotate(waited=waited)
    named = sent.values("posting__stream", "posting__stream__name")
    rows_of: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
        (row["posting__stream__name"], dict(row), {"posting__stream__id__exact": row["posting__stream"]})
        for row in named.order_by("posting__stream__order", "posting__stream__name").annotate(**measures)
    ]
    rows_of.append(("All streams", sent.aggregate(**measures), {}))
    yield Figure(
        f"Applications sent, by stream: {period.name}",
        ("Stream", "Sent", "Median days to the first answer"),
        tuple(
            (name, (count(row["n"], url, **span, **of_stream), days(row["median"]))) for name, row, of_stream in rows_of
        ),
        note="Those that nobody has answered yet are not in the median.",
    )
