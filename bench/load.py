"""Fills a database up to a number of open postings.

Rows go in by COPY, through the columns of the application's own models and with its triggers and constraints on. The
same number always gives the same posting, with its dates counted back from the moment of loading.
"""

import datetime as dt
import io
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models
from django.db.models import Max
from psycopg2.errors import DeadlockDetected

from accounts.models import Host, Membership, Organization, User
from bench.rows import PER_ORGANIZATION, Board, Row
from postings.models import Posting

MODERATOR = "moderator@bench.example"
AT_ONCE = 5000
THREADS = 2
REBUILD_FROM = 20_000  # with as many new rows it is quicker to build the indexes afterwards


def cell(value: Any) -> str:
    """As COPY reads it."""
    if value is None:
        return r"\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, list):
        return "{" + ",".join(cell(part) for part in value) + "}"  # of names alone: nothing in them to quote
    if isinstance(value, str):
        return value.replace("\\", r"\\").replace("\n", r"\n").replace("\t", r"\t").replace("\r", r"\r")
    return str(value)


class Table:
    """A model's columns, each with its default where a row says nothing."""

    def __init__(self, model: type[models.Model], *, numbered: bool) -> None:
        fields = [field for field in model._meta.concrete_fields if not field.generated]
        fields = [field for field in fields if numbered or not field.primary_key]
        self.defaults = {field.attname: cell(field.get_default()) for field in fields}
        columns = ", ".join(f'"{field.column}"' for field in fields)
        self.statement = f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN'

    def copy_in(self, rows: Iterable[Row]) -> None:
        text = "\n".join(map(self._line, rows))
        with connection.cursor() as cursor:
            cursor.copy_expert(self.statement, io.StringIO(text))

    def _line(self, row: Row) -> str:
        return "\t".join(cell(row[name]) if name in row else default for name, default in self.defaults.items())


def fill(size: int, now: dt.datetime) -> None:
    board = Board(now)
    known = Posting.objects.aggregate(most=Max("pk"))["most"] or 0
    if not known:
        moderator = {"id": 1, "email": MODERATOR, "name": "Mo Bench", "password": "!"}
        Table(User, numbered=True).copy_in([moderator])
    if size <= known:
        return
    fill_organizations(board, size)
    with indexes_built_afterwards(Posting) if size - known >= REBUILD_FROM else nullcontext():
        fill_postings(board, known, size)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [User, Host, Organization, Posting]):
            cursor.execute(statement)
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")


def fill_organizations(board: Board, size: int) -> None:
    made = list(board.organizations(Organization.objects.count(), -(-size // PER_ORGANIZATION)))
    for place, model in enumerate((User, Host, Organization, Membership)):
        Table(model, numbered=model is not Membership).copy_in(rows[place] for rows in made)


def fill_postings(board: Board, known: int, size: int) -> None:
    postings = Table(Posting, numbered=True)
    labels = Table(Posting.labels.through, numbered=False)

    def fill_some(start: int) -> None:
        made = list(board.postings(start, min(start + AT_ONCE, size)))
        try:
            while not copied(postings, [row for row, _ in made]):
                pass
            labels.copy_in({"posting_id": row["id"], "label_id": label} for row, given in made for label in given)
        finally:
            connection.close()  # of this thread

    with ThreadPoolExecutor(THREADS) as threads:
        for _ in threads.map(fill_some, range(known, size, AT_ONCE)):
            pass


def copied(table: Table, rows: Sequence[Row]) -> bool:
    """The board learns new words in the same statement, and two that teach it the same may wait for each other."""
    try:
        table.copy_in(rows)
    except DeadlockDetected:
        return False
    return True


@contextmanager
def indexes_built_afterwards(model: type[models.Model]) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexrelid::regclass, pg_get_indexdef(indexrelid) FROM pg_index "
            "WHERE indrelid = %s::regclass AND NOT indisunique",
            [model._meta.db_table],
        )
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
        yield
        cursor.execute("SET maintenance_work_mem = '512MB'")
        for _, definition in indexes:
            cursor.execute(definition)
