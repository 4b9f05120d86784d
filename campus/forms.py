"""Lists of closures: a year of federal holidays, or rows somebody pastes."""

import csv
import datetime as dt
from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from campus.calendar import ClosedDays, federal_holidays
from campus.models import LONGEST_CLOSURE

MOST_ROWS = 400


class FederalHolidaysForm(forms.Form):
    year = forms.IntegerField(min_value=2000, max_value=2100)

    def rows(self) -> list[ClosedDays]:
        return [ClosedDays(day, day, name) for day, name in federal_holidays(self.cleaned_data["year"]).items()]


class ClosureListForm(forms.Form):
    rows = forms.CharField(
        label="Closures, one a line",
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false"}),
        max_length=40_000,
        help_text="name, first day, last day – for example: Winter closing, 2026-12-24, 2027-01-01. "
        "The last day may be left out for a single day.",
    )
    source = forms.CharField(max_length=300, required=False, help_text="The page or document these were read from.")

    def clean_rows(self) -> list[ClosedDays]:
        rows, errors = [], []
        for number, cells in _lines(self.cleaned_data["rows"]):
            try:
                rows.append(_closure(cells))
            except ValueError as error:
                errors.append(f"Line {number}: {error}")
        if len(rows) > MOST_ROWS:
            errors.append(f"At most {MOST_ROWS} closures at a time.")
        if errors:
            raise ValidationError(errors)
        if not rows:
            raise ValidationError("Write at least one closure.")
        return rows


def as_csv(rows: list[ClosedDays]) -> str:
    """The rows as ClosureListForm reads them."""
    return "\n".join(
        f'"{row.name.replace(chr(34), chr(34) * 2)}", {row.first_day}, {row.last_day}' for row in sorted(rows)
    )


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(text.replace("\0", "").splitlines(), skipinitialspace=True)
    try:
        for cells in reader:
            if any(cells) and cells[0].strip().lower() != "name":
                yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise ValidationError(f"Line {reader.line_num} cannot be read: {error}.") from error


def _closure(cells: list[str]) -> ClosedDays:
    if len(cells) not in (2, 3) or not 0 < len(cells[0]) <= 100:
        raise ValueError("write a name, the first day and the last day, with commas between.")
    days: list[Any] = [_day(cell) for cell in cells[1:] if cell]
    if not days:
        raise ValueError("the first day is missing.")
    first, last = days[0], days[-1]
    if not first <= last <= first + LONGEST_CLOSURE:
        raise ValueError(f"the last day must be on or after the first, and within {LONGEST_CLOSURE.days} days of it.")
    return ClosedDays(first, last, cells[0])


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"“{text[:20]}” is no date like 2026-12-24.") from None
