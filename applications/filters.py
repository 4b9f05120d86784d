import django_filters
from django import forms

from applications.models import Application, ApplicationQuerySet
from applications.workflow import ApplicationStatus

# What hosts see of: everything but what has not been sent.
SENT = [(value, label) for value, label in ApplicationStatus.choices if value != ApplicationStatus.DRAFT]


class ApplicantFilter(django_filters.FilterSet):
    """By where they stand, and by nothing about the person."""

    unread = django_filters.BooleanFilter(label="Not read yet", method="only_unread", widget=forms.CheckboxInput)
    status = django_filters.MultipleChoiceFilter(label="Status", choices=SENT, widget=forms.CheckboxSelectMultiple)

    class Meta:
        model = Application
        fields = ["unread", "status"]

    def only_unread(self, queryset: ApplicationQuerySet, name: str, value: bool) -> ApplicationQuerySet:
        """Whose review has not begun, as the list of postings counts them."""
        return queryset.filter(status=ApplicationStatus.SUBMITTED) if value else queryset
