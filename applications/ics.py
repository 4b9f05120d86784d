"""What stands in people's calendars. A title says what the thing is called and nothing of how it stands."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q, QuerySet

from accounts.models import User
from applications.models import Application, Interview, Offer
from applications.wording import shown
from applications.workflow import ApplicationStatus, OfferStatus
from core import ics
from notifications.mail import Attachment
from notifications.sender import sender
from postings.models import Posting
from postings.wording import last_day_to_apply

HOW_LONG_KEPT = dt.timedelta(days=90)


def of_interview(interview: Interview, *, reader: User) -> ics.Entry:
    """The time that was picked last, in the board's zone; canceled, unless it stands."""
    application = interview.application
    is_student = interview.student == reader
    other = application.posting.organization.name if is_student else interview.student.display_name
    page = settings.BASE_URL + interview.get_absolute_url()
    zone = ZoneInfo(settings.TIME_ZONE)
    starts, ends = interview.span
    return ics.Entry(
        key=f"interview-{interview.pk}",
        title=f"Interview: {application.posting.title}",
        starts=starts.astimezone(zone),
        ends=ends.astimezone(zone),
        modified=interview.status_at,
        sequence=interview.sequence,
        url=page,
        text="\n\n".join(filter(None, [f"{interview.get_mode_display()} with {other}", interview.note, page])),
        place=interview.get_mode_display(),
        busy=True,
        organizer=sender().address,
        canceled=not interview.is_picked,
    )


def interview_file(interview: Interview, *, reader: User) -> bytes:
    method = ics.PUBLISH if interview.is_picked else ics.CANCEL
    return ics.calendar([of_interview(interview, reader=reader)], method=method)


def interview_files(interview: Interview, *, reader: User) -> list[Attachment]:
    """For a mail. Published, and not a request: nobody reads the replies that calendars send to our address."""
    if interview.starts_at is None:
        return []
    method = ics.PUBLISH if interview.is_picked else ics.CANCEL
    content = interview_file(interview, reader=reader).decode()
    return [Attachment("interview.ics", content, f"text/calendar; method={method}")]


def of_person(user: User, *, now: dt.datetime) -> list[ics.Entry]:
    """Everything dated that waits for this person. Six queries at most, however much there is."""
    found = [of_interview(interview, reader=user) for interview in _interviews(user, now)]
    if user.is_student:
        found += [_of_offer(offer) for offer in _offers(user, now)]
        found += [
            _of_posting(posting, day) for posting in _to_apply_to(user, now) if (day := last_day_to_apply(posting))
        ]
    return sorted(found, key=lambda entry: (str(entry.starts), entry.key))


def _interviews(user: User, now: dt.datetime) -> list[Interview]:
    interviews = Interview.objects.of_student(user)
    if user.is_host:
        interviews = interviews | Interview.objects.held_by(user)
    kept = interviews.standing().filter(starts_at__gt=now - HOW_LONG_KEPT)
    return list(kept.with_people().distinct())


def _offers(user: User, now: dt.datetime) -> QuerySet[Offer]:
    return Offer.objects.of_student(user).filter(status=OfferStatus.OPEN, deadline__gt=now).with_people()


def _to_apply_to(user: User, now: dt.datetime) -> QuerySet[Posting]:
    """What the student saved or has begun a draft for, until the application is sent. One that was withdrawn is
    over, until it is taken up again."""
    drafts = Q(status=ApplicationStatus.DRAFT)
    own = Application.objects.of_student(user).order_by()
    saved = user.student.saved_postings.order_by().values("posting")
    meant = Q(pk__in=saved) | Q(pk__in=own.filter(drafts).values("posting"))
    visible = Posting.objects.visible_to(user, now).open_at(now).filter(meant, apply_by__isnull=False)
    sent = own.exclude(drafts).values("posting")
    return visible.exclude(pk__in=sent).select_related("organization").defer("search")


def _of_offer(offer: Offer) -> ics.Entry:
    """The last day as a whole day: a moment at midnight would stand on the wrong one in another zone."""
    posting = offer.application.posting
    page = settings.BASE_URL + offer.application.get_absolute_url()
    starts, ends = ics.whole_day(offer.last_day)
    return ics.Entry(
        key=f"offer-{offer.pk}-deadline",
        title=f"Deadline: {posting.title}",
        starts=starts,
        ends=ends,
        modified=offer.deadline_set_at,
        sequence=(offer.last_day - offer.written_at.date()).days,  # it moves later only
        url=page,
        text=f"{posting.organization}\n{shown(offer.last_day, offer.zone)}\n{page}",
    )


def _of_posting(posting: Posting, last_day: dt.date) -> ics.Entry:
    page = settings.BASE_URL + posting.get_absolute_url()
    starts, ends = ics.whole_day(last_day)
    return ics.Entry(
        key=f"posting-{posting.pk}-last-day",
        title=f"Deadline: {posting.title}",
        starts=starts,
        ends=ends,
        modified=posting.updated_at,
        sequence=posting.version,
        url=page,
        text=f"{posting.organization}\n{shown(last_day, settings.TIME_ZONE)}\n{page}",
    )
