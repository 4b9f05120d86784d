"""What the tests of pages share."""

from applications.workflow import ApplicationStatus
from tests.core.documents import pdf, upload

A = ApplicationStatus


def apply_url(posting):
    return f"/postings/{posting.pk}/apply/"


def complete(**changes):
    data = {"resume": upload(pdf()), "cover_letter_text": "I count things for fun.", "guidelines": "on"} | changes
    return {name: value for name, value in data.items() if value is not None}
