import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from accounts.models import User
from core import clock
from microintern.demo.board import Board
from microintern.demo.campus import load_campus
from microintern.demo.people import ADMIN, DEV, INES, KENJI, LENA, MO, OMAR, PRIYA, Door
from microintern.demo.programs import go_abroad, load_programs
from microintern.demo.saved import keep
from microintern.demo.story import Story
from microintern.demo.work import Work, of
from notifications.models import OutboxMail
from postings.workflow import Status


class Command(BaseCommand):
    help = "Load the demo: the cast, 240 postings in every state, applications, offers, closures and terms."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--if-empty", action="store_true", help="Do nothing when there are people already.")

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.exists():
            if options["if_empty"]:
                return
            self.stderr.write("There are people in this database; the demo is for an empty one.")
            raise SystemExit(1)
        seed(clock.now())
        self.stdout.write("The demo is loaded.")


@transaction.atomic
def seed(now: dt.datetime) -> None:
    door = Door()
    moderator = door.staff(MO)
    ines = door.staff(INES)
    door.staff(DEV)
    load_programs(by=moderator, manager=door.staff(KENJI), now=now)
    door.superuser(ADMIN)
    load_campus(by=moderator, international_adviser=ines, now=now)
    board = Board(door, moderator, now)
    postings = board.load()
    board.add_member(door.host(PRIYA, title="Product lead"), beside="Fenwick Labs")
    story = Story(door, board, now)
    up = [posting for posting in postings if posting.status == Status.OPEN and posting not in board.endings]
    own = of(up, OMAR, LENA)
    story.tell([posting for posting in postings if posting not in [*board.endings, *own]])
    go_abroad(now)
    work = Work(story, ines, moderator)
    work.tell(own)
    story.fill(board.to_fill, work.others())
    work.fall_through()
    work.move_records()
    board.end()
    keep(now)
    # What the past of the demo would have sent; the last day's mails stay, so that the mailbox has something to show.
    OutboxMail.objects.filter(created__lt=now - dt.timedelta(days=1)).delete()
