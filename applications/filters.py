import django_filters
from django import forms

from applications.marks import Standing, standing_at
from applications.models import Application, ApplicationQuerySet
from applications.workflow import ApplicationStatus
from core import clock

# What hosts see of: everything but what has not been sent.
SENT = [(value, label) for value, label in ApplicationStatus.choices if value != ApplicationStatus.DRAFT]


class ApplicantFilter(django_filters.FilterSet):
    """By where they stand, and by nothing about the person."""

    unread = django_filters.BooleanFilter(label="Not read yet", method="only_unread", widget=forms.CheckboxInput)
    status = django_filters.MultipleChoiceFilter(label="Status", choices=SENT, widget=forms.CheckboxSelectMultiple)
    standing = django_filters.MultipleChoiceFilter(
        label="Offer and interview", choices=Standing, method="only_standing", widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Application
        fields = ["unread", "status", "standing"]

    def only_unread(self, queryset: ApplicationQuerySet, name: str, value: bool) -> ApplicationQuerySet:
        """Whose review has not begun, as the list of postings counts them."""
        return queryset.filter(status=ApplicationStatus.SUBMITTED) if value else queryset

    def only_standing(self, queryset: ApplicationQuerySet, name: str, value: list[str]) -> ApplicationQuerySet:
        """As the list marks them."""
        return standing_at(queryset, value, viewer=self.request.user, now=clock.now()) if value else queryset
