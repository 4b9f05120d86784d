"""What was measured, for people and for programs."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from bench.measure import Row

# Times the floor, at 100,000 open postings.
TARGETS = {"newest": 2.0, "newest-again": 0.5, "filters": 4.0, "rare": 3.0, "common": 5.0, "posting": 1.5}
LESS, MORE, GROWTH = 10_000, 1_000_000, 2.0
HEAD = f"{'page':13}{'median ms':>10}{'p95 ms':>10}{'ratio':>8}  {'target':15}{'req/s':>8}{'queries':>9}{'bytes':>9}"


def table(rows: Iterable[Row]) -> str:
    return "\n".join([f"{HEAD}  answers", *map(line, rows)])


def line(row: Row) -> str:
    target = verdict(row.ratio, TARGETS[row.page]) if row.page in TARGETS else ""
    times = f"{row.median_ms:10,.1f}{row.p95_ms:10,.1f}{row.ratio:8.2f}"
    return (
        f"{row.page:13}{times}  {target:15}{row.rps:8.1f}{row.queries:9}{row.bytes:9,}  {row.requests} × {row.status}"
    )


def verdict(ratio: float, most: float) -> str:
    return f"≤ {most:g}: {'ok' if ratio <= most else 'missed'}"


def growth(rows: Sequence[Row]) -> str:
    """What a hundred times as many postings cost."""
    medians = {(row.page, row.size): row.median_ms for row in rows}
    lines = [
        f"{page:13}{median / medians[page, LESS]:10.2f}  {verdict(median / medians[page, LESS], GROWTH)}"
        for (page, size), median in medians.items()
        if size == MORE and (page, LESS) in medians
    ]
    return "\n".join([f"{MORE:,} against {LESS:,} postings", *lines]) if lines else ""


def write(path: Path, rows: Iterable[Row]) -> None:
    path.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")
