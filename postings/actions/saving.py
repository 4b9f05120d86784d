"""Students keep postings and searches; an alert tells of what comes to match, once."""

import datetime as dt
import hashlib
import logging
from collections.abc import Callable
from dataclasses import replace

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F
from django.http import QueryDict
from django.utils import timezone
from pyroaring import BitMap

from accounts.models import StudentProfile, User
from core import clock
from core.workflow import MoveRefused
from postings import emails, finding, rules
from postings.finding import Board, Query
from postings.finding.facets import FACETS
from postings.models import NINE, Alert, Announcement, Frequency, Posting, SavedPosting, SavedSearch, Weekday

MOST_SEARCHES = 50

logger = logging.getLogger(__name__)


def save_posting(posting: Posting, *, by: User, now: dt.datetime | None = None) -> SavedPosting:
    """Saving what is saved changes nothing."""
    moment = now or clock.now()
    saved, _ = SavedPosting.objects.get_or_create(student=_student(by), posting=posting, defaults={"at": moment})
    return saved


def unsave_posting(posting: Posting, *, by: User) -> None:
    SavedPosting.objects.filter(student=_student(by), posting=posting).delete()


def _student(user: User) -> StudentProfile:
    if not user.is_student:
        raise MoveRefused("Only students save postings and searches.")
    return user.student


@transaction.atomic
def save_search(
    address: str,
    *,
    by: User,
    frequency: str,
    hour: int = NINE,
    weekday: int = Weekday.MONDAY,
    now: dt.datetime | None = None,
) -> SavedSearch:
    """Save what a list's query string asks for. One that is saved already gets the new frequency."""
    moment = now or clock.now()
    board = finding.board(moment)
    query = _as_shown(Query.read(QueryDict(address), board), board)
    student = StudentProfile.objects.select_for_update(no_key=True).get(pk=_student(by).pk)  # or two are counted as one
    known = list(student.saved_searches.all())
    search = next((one for one in known if one.query == query.address()), None)
    if search is None:
        if len(known) >= MOST_SEARCHES:
            raise MoveRefused(f"You have {MOST_SEARCHES} saved searches. Delete one before you save another.")
        search = SavedSearch(student=student, query=query.address(), name=query.words(board), created_at=moment)
        search.save()
    return change_search(search, by=by, frequency=frequency, hour=hour, weekday=weekday, now=moment)


def _as_shown(query: Query, board: Board) -> Query:
    """Where a typo was mended on the list, the student saves what the list showed."""
    meant = finding.find(query, board, campus=True).meant if query.text else ""
    return replace(query, text=meant) if meant else query


@transaction.atomic
def change_search(
    search: SavedSearch,
    *,
    by: User,
    frequency: str,
    hour: int = NINE,
    weekday: int = Weekday.MONDAY,
    now: dt.datetime | None = None,
) -> SavedSearch:
    moment = now or clock.now()
    search = _locked(search, by)
    begins = search.frequency == Frequency.NONE and frequency != Frequency.NONE
    search.frequency, search.hour, search.weekday = frequency, hour, weekday
    if frequency == Frequency.NONE:
        search.alerts_since, search.seen = None, ""
    elif begins:
        search.alerts_since, search.seen_postings = moment, matches(search, finding.board(moment))
    search.due_at, search.looked_state = _next_time(search, moment), ""
    search.save(update_fields=["frequency", "hour", "weekday", "alerts_since", "seen", "due_at", "looked_state"])
    return search


@transaction.atomic
def delete_search(search: SavedSearch, *, by: User) -> None:
    _locked(search, by).delete()


def _locked(search: SavedSearch, by: User) -> SavedSearch:
    own = SavedSearch.objects.filter(pk=search.pk, student__user=by)
    locked = own.select_for_update(of=("self",)).select_related("student").first()
    if locked is None:
        raise MoveRefused("This search is not among those you have saved.")
    return locked


def _next_time(search: SavedSearch, after: dt.datetime) -> dt.datetime | None:
    zone = timezone.get_default_timezone()
    return rules.next_alert(search.frequency, hour=search.hour, weekday=search.weekday, after=after, zone=zone)


def matches(search: SavedSearch, board: Board) -> BitMap:
    """What a student finds with it now."""
    query = question(search, board)
    return finding.matching(query, board, campus=True) if query else BitMap()


def question(search: SavedSearch, board: Board) -> Query | None:
    """None while a filter is not offered with any of its choices: a month that is over, a country without a posting.
    Read without it, the search would find what nobody asked for; as it was meant, it finds nothing."""
    data = QueryDict(search.query)
    query = Query.read(data, board)
    lacking = any(any(data.getlist(name)) and name not in query.chosen for name in FACETS)
    return None if lacking else query


def announce(now: dt.datetime | None = None, *, stop: Callable[[], bool] = lambda: False) -> int:
    """Tell everybody who is due of what is new to them, and count the mails. What one tick missed the next one does:
    whoever waited longest comes first. `stop` is asked between two searches."""
    moment = now or clock.now()
    due = SavedSearch.objects.due(moment, _state(finding.board(moment)))
    told = 0
    for key in due.order_by(F("looked_at").asc(nulls_first=True), "pk").values_list("pk", flat=True):
        if stop():
            break
        try:
            told += _announce(key, moment)
        except (InterfaceError, OperationalError):
            raise  # the database is away, for all of them
        except Exception:
            logger.exception("alerts: saved search %s failed; the next tick tries it again", key)
    return told


def _state(board: Board) -> str:
    return hashlib.sha256(board.state.encode()).hexdigest()[:32]


@transaction.atomic
def _announce(key: int, now: dt.datetime) -> bool:
    """One search, and its row is locked: a second worker passes it by."""
    board = finding.board(now)
    state = _state(board)
    due = SavedSearch.objects.due(now, state).select_related("student__user").order_by()
    search = due.select_for_update(of=("self",), skip_locked=True).filter(pk=key).first()
    if search is None:
        return False
    told = _tell(search, matches(search, board), now)
    search.due_at = _next_time(search, now)
    search.looked_at, search.looked_state = now, state
    search.save(update_fields=["due_at", "looked_at", "looked_state"])
    return told


def _tell(search: SavedSearch, found: BitMap, now: dt.datetime) -> bool:
    """Two searches of one student may find the same posting at the same time: whoever writes the row first tells of it.
    The rows are written in one order everywhere, so that the two wait for each other and never in a circle."""
    new = _new(search, found)
    if not new:
        return False
    alert = Alert.objects.create(saved_search=search, at=now)
    rows = [Announcement(alert=alert, posting_id=key, student=search.student) for key in new]
    Announcement.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
    if not alert.announcements.exists():
        alert.delete()
        return False
    emails.search_alert.queue(to=search.student.user, subject_id=search.pk, version=str(alert.pk), now=now)
    return True


def _new(search: SavedSearch, found: BitMap) -> list[int]:
    """In rising order."""
    candidates = list(found - search.seen_postings)
    if not candidates:
        return []
    told = Announcement.objects.filter(student=search.student, posting__in=candidates)
    return sorted(set(candidates) - set(told.values_list("posting", flat=True)))
