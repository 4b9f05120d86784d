from django.apps import AppConfig


class PlacementsConfig(AppConfig):
    name = "placements"

    def ready(self) -> None:
        from applications import withdrawals
        from authorization import clearances
        from placements.actions import follow_clearance, follow_withdrawal

        clearances.on_change(follow_clearance)
        withdrawals.on_withdrawal(follow_withdrawal)
