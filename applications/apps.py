from django.apps import AppConfig


class ApplicationsConfig(AppConfig):
    name = "applications"

    def ready(self) -> None:
        from applications.actions import recount_open_offers
        from campus import closures

        closures.on_change(recount_open_offers)
