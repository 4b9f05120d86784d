"""Very many rows of one table at once, alike in most of their columns."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, models


def insert_like(row: models.Model, each: Mapping[str, Sequence[Any]], *, ignore_conflicts: bool = False) -> None:
    """In one statement as many rows as `each` has values, every one like this row but for the columns named there (by
    the names of attributes, "offer_id"). The database alone checks them."""
    fields = [field for field in row._meta.concrete_fields if not field.primary_key and not field.generated]
    own = [field for field in fields if field.attname in each]
    alike = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields if field not in own]
    columns = ", ".join(map(_name, fields))
    values = ", ".join(f"each.{_name(field)}" if field in own else "%s" for field in fields)
    arrays = ", ".join(f"%s::{field.db_type(connection)}[]" for field in own)
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{row._meta.db_table}" ({columns}) SELECT {values} '  # noqa: S608  the model's own names
            f"FROM unnest({arrays}) AS each ({', '.join(map(_name, own))})"
            f"{' ON CONFLICT DO NOTHING' if ignore_conflicts else ''}",
            [*alike, *(list(each[field.attname]) for field in own)],
        )


def _name(field: "models.Field[Any, Any]") -> str:
    return f'"{field.column}"'
