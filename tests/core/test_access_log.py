import datetime as dt
import logging
from io import StringIO
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.utils.module_loading import import_string
from gunicorn.config import Config

from core.access_log import Logger
from core.logs import without_secrets

QUEUE = "/admin/authorization/authorizationrecord/"


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("/calendar/s3cret_-x.ics", "/calendar/-.ics"),
        ("/notifications/unsubscribe/7:alerts:x-y/", "/notifications/unsubscribe/-/"),
        ("/calendar/", "/calendar/"),
        ("/calendar/revocation/", "/calendar/revocation/"),
        ("/interviews/7/calendar.ics", "/interviews/7/calendar.ics"),
        ("/postings/7/deadline.ics", "/postings/7/deadline.ics"),
        ("/authorization/records/7/steps/3/document/", "/authorization/records/-"),
        ("/authorization/documents/0b1c/removal/", "/authorization/documents/-"),
        ("/items/7/", "/items/-"),
        (f"{QUEUE}7/action/denial/", f"{QUEUE}-"),
        (QUEUE, QUEUE),
        ("/authorization/", "/authorization/"),
    ],
)
def test_secrets_in_addresses_are_left_out(path, written):
    assert without_secrets(path) == written


def test_the_server_writes_it_down_like_that():
    answer = SimpleNamespace(status="200 OK", sent=7, headers=[])
    request = SimpleNamespace(headers=[])
    environ = {"PATH_INFO": "/calendar/s3cret.ics", "REQUEST_METHOD": "GET"}
    environ |= {"RAW_URI": "/calendar/s3cret.ics", "SERVER_PROTOCOL": "HTTP/1.1"}
    found = Logger(Config()).atoms(answer, request, environ, dt.timedelta(seconds=1))
    assert (found["U"], found["m"]) == ("/calendar/-.ics", "GET")


def test_so_does_what_django_says_of_an_answer():
    (name,) = settings.LOGGING["root"]["handlers"]
    filters = [settings.LOGGING["filters"][one]["()"] for one in settings.LOGGING["handlers"][name]["filters"]]
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    for one in filters:
        handler.addFilter(import_string(one)())
    said = ("Not Found", "/calendar/s3cret.ics")
    handler.handle(logging.LogRecord("django.request", logging.WARNING, __file__, 1, "%s: %s", said, None))
    assert stream.getvalue() == "Not Found: /calendar/-.ics\n"
