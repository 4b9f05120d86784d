import django_filters
from django import forms

from applications.models import Application
from applications.workflow import ApplicationStatus

# What hosts see of: everything but what has not been sent.
SENT = [(value, label) for value, label in ApplicationStatus.choices if value != ApplicationStatus.DRAFT]


class ApplicantFilter(django_filters.FilterSet):
    """By where they stand, and by nothing about the person."""

    status = django_filters.MultipleChoiceFilter(label="Status", choices=SENT, widget=forms.CheckboxSelectMultiple)

    class Meta:
        model = Application
        fields = ["status"]
