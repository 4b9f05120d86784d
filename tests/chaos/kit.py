"""Real worker processes, each with a mail server of its own, and what they share."""

import asyncio
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from email import message_from_bytes
from pathlib import Path

from aiosmtpd.controller import Controller
from django.conf import settings
from redis import Redis

ROOT = Path(settings.BASE_DIR)
MANAGE = [sys.executable, "manage.py"]
LOOP = [*MANAGE, "send_outbox", "--loop"]
CELERY = [sys.executable, "-m", "celery", "-A", "microintern", "worker", "--concurrency=1", "--loglevel=info"]
CELERY += ["--without-mingle", "--without-gossip"]  # a second less at each start
CELERY_WITH_BEAT = [*CELERY, "--beat"]


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
        self.is_stopping, self.taken_before = False, self.office.taken
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
        self.is_stopping = True

    def taken(self):
        """Mails since its last start."""
        return self.office.taken - self.taken_before


class Site:
    """The pieces that the worker processes share, and the time in which a story must be told."""

    def __init__(self, environment, folder, database, *, seconds):
        self.environment, self.folder, self.database = environment, folder, database
        self.workers, self.processes = [], []
        self.mails = []
        self.begun = time.monotonic()
        self.ends = self.begun + seconds

    def manage(self, *arguments):
        subprocess.run([*MANAGE, *arguments], cwd=ROOT, env=self.environment, check=True, timeout=300)  # noqa: S603

    def queue(self, *, notices, digests):
        self.manage("queue_letters", f"--notices={len(notices)}", f"--digests={len(digests)}")

    def start(self, command):
        worker = Worker(command, self.environment, self.folder, self.mails)
        self.workers.append(worker)
        return worker

    def start_process(self, name, command):
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(  # noqa: S603  our own command
                command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        self.processes.append(process)
        return process

    def states(self):
        with self.database.cursor() as cursor:
            cursor.execute("SELECT state, count(*) FROM notifications_outboxmail GROUP BY state")
            return dict(cursor.fetchall())

    def numbers(self, state):
        with self.database.cursor() as cursor:
            cursor.execute("SELECT subject_id FROM notifications_outboxmail WHERE state = %s", [state])
            return {row[0] for row in cursor.fetchall()}

    def planned(self, kind):
        with self.database.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM notifications_outboxmail WHERE kind = %s", [kind])
            return cursor.fetchone()[0]

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

    def wait_until(self, is_so, what):
        while not is_so():
            assert time.monotonic() < self.ends, f"waited too long for {what}: {self.states()} {self.logs()}"
            time.sleep(0.02)

    def wait_for_mails(self, count):
        self.wait_until(lambda: len(self.mails) >= count or not self.unfinished(), f"{count} mails")

    def wait_until_done(self):
        self.wait_until(lambda: not self.unfinished(), "the last mail")

    def kill_each_in_its_trap(self):
        """At once when it is caught: a lease must not run out while the worker still lives."""
        free = list(self.workers)
        while free:
            assert time.monotonic() < self.ends, f"{len(free)} workers met no mail: {self.states()} {self.logs()}"
            for worker in [worker for worker in free if worker.office.sprung.is_set()]:
                worker.kill()
                free.remove(worker)
                self.flush_broker()
            time.sleep(0.005)

    def restart_in_turn(self, restarts, *, let_pass):
        """Whoever has delivered some is told to stop, wherever it stands, and started anew when it has ended."""
        told = 0
        while told < restarts or any(worker.is_stopping for worker in self.workers):
            assert time.monotonic() < self.ends, f"{told} were told to stop: {self.states()} {self.logs()}"
            for worker in self.workers:
                if worker.is_stopping and worker.process.poll() is not None:
                    assert worker.process.returncode == 0, self.logs()
                    worker.start()
                elif not worker.is_stopping and told < restarts and worker.taken() >= let_pass:
                    worker.stop()
                    told += 1
            time.sleep(0.02)

    def flush_broker(self):
        prefix = self.environment["CHAOS_PREFIX"]
        with Redis.from_url(settings.REDIS_URL) as broker:
            return sum(broker.delete(key) for key in broker.scan_iter(f"{prefix}*"))

    def logs(self):
        newest = sorted(self.folder.glob("*.log"), key=lambda path: path.stat().st_mtime)[-8:]
        return "\n".join(path.read_text()[-1500:] for path in newest)

    def copies(self):
        """How often each letter came, by its number."""
        subjects = [mail["Subject"] for mail in self.mails]
        return Counter(int(subject.removeprefix("Letter ")) for subject in subjects if subject.startswith("Letter "))

    def end(self):
        for worker in self.workers:
            if worker.process.poll() is None:
                worker.kill()
            worker.office.controller.stop()
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)
        self.flush_broker()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
