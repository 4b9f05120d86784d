"""The broker is emptied, then gone: mails leave once each, and no page fails meanwhile.

`bin/test --long tests/chaos/test_broker.py` is 6,000 mails and a minute. Only with --long: it needs a broker and a site
of its own.
"""

import http.client
import re
import sys
import threading
import time
from collections import Counter
from urllib.parse import urlencode

import pytest
from redis import Redis, RedisError

from dev.services import valkey_binary

from .kit import CELERY, CELERY_WITH_BEAT, free_port

pytestmark = pytest.mark.chaos

PAGES = ["/", "/accounts/login/", "/accounts/signup/", "/healthz", "/readyz", "/accounts/password/reset/"]
FLUSHES, AWAY = 3, 60  # seconds
RESET = "/accounts/password/reset/"


@pytest.fixture
def _long_only(request):
    if not request.config.getoption("--long"):
        pytest.skip("only with --long")


class Broker:
    """A server of this test alone, which may be emptied and ended."""

    def __init__(self, site):
        self.site, self.port = site, free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self):
        options = ["--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--appendonly", "no"]
        command = [str(valkey_binary()), *options, "--dir", str(self.site.folder)]
        self.process = self.site.start_process("broker", command)
        self.site.wait_until(self.answers, "the broker")

    def answers(self):
        try:
            with Redis.from_url(self.url) as client:
                return client.ping()
        except RedisError:
            return False

    def flush(self):
        with Redis.from_url(self.url) as client:
            client.flushall()

    def end(self):
        self.process.kill()
        self.process.wait(10)


class Visitor:
    """Asks for one page after another, and now and then for a new password, which queues a mail."""

    def __init__(self, port):
        self.port = port
        self.answers, self.slowest = Counter(), 0.0
        self.addresses = []
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.look_around)

    def look_around(self):
        while not self.done.is_set():
            for path in PAGES:
                self.ask("GET", path)
            self.done.wait(0.3)

    def ask(self, method, path, body=None, headers=None):
        begun = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        self.slowest = max(self.slowest, time.monotonic() - begun)
        self.answers[method, path, answer.status] += 1
        return answer, text

    def forget_a_password(self):
        answer, text = self.ask("GET", RESET)
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text)[1]
        address = f"visitor-{len(self.addresses)}@example.org"
        self.addresses.append(address)
        form = urlencode({"email": address, "csrfmiddlewaretoken": token})
        self.ask("POST", RESET, form, {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie})


@pytest.fixture
def broker(site):
    broker = Broker(site)
    site.environment["REDIS_URL"] = broker.url
    return broker


@pytest.fixture
def visitor(site, broker):
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "microintern.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "2"]
    site.start_process("web", [*command, "--threads", "2", "--no-control-socket"])
    visitor = Visitor(port)
    site.wait_until(lambda: is_up(visitor), "the site")
    visitor.thread.start()
    yield visitor
    visitor.done.set()
    visitor.thread.join(60)


def is_up(visitor):
    try:
        return visitor.ask("GET", "/healthz")[0].status == 200
    except OSError:
        return False


@pytest.mark.usefixtures("_long_only")
def test_an_emptied_and_a_missing_broker_lose_and_double_nothing_and_fail_no_page(site, broker, visitor, tell):
    notices, digests = set(range(3000)), set(range(10_000, 13_000))
    workers = [site.start(command) for command in (CELERY_WITH_BEAT, CELERY, CELERY, CELERY)]
    site.queue(notices=notices, digests=digests)
    for flush in range(1, FLUSHES + 1):
        site.wait_for_mails(flush * 500)
        broker.flush()
        visitor.forget_a_password()
    broker.end()
    ends = time.monotonic() + AWAY
    while time.monotonic() < ends:
        visitor.forget_a_password()
        time.sleep(1)
    waited = site.unfinished()
    broker.start()
    visitor.forget_a_password()
    site.wait_until_done()
    visitor.done.set()
    visitor.thread.join(60)

    copies = site.copies()
    written_to = Counter(mail["To"] for mail in site.mails if not mail["Subject"].startswith("Letter "))
    tell(
        mails=len(notices | digests) + len(visitor.addresses),
        workers=len(workers),
        waited_for_the_broker=waited,
        lost=len((notices | digests) - set(copies)) + len(set(visitor.addresses) - set(written_to)),
        extras=len(site.mails) - len(copies) - len(written_to),
        pages=visitor.answers.total(),
        posts=len(visitor.addresses),
        slowest_page_in_ms=round(visitor.slowest * 1000),
    )
    expected = {("GET", path, 200) for path in PAGES} | {("POST", RESET, 302)}
    assert set(visitor.answers) == expected, "a page failed"
    assert waited > 0, "nothing waited for the broker"
    assert copies == dict.fromkeys(notices | digests, 1)
    assert written_to == dict.fromkeys(visitor.addresses, 1)
    assert set(site.states()) == {"sent"}
