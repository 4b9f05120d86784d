from django.apps import AppConfig


class ApplicationsConfig(AppConfig):
    name = "applications"

    def ready(self) -> None:
        from applications.actions import recount_open_offers, tell_who_waits
        from campus import closures
        from postings import endings

        closures.on_change(recount_open_offers)
        endings.on_end(tell_who_waits)
