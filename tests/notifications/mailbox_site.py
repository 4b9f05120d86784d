"""The site with its development pages."""

from django.urls import include, path

from microintern import urls

urlpatterns = [
    *[entry for entry in urls.urlpatterns if str(entry.pattern) != "mailbox/"],
    path("mailbox/", include("notifications.mailbox_urls")),
]
