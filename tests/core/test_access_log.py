import datetime as dt
from types import SimpleNamespace

import pytest
from gunicorn.config import Config

from core.access_log import Logger, without_secrets


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("/calendar/s3cret_-x.ics", "/calendar/-.ics"),
        ("/notifications/unsubscribe/7:alerts:x-y/", "/notifications/unsubscribe/-/"),
        ("/calendar/", "/calendar/"),
        ("/calendar/revocation/", "/calendar/revocation/"),
        ("/interviews/7/calendar.ics", "/interviews/7/calendar.ics"),
        ("/postings/7/deadline.ics", "/postings/7/deadline.ics"),
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
