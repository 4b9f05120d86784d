import gc
import os
from contextlib import suppress

from django.core.wsgi import get_wsgi_application
from django.db import Error

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "microintern.settings")

application = get_wsgi_application()

from postings.finding import board  # noqa: E402  models are there now

# Each process learns the postings before its first visitor comes. A database that is away is told by /readyz.
with suppress(Error):
    board()

# What is loaded by now stays: the collector need not look through it again and again.
gc.freeze()
