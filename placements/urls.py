from django.urls import path

from placements.views import dates, hours, moves, pages

urlpatterns = [
    path("offers/<int:pk>/acceptance/", moves.offer_acceptance, name="offer_acceptance"),
    path("placements/", pages.placement_list, name="placement_list"),
    path("placements/<int:pk>/", pages.placement, name="placement"),
    path("placements/<int:pk>/beginning/", moves.placement_beginning, name="placement_beginning"),
    path("placements/<int:pk>/dates/", dates.placement_dates, name="placement_dates"),
    path("placements/<int:pk>/deliverable/", moves.placement_deliverable, name="placement_deliverable"),
    path("placements/<int:pk>/completion/", moves.placement_completion, name="placement_completion"),
    path("placements/<int:pk>/ending/", moves.placement_ending, name="placement_ending"),
    path("placements/<int:pk>/hours/", hours.placement_hours, name="placement_hours"),
    path("dates/<int:pk>/agreement/", dates.dates_agreement, name="dates_agreement"),
    path("dates/<int:pk>/refusal/", dates.dates_refusal, name="dates_refusal"),
    path("dates/<int:pk>/withdrawal/", dates.dates_withdrawal, name="dates_withdrawal"),
    path("hours/<int:pk>/removal/", hours.hours_removal, name="hours_removal"),
]
