from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class NotificationsConfig(AppConfig):
    name = "notifications"

    def ready(self) -> None:
        """Every app's declarations, so that a worker knows each kind that stands in the outbox."""
        from notifications import account_mail  # noqa: F401  declares its own kind

        autodiscover_modules("emails", "reminders")
