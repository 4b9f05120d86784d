from django.apps import AppConfig


class ApplicationsConfig(AppConfig):
    name = "applications"

    def ready(self) -> None:
        from applications.actions import preview_recount, recount_open_offers, tell_who_waits
        from campus import closures
        from postings import endings

        closures.on_change(recount_open_offers, preview=preview_recount)
        endings.on_end(tell_who_waits)
