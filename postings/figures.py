"""How the board did: postings a week, and by stream what was published in a period and what became of it."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, F, Q
from django.http import HttpRequest

from campus.periods import chosen
from core.figures import Cell, Figure, Median, count, days, part, weekly, within
from postings.models import PAID, Posting
from postings.workflow import OVER, Status

HEAD = ("Stream", "Published", "Paid", "Alumni host", "Over", "Filled, of those over", "Median days to approval")


def of_postings(request: HttpRequest, url: str) -> Iterable[Figure]:
    """`url` is that of the list, which shows what waits unless it is asked for all."""
    rows = Posting.objects.looked_after_by(request.user)
    yield weekly("Postings submitted a week", rows, "submitted_at", url, queue="all")
    period = chosen(request)
    span = within("published_at", period.start, period.end)
    yield Figure(
        f"Postings published, by stream: {period.name}",
        HEAD,
        tuple(_by_stream(rows.filter(**span).order_by(), url, {"queue": "all", **span})),
        note="Days to approval are counted from the last submission, around the clock.",
    )


def _by_stream(rows: Any, url: str, lookups: dict[str, Any]) -> Iterable[tuple[str, tuple[Cell, ...]]]:
    with_alumni_host = rows.with_alumni_host().filter(alumni_host=True)
    alumni = dict(with_alumni_host.values_list("stream").annotate(Count("pk")))
    measures = {
        "published": Count("pk"),
        "paid": Count("pk", filter=Q(pay_kind__in=PAID)),
        "over": Count("pk", filter=Q(status__in=OVER)),
        "filled": Count("pk", filter=Q(status=Status.FILLED)),
        "median": Median(F("approved_at") - F("submitted_at")),
    }

    def cells(row: dict[str, Any], with_alumni: int, lookups: dict[str, Any]) -> tuple[Cell, ...]:
        return (
            count(row["published"], url, **lookups),
            part(row["paid"], row["published"], url, **lookups, pay_kind__in=PAID),
            part(with_alumni, row["published"], url, **lookups, alumni="yes"),
            count(row["over"], url, **lookups, status__in=OVER),
            part(row["filled"], row["over"], url, **lookups, status__exact=Status.FILLED),
            days(row["median"]),
        )

    named = rows.values("stream", "stream__name").order_by("stream__order", "stream__name")
    for row in named.annotate(**measures):
        of_stream = lookups | {"stream__id__exact": row["stream"]}
        yield row["stream__name"], cells(row, alumni.get(row["stream"], 0), of_stream)
    yield "All streams", cells(rows.aggregate(**measures), sum(alumni.values()), lookups)
