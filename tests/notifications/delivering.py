"""What the tests of delivery share."""

from notifications.models import OutboxMail


def only_row():
    return OutboxMail.objects.get()
