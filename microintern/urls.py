"""Every address of the site. Public views say so themselves; all others ask for a sign-in."""

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from core import health

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # one door: allauth's
admin.site.site_header = admin.site.site_title = "Career office"
admin.site.index_title = "What is here"
admin.site.enable_nav_sidebar = False  # lists need the width, and the start page is one click away

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("", include("postings.urls")),  # first, since what is asked for most should be found first
    path("admin/", admin.site.urls),
    path("", include("accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("", include("notifications.urls")),
    path("", include("authorization.urls")),
    path("", include("programs.urls")),
    path("", include("applications.urls")),
    path("", include("placements.urls")),
]

if settings.DEBUG:
    urlpatterns += [
        path("mailbox/", include("notifications.mailbox_urls")),
        path("gallery/", include("core.gallery_urls")),
    ]
