"""A database, a corner of the broker and a mail server for real worker processes, all gone after the test."""

import asyncio
import logging
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from email import message_from_bytes
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest
from aiosmtpd.controller import Controller
from django.conf import settings
from django.db import connection
from redis import Redis

ROOT = Path(settings.BASE_DIR)
MANAGE = [sys.executable, "manage.py"]
LOOP = [*MANAGE, "send_outbox", "--loop"]
CELERY = [sys.executable, "-m", "celery", "-A", "microintern", "worker", "--concurrency=1", "--loglevel=info"]
CELERY += ["--without-mingle", "--without-gossip"]  # a second less at each start


logging.getLogger("mail.log").setLevel(logging.WARNING)  # the SMTP server tells every word


class PostOffice:
    """One worker's mail server. Its trap holds a mail where a kill hurts: just before or just after it is kept."""

    def __init__(self, mails):
        self.mails = mails
        self.taken = 0
        self.trap = ""
        self.sprung = threading.Event()
        self.controller = Controller(self, hostname="127.0.0.1", port=free_port())
        self.controller.start()

    async def handle_DATA(self, server, session, envelope):
        await self.pause("before")
        self.mails.append(message_from_bytes(envelope.content))
        self.taken += 1
        await self.pause("after")
        return "250 OK"

    async def pause(self, moment):
        if self.trap == moment and self.taken >= self.let_pass:
            self.trap = ""
            self.sprung.set()
            await asyncio.sleep(60)  # cut short when the worker's end of the line is gone
        await asyncio.sleep(0.02)

    def set_trap(self, moment, *, let_pass):
        self.sprung.clear()
        self.let_pass = self.taken + let_pass
        self.trap = moment


class Worker:
    """One worker process in a session of its own, so that a kill reaches its children and nobody else."""

    def __init__(self, command, environment, folder, mails):
        self.office = PostOffice(mails)
        self.environment = environment | {"EMAIL_URL": f"smtp://127.0.0.1:{self.office.controller.port}"}
        self.command, self.folder = command, folder
        self.start()

    def start(self):
        name = f"{time.time_ns()}"
        command = self.command
        if "--beat" in command:
            command = [*command, f"--schedule={self.folder / name}.beat"]
        self.log = self.folder / f"{name}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(  # noqa: S603  our own command
                command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )

    def wait_until_ready(self, seconds=60):
        ends = time.monotonic() + seconds
        while b"ready." not in self.log.read_bytes():
            assert time.monotonic() < ends, self.log.read_text()[-3000:]
            time.sleep(0.05)

    def kill(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


class Site:
    """The pieces that the worker processes share."""

    def __init__(self, environment, folder, database):
        self.environment, self.folder, self.database = environment, folder, database
        self.workers = []
        self.mails = []

    def manage(self, *arguments):
        subprocess.run([*MANAGE, *arguments], cwd=ROOT, env=self.environment, check=True, timeout=60)  # noqa: S603

    def start(self, command):
        worker = Worker(command, self.environment, self.folder, self.mails)
        self.workers.append(worker)
        return worker

    def states(self):
        with self.database.cursor() as cursor:
            cursor.execute("SELECT state, count(*) FROM notifications_outboxmail GROUP BY state")
            return dict(cursor.fetchall())

    def numbers(self, state):
        with self.database.cursor() as cursor:
            cursor.execute("SELECT subject_id FROM notifications_outboxmail WHERE state = %s", [state])
            return {row[0] for row in cursor.fetchall()}

    def caught(self):
        """How often a worker had a mail in hand when it was killed: the mail was tried again, or is given up on."""
        with self.database.cursor() as cursor:
            cursor.execute(
                "SELECT sum(attempts - 1) + count(*) FILTER (WHERE state = 'uncertain') FROM notifications_outboxmail"
            )
            return cursor.fetchone()[0]

    def unfinished(self):
        states = self.states()  # of one moment: a row that moves between two questions would be counted in neither
        return sum(states.get(state, 0) for state in ("pending", "claimed", "sending"))

    def wait_for_mails(self, count, seconds=60):
        ends = time.monotonic() + seconds
        while len(self.mails) < count and self.unfinished():
            assert time.monotonic() < ends, f"only {len(self.mails)} of {count} came: {self.logs()}"
            time.sleep(0.01)

    def wait_until_done(self, seconds=90):
        ends = time.monotonic() + seconds
        while self.unfinished():
            assert time.monotonic() < ends, f"not done: {self.states()} {self.logs()}"
            time.sleep(0.05)

    def kill_each_in_its_trap(self, seconds=90):
        """At once when it is caught: a lease must not run out while the worker still lives."""
        ends, free = time.monotonic() + seconds, list(self.workers)
        while free:
            assert time.monotonic() < ends, f"{len(free)} workers met no mail: {self.states()} {self.logs()}"
            for worker in [worker for worker in free if worker.office.sprung.is_set()]:
                worker.kill()
                free.remove(worker)
                self.flush_broker()
            time.sleep(0.005)

    def flush_broker(self):
        prefix = self.environment["CHAOS_PREFIX"]
        with Redis.from_url(settings.REDIS_URL) as broker:
            return sum(broker.delete(key) for key in broker.scan_iter(f"{prefix}*"))

    def logs(self):
        return "\n".join(path.read_text()[-1500:] for path in self.folder.glob("*.log"))

    def copies(self):
        """How often each letter came, by its number."""
        return Counter(int(mail["Subject"].removeprefix("Letter ")) for mail in self.mails)

    def end(self):
        for worker in self.workers:
            if worker.process.poll() is None:
                worker.kill()
            worker.office.controller.stop()
        self.flush_broker()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def chaos_database(django_db_setup, django_db_blocker):
    """A copy of the migrated template under a name of its own, in which processes may commit."""
    name = f"chaos_{secrets.token_hex(6)}"
    with django_db_blocker.unblock(), connection._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{connection.settings_dict["TEST"]["TEMPLATE"]}"')
    yield name
    with django_db_blocker.unblock(), connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def site(chaos_database, tmp_path):
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{chaos_database}").geturl()
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.chaos.settings",
        "DATABASE_URL": url,
        "REDIS_URL": settings.REDIS_URL,
        "CHAOS_PREFIX": f"{chaos_database}:",
        "PYTHONWARNINGS": "",
    }
    database = psycopg2.connect(url)
    database.autocommit = True
    site = Site(environment, tmp_path, database)
    yield site
    site.end()
    database.close()
