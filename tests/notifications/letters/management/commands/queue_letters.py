from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand
from django.db import transaction

from tests.notifications.letters.emails import digest, notice


class Command(BaseCommand):
    """Queue letters as an action does: each in a transaction that rings when it commits."""

    def add_arguments(self, parser):
        parser.add_argument("--notices", type=int, required=True)
        parser.add_argument("--digests", type=int, default=0)

    def handle(self, *args, notices, digests, **options):
        person, _ = get_user_model().objects.get_or_create(email="sana@student.example.edu", name="Sana Rahman")
        for mail, count, offset in ((notice, notices, 0), (digest, digests, 10_000)):
            for number in range(count):
                with transaction.atomic():
                    mail.queue(to=person, subject_id=offset + number)
