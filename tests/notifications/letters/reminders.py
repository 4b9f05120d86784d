"""Reminders for stories with real processes: as many as are asked for, one every so often after Sana joined."""

import datetime as dt
import os

from django.contrib.auth import get_user_model

from notifications.mail import Mail
from notifications.reminders import Planned, Reminder, register
from tests.notifications.letters.emails import numbered

FIRST = 20_000
COUNT = int(os.environ.get("LETTERS_REMINDERS", "0"))
APART = dt.timedelta(milliseconds=20)


def plan(since, until, *, recipient_id=None):
    for person in get_user_model().objects.filter(name="Sana Rahman"):
        for number in range(COUNT):
            due = person.date_joined + number * APART
            if since < due <= until:
                yield Planned(person.pk, FIRST + number, "", "", due)


register(Reminder(Mail("letters.reminder", "letters/letter", numbered, must_arrive=True), plan))
