from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.template.loader import render_to_string

from accounts import second_factor
from campus.models import ProgramSettings
from notifications.account_mail import queue_rendered


class AccountAdapter(DefaultAccountAdapter):
    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Confirmation and reset mails take the way of all others: through the outbox."""
        links = {name: at_home(value) for name, value in context.items() if name.endswith("_url")}
        message = self.render_mail(
            template_prefix, email, {"email": email, "request": self.request, **context, **links}
        )
        html = render_to_string("accounts/mail/account.html", {"text": message.body, "subject": message.subject})
        message.attach_alternative(html, "text/html")
        queue_rendered(message, kind=template_prefix.rpartition("/")[2])

    def clean_email(self, email: str) -> str:
        """Students keep to university addresses: the account would outlive its reason, and the address give another."""
        user = getattr(self.request, "user", None)
        if user and user.is_authenticated and user.is_student and not ProgramSettings.load().is_student_address(email):
            raise ValidationError("Students use a university address here.")
        return super().clean_email(email)

    def format_email_subject(self, subject: str) -> str:
        return subject

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return True

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Whoever has just signed in, with all that the account asks for, need not do so again to set up a factor."""
        if app == "allauth.mfa" and second_factor.has_just_signed_in(self.request):
            return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))


class SecondFactorAdapter(DefaultMFAAdapter):
    def can_delete_authenticator(self, authenticator: Any) -> bool:
        """Staff keep theirs: without one they could not get in."""
        return not authenticator.user.is_staff


def at_home(url: str) -> str:
    """The same page under BASE_URL: a link in a mail must not lead where a request claimed to come from."""
    home = urlsplit(settings.BASE_URL)
    return urlsplit(url)._replace(scheme=home.scheme, netloc=home.netloc).geturl()
