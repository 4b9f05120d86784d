from django.urls import path

from notifications import mailbox_views

urlpatterns = [
    path("", mailbox_views.mailbox, name="mailbox"),
    path("<str:name>/", mailbox_views.mailbox_mail, name="mailbox_mail"),
    path("<str:name>/html/", mailbox_views.mailbox_html, name="mailbox_html"),
]
