from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.template.loader import render_to_string

from notifications.account_mail import queue_rendered


class AccountAdapter(DefaultAccountAdapter):
    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Confirmation and reset mails take the way of all others: through the outbox."""
        message = self.render_mail(template_prefix, email, {"email": email, "request": self.request, **context})
        html = render_to_string("accounts/mail/account.html", {"text": message.body, "subject": message.subject})
        message.attach_alternative(html, "text/html")
        queue_rendered(message, kind=template_prefix.rpartition("/")[2])

    def format_email_subject(self, subject: str) -> str:
        return subject

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return True
