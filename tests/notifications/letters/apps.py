from django.apps import AppConfig


class LettersConfig(AppConfig):
    """Mails for tests of the outbox, where real worker processes need them declared."""

    name = "tests.notifications.letters"
