"""A small board with one of everything, and the people who may and may not see it."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.actions import invite
from accounts.models import User
from accounts.roles import Role
from applications import actions
from applications.models import Application, Case, MaterialKind, SilentPosting
from authorization.actions import ask, declare, keep_document, open_document, waive
from authorization.models import RouteStep
from campus.models import Closure, ProgramSettings, Term
from core import clock
from core.uploads import PDF, Upload
from microintern.demo.paper import pdf
from placements.actions import accept_offer, begin, log_hours, propose_dates
from postings.actions import make_preview, report, save_posting, save_search, write
from postings.models import Posting
from postings.workflow import Status
from programs.actions import grant_manager, open_record
from programs.models import Program
from tests.factories import make_host, make_organization, make_posting, make_staff, make_student, make_user

# Nothing here is due soon, so that the clock of the test run does not matter.
ROLES = (
    "visitor",
    "student",  # Sana, whose application, offer and record it is
    "classmate",  # Theo
    "host",  # Omar, whose posting it is
    "colleague",  # Priya, of the same organization
    "stranger",  # Lena, a host of another organization
    "adviser",
    "moderator",
    "international",
    "program",
    "superuser",
)


class World:
    def __init__(self) -> None:
        self.now = clock.now()
        self.people: dict[str, User | None] = {"visitor": None}
        self._people()
        self._postings()
        self._applications()
        self._saved()
        self._campus()
        self._abroad()

    def client(self, role: str) -> Client:
        client = Client(raise_request_exception=False)
        user = self.people[role]
        if user:
            client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    def _people(self) -> None:
        self.sana, self.theo = make_student("Sana Iyer"), make_student("Theo Marsh")
        self.omar, self.lena = make_host("Omar Haddad"), make_host("Lena Brandt")
        self.organization = self.omar.user.memberships.get().organization
        self.priya = make_host("Priya Nair", organization=self.organization)
        self.invitation = invite(self.organization, email="new@fenwick.example", by=self.omar.user)
        superuser = make_user("Site Administrator", is_staff=True, is_superuser=True)
        self.people |= {
            "student": self.sana.user,
            "classmate": self.theo.user,
            "host": self.omar.user,
            "colleague": self.priya.user,
            "stranger": self.lena.user,
            "adviser": make_staff(Role.ADVISER, "Dev Raman"),
            "moderator": make_staff(Role.MODERATOR, "Mo Castellanos"),
            "international": make_staff(Role.INTERNATIONAL_ADVISER, "Ines Duarte"),
            "program": make_staff(Role.PROGRAM_MANAGER, "Kenji Sato"),
            "superuser": superuser,
        }

    def _postings(self) -> None:
        self.draft = make_posting(Status.DRAFT, host=self.omar, now=self.now)
        self.submitted = make_posting(Status.SUBMITTED, host=self.omar, now=self.now)
        closes = self.now + dt.timedelta(days=300)
        reached = {"mentor_email": "ana@fenwick.example"}  # so that the offer letter lacks nothing
        self.posting = make_posting(Status.OPEN, host=self.omar, now=self.now, positions=3, apply_by=closes, **reached)
        edited = Posting.objects.defer("search").get(pk=self.posting.pk)
        edited.pay_amount = 25
        write(edited, by=self.omar.user)
        self.revision = self.posting.revisions.get()
        self.preview = make_preview(self.submitted, by=self.people["moderator"], days=14)
        self.report = report(self.posting, by=self.theo.user, reason="fraud", note="They ask for a deposit.")

    def _applications(self) -> None:
        actions.acknowledge_guidelines(self.sana.user)
        declare(self.sana, needs="yes", route="cpt", by=self.sana.user)
        self.application = self.sent(self.sana, self.posting)
        self.material = self.application.materials.get(kind=MaterialKind.RESUME)
        self.document, self.version = self.material.version.document, self.material.version
        actions.open_material(self.material, by=self.omar.user)
        self.offer = self.offered(self.application)
        day = self.offer.last_day + dt.timedelta(days=7)
        self.request = actions.ask_for_time(self.offer, by=self.sana.user, words="Exams.", wished_day=day)
        other = make_posting(Status.OPEN, host=self.omar, now=self.now)
        self.placement = accept_offer(self.offered(self.sent(self.sana, other)), by=self.sana.user)
        self.accepted = self.placement.offer
        self.proposal = self.proposed()
        self.record = self.sana.authorization_records.get()
        self.hours = self.begun(self.omar)
        self.step = RouteStep.objects.get(kind="cpt", name="Have the offer letter ready")
        letter = Upload(pdf(["Sana Iyer"], title="Letter"), "Letter.pdf", PDF)
        self.proof = keep_document(self.record, step=self.step, upload=letter, by=self.sana.user)
        open_document(self.proof, by=self.people["international"])
        self.question = ask(self.record, note="Which course?", by=self.people["international"])
        gone = self.offered(self.sent(self.sana, make_posting(Status.OPEN, host=self.omar, now=self.now)))
        actions.rescind_offer(gone, by=self.omar.user, reason="The budget is gone.")
        self.case = Case.objects.get()
        talk = make_posting(Status.OPEN, host=self.omar, now=self.now)
        times = [self.now + dt.timedelta(days=day) for day in (3, 4)]
        invited = self.sent(self.sana, talk)
        self.interview = actions.invite_to_interview(invited, by=self.omar.user, times=times, mode="video")
        actions.pick_time(self.interview, by=self.sana.user, time=self.interview.times.get(number=1))
        self.feed = actions.make_calendar_feed(by=self.sana.user)
        self.note = actions.add_note(self.application, by=self.omar.user, text="Asked good questions.")
        self.silent = make_posting(Status.OPEN, host=self.omar, now=self.now)
        self.left_waiting(self.sana, self.silent)

    def sent(self, student: Any, posting: Posting) -> Any:
        application = actions.start_application(posting, by=student.user)
        upload = Upload(pdf([student.user.name], title="Resume"), "Resume.pdf", PDF)
        actions.keep_file(application, kind=MaterialKind.RESUME, upload=upload, by=student.user)
        actions.keep_text(application, kind=MaterialKind.COVER_LETTER, text="Dear Omar, …", by=student.user)
        return actions.submit(application, by=student.user)

    def begun(self, host: Any) -> Any:
        """Hours of a project that Sana needs no authorization for any more: she began it today."""
        offer = self.offered(
            self.sent(self.sana, make_posting(host=host, now=self.now)), starts_on=clock.today(self.now)
        )
        placement = accept_offer(offer, by=self.sana.user)
        waive(placement.record, by=self.people["international"], note="A permanent resident by now.")
        begin(placement, by=self.sana.user)
        return log_hours(placement, by=self.sana.user, day=placement.starts_on, hours=Decimal("1.5"))

    def proposed(self) -> Any:
        """A week later than agreed."""
        days = {name: getattr(self.placement, name) + dt.timedelta(days=7) for name in ("starts_on", "ends_on")}
        return propose_dates(self.placement, by=self.omar.user, **days, reason="The lab moves.")

    def left_waiting(self, student: Any, posting: Posting) -> Any:
        """Sent long ago, and nobody answered."""
        application = self.sent(student, posting)
        long_ago = self.now - dt.timedelta(days=60)
        Application.objects.filter(pk=application.pk).update(status_at=long_ago, submitted_at=long_ago)
        return application

    def offered(self, application: Any, starts_on: dt.date | None = None) -> Any:
        posting, by = application.posting, application.posting.host.user
        starts_on = starts_on or posting.start_earliest
        actions.invite_to_interview(application, by=by, times=[self.now + dt.timedelta(days=2)], mode="video")
        terms = actions.Terms(
            starts_on=starts_on,
            ends_on=starts_on + dt.timedelta(days=20),
            hours_week=10,
            pay_kind="hourly",
            pay_amount=posting.pay_amount,
            currency="USD",
        )
        offer = actions.make_offer(application, by=by, terms=terms, days=7)
        return actions.extend_offer(offer, by=by, last_day=offer.last_day + dt.timedelta(days=7))

    def _saved(self) -> None:
        save_posting(self.posting, by=self.sana.user)
        self.saved_search = save_search("stream=data-analytics", by=self.sana.user, frequency="daily")

    def _campus(self) -> None:
        ProgramSettings.objects.update_or_create(
            pk=1, defaults={"university_name": "Merriam University", "student_email_domains": ["student.example.edu"]}
        )
        Closure.objects.create(name="Recess", first_day=dt.date(2030, 1, 2), last_day=dt.date(2030, 1, 4))
        Term.objects.create(name="Spring 2030", first_day=dt.date(2030, 2, 4), last_day=dt.date(2030, 5, 20))
        make_organization("Elsewhere")

    def _abroad(self) -> None:
        self.partner = Program.objects.create(name="Iberia Program", contact_email="iberia@example.edu")
        self.partner.countries.create(country="PT")
        grant_manager(self.partner, user=self.people["program"], by=self.people["moderator"])
        starts = clock.today(self.now) + dt.timedelta(days=60)
        self.abroad = open_record(
            self.sana,
            country="PT",
            purpose="Water meters of Lisbon, Tejo Lab",
            starts=starts,
            ends=starts + dt.timedelta(days=20),
            by=self.sana.user,
        )

    def one_of(self, model: type[Model]) -> Any:
        """The key of some object of that model, one that the world's own people made where there is one."""
        own: dict[type[Model], Any] = {SilentPosting: self.silent.pk}
        own |= {
            type(thing): thing.pk
            for thing in (
                *(self.posting, self.application, self.offer, self.record, self.organization, self.revision),
                *(self.report, self.request, self.case, self.partner, self.abroad),
                self.hours.placement,
            )
        }
        first = model._default_manager.order_by("pk").values_list("pk", flat=True).first()
        return own.get(model, first or 1)


def routes(resolver: URLResolver | None = None, prefix: str = "") -> list[tuple[str, URLPattern]]:
    """Every address of the site, with its view."""
    found: list[tuple[str, URLPattern]] = []
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            found += routes(entry, route)
        else:
            found.append((route, entry))
    return found


def content_type_of(model: type[Model]) -> int:
    return ContentType.objects.get_for_model(model).pk
