"""What students and hosts are told. Nothing here knows of immigration: a mail says that an item waits, and where."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils.text import get_text_list

from applications import rules, waiting
from applications.ics import interview_files
from applications.models import (
    Application,
    Interview,
    Offer,
    OfferRequest,
    RequestKind,
    RequestOutcome,
    deadline_version,
    positions_left,
    positions_taken,
)
from applications.wording import kind_words, shown
from applications.workflow import BEFORE_OFFER, ApplicationStatus, InterviewStatus, OfferStatus
from campus.calendar import campus_calendar
from core import clock
from notifications.mail import Ask, Context, Contexts, Mail, one_of
from notifications.models import OutboxMail
from notifications.workflow import IN_HAND, State
from postings.models import Posting
from postings.workflow import Status


def _application(*statuses: str) -> Context:
    """Wanted as long as the application stands in one of these; always when none is named."""

    def context(subject_id: int, recipient: Any, version: str) -> dict[str, Any] | None:
        application = Application.objects.filter(pk=subject_id).with_people().first()
        if application is None or (statuses and application.status not in statuses):
            return None
        return {"application": application, **_about(application)}

    return context


def _offer(*statuses: str, deadline_stands: bool = False) -> Context:
    """`deadline_stands`: the version is the deadline's, and a mail about another deadline is no longer wanted."""

    def context(subject_id: int, recipient: Any, version: str) -> dict[str, Any] | None:
        offer = Offer.objects.filter(pk=subject_id).with_people().first()
        if offer is None or (statuses and offer.status not in statuses):
            return None
        if deadline_stands and version != offer.version:
            return None
        return {"offer": offer, "deadline": offer.deadline_shown, **_about(offer.application)}

    return context


def _offer_with_count(subject_id: int, recipient: Any, version: str) -> dict[str, Any] | None:
    found = _offer(OfferStatus.OPEN)(subject_id, recipient, version)
    if found is None:
        return None
    offer: Offer = found["offer"]
    count = rules.counted(offer.written_at, offer.last_day, campus_calendar(), offer.zone)
    closures = [step for step in count.skipped if step.why != "weekend"]
    return {**found, "days": len(count.days), "closures": closures}


class Reminded(NamedTuple):
    """All that a reminder speaks of: many thousand leave in a morning, and a posting alone has fifty columns."""

    pk: int
    zone: str
    last_day: dt.date
    posting: int
    positions: int
    title: str
    organization: str


REMINDED = [
    *("pk", "zone", "last_day", "application__posting", "application__posting__positions"),
    *("application__posting__title", "application__posting__organization__name"),
]


def _reminders(asks: Sequence[Ask]) -> list[dict[str, Any] | None]:
    """The days left are counted when the mail leaves: one that was held up does not claim more than there are. While
    every position is taken there is nothing to decide."""
    offers = Offer.objects.filter(status=OfferStatus.OPEN, pk__in={ask.subject_id for ask in asks})
    found = {row[0]: Reminded(*row) for row in offers.order_by().values_list(*REMINDED)}
    taken = positions_taken({offer.posting for offer in found.values()})
    calendar, now = campus_calendar(), clock.now()

    def told(ask: Ask) -> dict[str, Any] | None:
        offer = found.get(ask.subject_id)
        if offer is None or ask.version != deadline_version(offer.last_day):
            return None
        if offer.positions <= taken.get(offer.posting, 0):
            return None
        left = rules.DayCalendar(calendar, offer.zone).count(rules.local_date(now, offer.zone), offer.last_day)
        return {"offer": offer, "deadline": shown(offer.last_day, offer.zone), "days_left": left}

    return [told(ask) for ask in asks]


def _place_taken(subject_id: int, recipient: Any, version: str) -> dict[str, Any] | None:
    found = _offer(OfferStatus.OPEN)(subject_id, recipient, version)
    return found if found and positions_left(found["posting"]) < 1 else None


def _place_free(subject_id: int, recipient: Any, version: str) -> dict[str, Any] | None:
    found = _offer(OfferStatus.OPEN)(subject_id, recipient, version)
    return found if found and positions_left(found["posting"]) > 0 else None


def _interview(*statuses: str) -> Context:
    """Wanted as long as nothing has happened to the interview since."""

    def context(subject_id: int, recipient: Any, version: str) -> dict[str, Any] | None:
        interview = Interview.objects.filter(pk=subject_id, status__in=statuses).with_people().first()
        if interview is None or version != interview.version:
            return None
        return _about_interview(interview, recipient)

    return context


def _about_interview(interview: Interview, recipient: Any) -> dict[str, Any]:
    about = _about(interview.application)
    is_student = recipient == interview.student
    return {
        "interview": interview,
        "times": interview.times.free(clock.now()),
        "is_student": is_student,
        "other": about["organization"].name if is_student else about["student"].display_name,
        **about,
    }


def _with_file(context: Context) -> Context:
    """With the file for the calendar: of the time that was picked, or that it no longer holds."""

    def filed(subject_id: int, recipient: Any, version: str) -> dict[str, Any] | None:
        found = context(subject_id, recipient, version)
        return found and {**found, "attachments": interview_files(found["interview"], reader=recipient)}

    return filed


def _interview_canceled(subject_id: int, recipient: Any, version: str) -> dict[str, Any] | None:
    """The file comes along where the time held until then; else it has left the calendars before."""
    found = _interview(InterviewStatus.CANCELED)(subject_id, recipient, version)
    if found is None or found["interview"].events.latest("pk").from_status != InterviewStatus.PICKED:
        return found
    return {**found, "attachments": interview_files(found["interview"], reader=recipient)}


def _interview_lifted(subject_id: int, recipient: Any, version: str) -> dict[str, Any] | None:
    """Wanted until a time is picked anew, however it went on: else the old one would stay in the calendars."""
    others = Interview.objects.exclude(status=InterviewStatus.PICKED)
    interview = others.filter(pk=subject_id).with_people().first()
    if interview is None or version != interview.pick:
        return None
    about = _about_interview(interview, recipient)
    return {**about, "times": about["times"].filter(interview__status=InterviewStatus.PROPOSED)}


def _interview_that_stands(subject_id: int, recipient: Any, version: str) -> dict[str, Any] | None:
    """The version is that of the pick: a reminder that was planned says where people meet by now."""
    interview = Interview.objects.standing().filter(pk=subject_id).with_people().first()
    if interview is None or version != interview.pick:
        return None
    return _about_interview(interview, recipient)


def _request(kind: RequestKind, outcome: str = "", *, staff: bool = False) -> Context:
    """Wanted as long as what was asked has come to that; nothing means that it waits. What the student wrote stays on
    the board."""

    def context(subject_id: int, recipient: Any, version: str) -> dict[str, Any] | None:
        found = OfferRequest.objects.filter(pk=subject_id, kind=kind, outcome=outcome)
        request = found.select_related(
            "offer__application__student__user", "offer__application__posting__organization"
        ).first()
        if request is None or (staff and not recipient.has_perm("applications.change_offerrequest")):
            return None
        return {
            "request": request,
            "offer": request.offer,
            "deadline": request.offer.deadline_shown,
            **_about(request.offer.application),
        }

    return context


def _time_taken_back(subject_id: int, recipient: Any, version: str) -> dict[str, Any] | None:
    """For whoever was told that more time is asked for this offer, now or before, unless that holds again by now."""
    asked = OfferRequest.objects.filter(offer__requests=subject_id).values("pk")
    told = OutboxMail.objects.filter(kind=time_asked.kind, subject_id__in=asked, recipient=recipient)
    # A mail that was tried and waits again may have gone out before its worker was killed.
    perhaps = Q(state__in=[*IN_HAND, State.SENT, State.UNCERTAIN]) | Q(state=State.PENDING, attempts__gt=0)
    if not told.filter(perhaps).exists():
        return None
    found = _request(RequestKind.MORE_TIME, RequestOutcome.TAKEN_BACK)(subject_id, recipient, version)
    asked_again = found and found["offer"].requests.waiting().filter(kind=RequestKind.MORE_TIME).exists()
    return None if asked_again else found


def _unanswered(*kinds: RequestKind, staff: bool = False) -> Context:
    """Wanted as long as it waits and the offer is open until that day."""

    def context(subject_id: int, recipient: Any, version: str) -> dict[str, Any] | None:
        for kind in kinds:
            found = _request(kind, staff=staff)(subject_id, recipient, version)
            if found and found["offer"].status == OfferStatus.OPEN and found["offer"].version == version:
                return found
        return None

    return context


def _not_selected(subject_id: int, recipient: Any, version: str) -> dict[str, Any] | None:
    """In the host's own words, where there are any."""
    found = _application(ApplicationStatus.NOT_SELECTED)(subject_id, recipient, version)
    if found is None:
        return None
    event = found["application"].events.filter(move="not_select").last()
    ours = kind_words(found["posting"].title, found["organization"].name)
    return {**found, "words": (event.note if event else "") or ours}


def _posting_closed(subject_id: int, recipient: Any, version: str) -> dict[str, Any] | None:
    """To whoever still waits. When the last position is taken by then, another mail says so."""
    found = _application(*BEFORE_OFFER)(subject_id, recipient, version)
    if found is None or found["posting"].status not in (Status.CLOSED, Status.EXPIRED):
        return None
    return found if positions_left(found["posting"]) > 0 else None


def _posting_filled(subject_id: int, recipient: Any, version: str) -> dict[str, Any] | None:
    found = _application(*BEFORE_OFFER)(subject_id, recipient, version)
    return found if found and positions_left(found["posting"]) < 1 else None


def _applicants_wait(subject_id: int, recipient: Any, version: str) -> dict[str, Any] | None:
    """Counted when the mail leaves, and for the day it was planned for when somebody looks at it before."""
    postings = Posting.objects.filter(status__in=waiting.ANSWERABLE, organization__suspended_at=None)
    posting = postings.managed_by(recipient).select_related("organization").filter(pk=subject_id).first()
    if posting is None:
        return None
    day, calendar = max(clock.today(), dt.date.fromisoformat(version)), campus_calendar()
    waits = [(calendar.count(clock.today(since), day), days) for since, days in waiting.of_posting(posting)]
    close = [(number, days) for number, days in waits if days and number >= days - waiting.NUDGE_AHEAD]
    if not close:
        return None
    late = sum(number >= days for number, days in close)
    promises = sorted({days for _, days in close})
    longest = max((number for number, days in close if number > days), default=None)
    promised = get_text_list([str(days) for days in promises], "or")
    about = {"posting": posting, "organization": posting.organization, "promised": promised, "longest": longest}
    return {**about, "count": len(close), "late": late, "soon": len(close) - late}


def _about(application: Application) -> dict[str, Any]:
    return {
        "application": application,
        "posting": application.posting,
        "organization": application.posting.organization,
        "student": application.student.user,
    }


def _mail(kind: str, context: Context, audience: str, contexts: Contexts | None = None) -> Mail:
    template = f"applications/mail/{kind.replace('.', '_')}"
    if audience in ("host", ""):
        context = _still_concerned(context)
    return Mail(kind, template, context, audience=audience, must_arrive=True, contexts=contexts)


def _still_concerned(context: Context) -> Context:
    """Whoever has left the organization reads nothing more of its applicants, in mails as on the pages."""

    def checked(subject_id: int, recipient: Any, version: str) -> dict[str, Any] | None:
        found = context(subject_id, recipient, version)
        if found is None or recipient == found["student"]:
            return found
        managed = Posting.objects.managed_by(recipient).filter(pk=found["posting"].pk)
        return found if managed.exists() else None

    return checked


A = ApplicationStatus
I = InterviewStatus  # noqa: E741  beside A and S
S = OfferStatus

application_submitted = _mail("application.submitted", _application(), "student")
application_received = _mail("application.received", _application(A.SUBMITTED, A.IN_REVIEW, A.INTERVIEW), "host")
application_withdrawn = _mail("application.withdrawn", _application(A.WITHDRAWN, A.DRAFT), "host")
not_selected = _mail("application.not_selected", _not_selected, "student")
posting_closed = _mail("application.posting_closed", _posting_closed, "student")
posting_filled = _mail("application.posting_filled", _posting_filled, "student")
applicants_wait = Mail(
    "applicants.waiting",
    template="applications/mail/applicants_waiting",
    context=_applicants_wait,
    audience="host",
)

interview_proposed = _mail("interview.proposed", _interview(I.PROPOSED), "student")
interview_picked = _mail("interview.picked", _with_file(_interview(I.PICKED)), "")
interview_place_changed = _mail("interview.place_changed", _with_file(_interview(I.PICKED)), "")
interview_times_refused = _mail("interview.times_refused", _interview(I.TIMES_REFUSED), "host")
interview_lifted = _mail("interview.lifted", _with_file(_interview_lifted), "")
interview_canceled = _mail("interview.canceled", _interview_canceled, "")
interview_reminder = _mail("interview.reminder", _with_file(_interview_that_stands), "")

offer_made = _mail("offer.made", _offer_with_count, "student")
offer_reminder = _mail("offer.reminder", one_of(_reminders), "student", _reminders)
offer_extended = _mail("offer.extended", _offer(S.OPEN, deadline_stands=True), "student")
deadline_moved = _mail("offer.deadline_moved", _offer(S.OPEN), "student")
offer_on_hold = _mail("offer.on_hold", _offer(S.ON_HOLD), "student")
offer_place_taken = _mail("offer.place_taken", _place_taken, "student")
offer_place_free = _mail("offer.place_free", _place_free, "student")
offer_expired = _mail("offer.expired", _offer(S.EXPIRED, deadline_stands=True), "student")
offer_expired_host = _mail("offer.expired_host", _offer(S.EXPIRED, deadline_stands=True), "host")
offer_accepted = _mail("offer.accepted", _offer(S.ACCEPTED), "student")
offer_accepted_host = _mail("offer.accepted_host", _offer(S.ACCEPTED), "host")
offer_declined_host = _mail("offer.declined_host", _offer(S.DECLINED), "host")
offer_rescinded = _mail("offer.rescinded", _offer(S.RESCINDED), "student")
offer_rescinded_host = _mail("offer.rescinded_host", _offer(S.RESCINDED), "host")
offer_rescinded_office = _mail("offer.rescinded_office", _offer(S.RESCINDED), "adviser")
acceptance_withdrawn = _mail("offer.acceptance_withdrawn", _offer(S.ACCEPTANCE_WITHDRAWN), "student")
acceptance_withdrawn_host = _mail("offer.acceptance_withdrawn_host", _offer(S.ACCEPTANCE_WITHDRAWN), "host")

K = RequestKind

time_asked = _mail("request.time_asked", _request(K.MORE_TIME), "host")
time_taken_back = _mail("request.time_taken_back", _time_taken_back, "host")
time_refused = _mail("request.time_refused", _request(K.MORE_TIME, RequestOutcome.REFUSED), "student")
talk_asked = _mail("request.talk_asked", _request(K.TALK, staff=True), "career advisor")
talk_recorded = _mail("request.talk_recorded", _request(K.TALK, RequestOutcome.HELD), "student")
going_back_asked = _mail("request.going_back_asked", _request(K.GOING_BACK, staff=True), "career advisor")
going_back_refused = _mail("request.going_back_refused", _request(K.GOING_BACK, RequestOutcome.REFUSED), "student")
request_unanswered = Mail(
    "request.unanswered",
    template="applications/mail/request_unanswered",
    context=_unanswered(K.TALK, K.MORE_TIME, staff=True),
    audience="career advisor",
)
request_unanswered_host = Mail(
    "request.unanswered_host",
    template="applications/mail/request_unanswered_host",
    context=_still_concerned(_unanswered(K.MORE_TIME)),
    audience="host",
)
