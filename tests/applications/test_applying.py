import datetime as dt

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from applications import actions
from applications.models import (
    Acknowledgment,
    Application,
    ApplicationEvent,
    DocumentVersion,
    GuidelinesText,
    Material,
    MaterialAccess,
    MaterialKind,
)
from applications.workflow import ApplicationStatus
from campus.models import ProgramSettings
from core.uploads import PDF, Upload
from core.workflow import MoveRefused
from notifications.models import OutboxMail
from tests.applications.making import MINUTE, RESUME, host_of, make_application, make_draft
from tests.core.documents import pdf
from tests.factories import NOW, make_host, make_posting, make_staff, make_student

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def mails():
    return sorted(OutboxMail.objects.values_list("kind", "recipient__name"))


def test_sending_an_application_tells_the_student_and_every_host():
    posting = make_posting(host=make_host("Omar Haddad"))
    posting.cohosts.add(make_host("Grace Okafor", organization=posting.organization))
    application = make_application(posting, make_student("Sana Iqbal"))
    assert (application.status, application.submitted_at) == (ApplicationStatus.SUBMITTED, NOW)
    assert application.acknowledgment.text == GuidelinesText.objects.latest()
    assert mails() == [
        ("application.received", "Grace Okafor"),
        ("application.received", "Omar Haddad"),
        ("application.submitted", "Sana Iqbal"),
    ]


def test_it_is_sent_once_however_often_the_button_is_pressed():
    application = make_application()
    again = actions.submit(application, by=application.student.user, now=NOW + MINUTE)
    assert again.submitted_at == NOW
    assert ApplicationEvent.objects.filter(move="submit").count() == 1
    assert OutboxMail.objects.filter(kind="application.submitted").count() == 1


@pytest.mark.parametrize("missing", [MaterialKind.RESUME, MaterialKind.COVER_LETTER])
def test_an_application_needs_a_resume_and_a_cover_letter(missing):
    application = make_draft()
    application.materials.filter(kind=missing).delete()
    with pytest.raises(MoveRefused, match="a resume and a cover letter"):
        actions.submit(application, by=application.student.user, now=NOW)


def test_an_application_needs_what_the_host_asks_for_besides():
    posting = make_posting(extra_materials=["transcript", "short_answers"], questions=["Why you?", "When?"])
    application = make_draft(posting)
    student = application.student.user

    def answer(question):
        actions.keep_text(application, kind=MaterialKind.ANSWER, question=question, text="Soon.", by=student)

    answer("When?")
    with pytest.raises(MoveRefused) as refused:
        actions.submit(application, by=student, now=NOW)
    assert refused.value.message == "The host asks for more: transcript, an answer to “Why you?”."
    answer("Why you?")
    with pytest.raises(MoveRefused, match=r"more: transcript\.$"):
        actions.submit(application, by=student, now=NOW)
    actions.keep_file(application, kind=MaterialKind.TRANSCRIPT, upload=RESUME, by=student, now=NOW)
    assert actions.submit(application, by=student, now=NOW).status == ApplicationStatus.SUBMITTED


def test_the_host_gets_what_is_asked_for_when_it_is_sent_and_nothing_else(django_capture_on_commit_callbacks):
    posting = make_posting(
        extra_materials=["transcript", "portfolio", "short_answers"], questions=["Why you?", "When?"]
    )
    application = make_draft(posting)
    student = application.student.user
    for question in posting.questions:
        actions.keep_text(application, kind=MaterialKind.ANSWER, question=question, text="Soon.", by=student)
    for kind in (MaterialKind.TRANSCRIPT, MaterialKind.PORTFOLIO):
        actions.keep_file(application, kind=kind, upload=RESUME, by=student, now=NOW)
    posting.extra_materials, posting.questions = ["portfolio", "short_answers"], ["When?"]
    posting.save(update_fields=["extra_materials", "questions"])
    with django_capture_on_commit_callbacks(execute=True):
        actions.submit(application, by=student, now=NOW)
    sent = sorted(application.materials.values_list("kind", "question"))
    assert sent == [("answer", "When?"), ("cover_letter", ""), ("portfolio", ""), ("resume", "")]
    transcript = DocumentVersion.objects.get(document__kind=MaterialKind.TRANSCRIPT)
    assert default_storage.exists(transcript.file.name)


def test_the_guidelines_are_acknowledged_once_for_each_version():
    student = make_student()
    first = actions.acknowledge_guidelines(student.user, now=NOW)
    assert actions.acknowledge_guidelines(student.user, now=NOW + MINUTE) == first
    GuidelinesText.objects.create(version=2, body="Be kind.", published_at=NOW)
    application = make_draft(student=student)
    assert actions.submit(application, by=student.user, now=NOW).acknowledgment.text.version == 2


def test_an_acknowledgment_holds_for_a_year_and_is_then_asked_for_again():
    student = make_student()
    first = actions.acknowledge_guidelines(student.user, now=NOW)
    ends = NOW + 365 * DAY
    assert first.valid_until == ends
    assert actions.acknowledge_guidelines(student.user, now=ends - MINUTE) == first
    before, after = make_draft(student=student), make_draft(make_posting(now=ends), student, now=ends)
    assert actions.submit(before, by=student.user, now=NOW).acknowledgment == first
    second = after.student.user.acknowledgments.get(at=ends)
    assert second != first
    assert actions.submit(after, by=student.user, now=ends).acknowledgment == second


def test_nothing_is_sent_when_the_year_is_over():
    application = make_draft(make_posting(apply_by=NOW + 400 * DAY))
    with pytest.raises(MoveRefused, match="acknowledge the recruiting guidelines"):
        actions.submit(application, by=application.student.user, now=NOW + 365 * DAY)
    sent = actions.submit(application, by=application.student.user, now=NOW + 365 * DAY - MINUTE)
    assert sent.acknowledgment == application.student.user.acknowledgments.get()


def test_the_program_says_for_how_long_and_what_was_acknowledged_keeps_its_term():
    first = actions.acknowledge_guidelines(make_student().user, now=NOW)
    ProgramSettings.objects.update(guidelines_days=30)
    assert actions.acknowledge_guidelines(make_student().user, now=NOW).valid_until == NOW + 30 * DAY
    assert actions.acknowledge_guidelines(first.user, now=NOW + 100 * DAY) == first


@pytest.mark.parametrize("days", [0, 3651])
def test_a_term_that_cannot_be_is_refused(days):
    with pytest.raises(IntegrityError, match="program_guidelines_days_possible"), transaction.atomic():
        ProgramSettings.objects.update(guidelines_days=days)


def test_the_database_takes_one_acknowledgment_at_a_time():
    first = actions.acknowledge_guidelines(make_student().user, now=NOW)
    ends = first.valid_until
    twin = {"user": first.user, "text": first.text}
    with pytest.raises(IntegrityError, match="guidelines_acknowledged_once_at_a_time"), transaction.atomic():
        Acknowledgment.objects.create(**twin, at=ends - MINUTE, valid_until=ends + MINUTE)
    with pytest.raises(IntegrityError, match="guidelines_acknowledged_for_a_while"), transaction.atomic():
        Acknowledgment.objects.create(**twin, at=ends, valid_until=ends)
    assert Acknowledgment.objects.create(**twin, at=ends, valid_until=ends + MINUTE).pk


def test_guidelines_written_ahead_hold_from_their_day_on():
    application = make_draft()
    first = application.student.user.acknowledgments.get().text
    GuidelinesText.objects.create(version=2, body="Be kind.", published_at=NOW + MINUTE)
    assert actions.acknowledge_guidelines(application.student.user, now=NOW).text == first
    with pytest.raises(MoveRefused, match="guidelines"):
        actions.submit(application, by=application.student.user, now=NOW + MINUTE)
    sent = actions.submit(application, by=application.student.user, now=NOW)
    assert sent.acknowledgment.text == first


def test_without_the_current_guidelines_nothing_is_sent():
    application = make_draft()
    GuidelinesText.objects.create(version=2, body="Be kind.", published_at=NOW)
    with pytest.raises(MoveRefused, match="guidelines"):
        actions.submit(application, by=application.student.user, now=NOW)


def test_a_closed_posting_takes_no_applications():
    application = make_draft(make_posting(apply_by=NOW + MINUTE))
    with pytest.raises(MoveRefused, match="not taking applications"):
        actions.submit(application, by=application.student.user, now=NOW + MINUTE)
    with pytest.raises(MoveRefused, match="not taking applications"):
        actions.start_application(make_posting("closed"), by=make_student().user, now=NOW)


def test_only_students_apply():
    with pytest.raises(MoveRefused, match="Only students"):
        actions.start_application(make_posting(), by=make_host().user, now=NOW)


def test_starting_again_finds_the_draft_that_is_there():
    posting, student = make_posting(), make_student()
    first = actions.start_application(posting, by=student.user, now=NOW)
    assert actions.start_application(posting, by=student.user, now=NOW) == first
    assert Application.objects.count() == 1


def test_a_new_file_takes_the_place_of_the_old_one_and_both_stay_in_the_library(django_capture_on_commit_callbacks):
    application = make_draft()
    student = application.student.user
    old = application.materials.get(kind=MaterialKind.RESUME)
    other = Upload(pdf(pages=2), "resume.pdf", PDF)
    with django_capture_on_commit_callbacks(execute=True):
        new = actions.keep_file(application, kind=MaterialKind.RESUME, upload=other, by=student, now=NOW)
    assert application.materials.get(kind=MaterialKind.RESUME) == new
    assert (old.version.number, new.version.number, new.version.document) == (1, 2, old.version.document)
    assert default_storage.exists(old.file.name)
    with new.file.open() as stored:
        assert stored.read() == other.content


def test_a_file_from_before_the_libraries_goes_with_its_place(django_capture_on_commit_callbacks):
    application = make_draft()
    old = application.materials.get(kind=MaterialKind.RESUME)
    own = default_storage.save("materials/00/own", ContentFile(b"%PDF-"))
    Material.objects.filter(pk=old.pk).update(version=None, file=own)
    with django_capture_on_commit_callbacks(execute=True):
        actions.keep_file(application, kind=MaterialKind.RESUME, upload=RESUME, by=application.student.user, now=NOW)
    assert not default_storage.exists(own)


def test_no_words_leave_no_material():
    application = make_draft()
    actions.keep_text(application, kind=MaterialKind.COVER_LETTER, text="  ", by=application.student.user)
    assert not application.materials.filter(kind=MaterialKind.COVER_LETTER).exists()


def test_what_was_sent_stays_as_it_was():
    application = make_application()
    for by in (application.student.user, host_of(application)):
        with pytest.raises(MoveRefused, match="stays as it was"):
            actions.keep_file(application, kind=MaterialKind.RESUME, upload=RESUME, by=by)


def test_nobody_else_writes_into_a_draft():
    application = make_draft()
    with pytest.raises(MoveRefused):
        actions.keep_text(application, kind=MaterialKind.COVER_LETTER, text="x", by=make_student().user)


def test_a_withdrawn_application_can_be_sent_again_with_its_materials():
    application = make_application()
    student = application.student.user
    actions.withdraw(application, by=student, reason="Exams", now=NOW + MINUTE)
    assert OutboxMail.objects.filter(kind="application.withdrawn").count() == 1
    draft = actions.start_again(application, by=student, now=NOW + 2 * MINUTE)
    assert (draft.status, draft.submitted_at) == (ApplicationStatus.DRAFT, None)
    sent = actions.submit(draft, by=student, now=NOW + 3 * MINUTE)
    assert sent.materials.count() == 2
    assert OutboxMail.objects.filter(kind="application.received").count() == 2
    assert [event.move for event in sent.events.all()] == ["start", "submit", "withdraw", "start_again", "submit"]


def test_opening_somebody_elses_file_is_written_down():
    application = make_application()
    material = Material.objects.get(application=application, kind=MaterialKind.RESUME)
    actions.open_material(material, by=application.student.user, now=NOW)
    assert not MaterialAccess.objects.exists()
    actions.open_material(material, by=host_of(application), now=NOW)
    access = MaterialAccess.objects.get()
    assert (access.user, access.at, access.material) == (host_of(application), NOW, material)


def test_who_sees_an_application():
    application, draft = make_application(), make_draft()
    visible = {
        "student": application.student.user,
        "host": host_of(application),
        "moderator": make_staff("moderator"),
        "adviser": make_staff("adviser"),
    }
    blind = [
        make_student().user,
        make_host().user,
        make_staff("international_adviser"),
        make_staff("program_manager"),
    ]
    for user in visible.values():
        assert application in Application.objects.visible_to(user)
        assert Material.objects.visible_to(user).filter(application=application).count() == 2
    for user in blind:
        assert application not in Application.objects.visible_to(user)
        assert not Material.objects.visible_to(user).filter(application=application).exists()
    assert draft in Application.objects.visible_to(draft.student.user)
    for user in (host_of(draft), visible["moderator"], visible["adviser"]):
        assert draft not in Application.objects.visible_to(user)
