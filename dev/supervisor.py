"""Starts processes in order, prefixes what they say, and ends all of them, the last first, when any of them ends.

Honcho and foreman signal the whole group, which kills Celery's pool in the middle of a task. Here only the main
process of each gets its signal, and what it needs is stopped after it.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypedDict

from dev.bootstrap import ROOT, Trouble

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
PATIENCE = 25  # seconds that a process has to end after its signal


class Stopped(BaseException):
    """Somebody asked us to stop: Ctrl-C, TERM, or a closed terminal."""


@dataclass
class Child:
    name: str
    process: subprocess.Popen[bytes]
    stop_signal: int = signal.SIGTERM
    reader: threading.Thread | None = None  # of a main process, whose lines go to the terminal
    log: Path | None = None  # of a service, whose lines go to a file
    may_end: bool = False

    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def last_words(self) -> str:
        if self.process.returncode < 0:
            return f", killed by signal {-self.process.returncode}."
        if self.log:
            return f": {last_line(self.log)}"
        if self.reader:
            self.reader.join(timeout=2)
        return ", see above."


class Supervisor:
    def __init__(self) -> None:
        self.children: list[Child] = []

    def __enter__(self) -> Supervisor:
        return self

    def __exit__(self, *_: object) -> None:
        before = {number: signal.signal(number, signal.SIG_IGN) for number in SIGNALS}
        while self.children:
            self.end(self.children.pop())
        for number, handler in before.items():
            signal.signal(number, handler)

    def start(
        self, name: str, command: Sequence[str | Path], env: Mapping[str, str], *, may_end: bool = False
    ) -> Child:
        process = spawn(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        reader = threading.Thread(target=relay, args=(name, process.stdout), daemon=True)
        child = Child(name, process, reader=reader, may_end=may_end)
        self.children.append(child)
        reader.start()
        return child

    def service(
        self, name: str, command: Sequence[str | Path], *, stop_signal: int, log: Path, user: str | None = None
    ) -> Child:
        # Root writes in a folder of nobody's here: never through a link that nobody made.
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            env = dict(os.environ, LC_ALL="C")
            process = spawn(command, env=env, stdout=file, stderr=file, user=user, on_our_death=stop_signal)
        child = Child(name, process, stop_signal, log=log)
        self.children.append(child)
        return child

    def run(self, name: str, command: Sequence[str | Path], env: Mapping[str, str]) -> None:
        child = self.start(name, command, env, may_end=True)
        self.wait_until(child.has_ended, seconds=600, what=f"{name} to finish")
        self.children.remove(child)
        child.last_words()
        if child.process.returncode:
            raise Trouble(f"{name} failed, see above.")

    def wait_until(self, ready: Callable[[], bool], *, seconds: float, what: str) -> None:
        end = time.monotonic() + seconds
        while not ready():
            self.check()
            if time.monotonic() > end:
                raise Trouble(f"Waited {seconds:.0f} seconds for {what} in vain.")
            time.sleep(0.05)

    def watch(self) -> None:
        while True:
            self.check()
            time.sleep(0.3)

    def check(self) -> None:
        for child in self.children:
            if child.has_ended() and not child.may_end:
                raise Trouble(f"{child.name} stopped{child.last_words()}")

    def end(self, child: Child) -> None:
        with contextlib.suppress(ProcessLookupError):
            child.process.send_signal(child.stop_signal)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.process.wait(PATIENCE)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.process.pid, signal.SIGKILL)  # whoever is left in its session
        child.process.wait()
        if child.reader:
            child.reader.join(timeout=2)


def catch_signals() -> None:
    for number in SIGNALS:
        # nohup keeps its promise; but a shell's background job, which ignores INT from birth, may be told to stop.
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, stop)


def stop(number: int, _frame: object) -> None:
    raise Stopped(number)


def spawn(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str],
    stdout: int | IO[bytes],
    stderr: int | IO[bytes],
    user: str | None = None,
    on_our_death: int = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """A child in a session of its own, so that Ctrl-C reaches us alone."""
    return subprocess.Popen(
        [os.fspath(part) for part in command],
        cwd=ROOT if user is None else "/",
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        start_new_session=True,
        preexec_fn=bound_to_us(on_our_death),
        **as_user(user),
    )


def foreground(command: Sequence[str | Path], env: Mapping[str, str]) -> int:
    """A child that has the terminal; whatever stops us stops it as Ctrl-C does, and we wait for its last words."""
    process = subprocess.Popen(command, cwd=ROOT, env=env, preexec_fn=bound_to_us(signal.SIGINT))
    try:
        return process.wait()
    except Stopped:
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE)
        process.kill()
        raise


def bound_to_us(number: int) -> Callable[[], None]:
    """Run in the child, after a change of user, which would undo it: the kernel sends `number` when we are killed."""
    parent = os.getpid()

    def bind() -> None:
        if LIBC:
            LIBC.prctl(PR_SET_PDEATHSIG, number)
            if os.getppid() != parent:
                os._exit(1)

    return bind


class Identity(TypedDict):
    user: int | None
    group: int | None
    extra_groups: list[int] | None


def as_user(name: str | None) -> Identity:
    if name is None:
        return {"user": None, "group": None, "extra_groups": None}
    entry = pwd.getpwnam(name)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def relay(name: str, output: IO[bytes]) -> None:
    with output:
        for line in output:
            with contextlib.suppress(OSError, ValueError):  # our own reader may be gone: keep the child's pipe moving
                print(f"{name:8}| {line.decode(errors='replace').rstrip()}", flush=True)


def last_line(log: Path) -> str:
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    grave = [line for line in lines if any(word in line for word in ("FATAL", "PANIC", "No space left"))]
    return (grave or lines or ["it said nothing"])[-1].strip()
