"""The project's settings as in production, with the floor beside its pages and without the manifest of static files."""

from microintern.settings import *  # noqa: F403
from microintern.settings import BASE_DIR, INSTALLED_APPS, MIDDLEWARE, STORAGES

ROOT_URLCONF = "bench.urls"
INSTALLED_APPS = [*INSTALLED_APPS, "bench"]
MIDDLEWARE = ["bench.middleware.CountQueries", *MIDDLEWARE]
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
STATIC_ROOT, STATICFILES_DIRS = BASE_DIR / "static", []  # served as they are: nothing has to be collected first
