"""The bench of reminders from beginning to end: offers, a sweep that plans, workers that send, and a bare loop."""

from __future__ import annotations

import argparse
import email
import json
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import sink
from bench.run import add_common, manage, services, start
from dev.bootstrap import ROOT, Trouble, say
from dev.services import free_port
from dev.supervisor import Supervisor

TARGET = 0.5  # of the bare loop, for each worker


@dataclass(frozen=True)
class Figures:
    offers: int
    mails: int
    bytes_each: int
    planned_in_s: float
    planning_mb: int
    workers: int
    mails_per_s: float
    bare_per_s: float
    ratio: float  # of one worker to the bare loop


def main(arguments: Sequence[str]) -> int:
    return start("reminders.py", parse(arguments), run, arguments)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="How fast reminders are mailed, against a bare loop of smtplib.")
    parser.add_argument("--offers", default=100_000, type=int, help="open offers (100,000)")
    parser.add_argument("--due", default=20_000, type=int, help="of which so many are to be reminded of (20,000)")
    parser.add_argument("--workers", default=1, type=int, help="processes that send (1)")
    add_common(parser)
    return parser.parse_args(arguments)


def run(options: argparse.Namespace) -> int:
    with services(options) as (supervisor, env), TemporaryDirectory() as folder:
        begun = time.monotonic()
        manage(supervisor, env, "load_offers", str(options.offers), str(options.due))
        say(f"\n{options.offers:,} open offers, loaded in {time.monotonic() - begun:.0f} s")
        plan = planned(env)
        if plan["planned"] != options.due:
            raise Trouble(f"{plan['planned']:,} reminders were planned instead of {options.due:,}.")
        with sink_on(supervisor, env, Path(folder) / "ours") as (port, ours):
            manage(supervisor, env | mail_to(port), "send_outbox", workers=options.workers)
        with sink_on(supervisor, env, Path(folder) / "bare") as (port, bare):
            send_bare(port, [mail.content for mail in sink.read(ours)])
        figures = compare(options, plan, list(sink.read(ours)), list(sink.read(bare)))
    say(table(figures))
    if options.json:
        options.json.write_text(json.dumps(asdict(figures), indent=1) + "\n")
    return 0


def planned(env: dict[str, str]) -> dict[str, float]:
    command = [sys.executable, "manage.py", "plan_reminders"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    if done.returncode:
        raise Trouble(f"The reminders could not be planned.\n{done.stderr}")
    found: dict[str, float] = json.loads(done.stdout)
    return found


@contextmanager
def sink_on(supervisor: Supervisor, env: dict[str, str], file: Path) -> Iterator[tuple[int, Path]]:
    port = free_port()
    child = supervisor.start("sink", [sys.executable, "-m", "bench.sink", str(port), str(file)], env)
    try:
        supervisor.wait_until(lambda: answers(port), seconds=20, what="the mail server to answer")
        yield port, file
    finally:
        supervisor.children.remove(child)
        supervisor.end(child)


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def mail_to(port: int) -> dict[str, str]:
    return {"EMAIL_URL": f"smtp://127.0.0.1:{port}"}


def send_bare(port: int, contents: Sequence[bytes]) -> None:
    """The same bytes over one connection, from and to the same people, and nothing else."""
    ends = [(head["From"], head["To"]) for head in map(email.message_from_bytes, contents)]
    with smtplib.SMTP("127.0.0.1", port) as server:
        for (sender, recipient), content in zip(ends, contents, strict=True):
            server.sendmail(sender, [recipient], content)


def compare(
    options: argparse.Namespace, plan: dict[str, float], ours: Sequence[sink.Kept], bare: Sequence[sink.Kept]
) -> Figures:
    if len({mail.content for mail in ours}) != options.due or len(ours) != options.due:
        raise Trouble(f"{len(ours):,} mails came instead of {options.due:,}, each once.")
    if [mail.content for mail in bare] != [mail.content for mail in ours]:
        raise Trouble("The bare loop sent something else.")
    mails_per_s, bare_per_s = rate(ours), rate(bare)
    return Figures(
        offers=options.offers,
        mails=len(ours),
        bytes_each=sum(len(mail.content) for mail in ours) // len(ours),
        planned_in_s=plan["seconds"],
        planning_mb=int(plan["megabytes"]),
        workers=options.workers,
        mails_per_s=round(mails_per_s, 1),
        bare_per_s=round(bare_per_s, 1),
        ratio=round(mails_per_s / options.workers / bare_per_s, 3),
    )


def rate(mails: Sequence[sink.Kept]) -> float:
    """From the first mail that the server had whole to the last: the start of the processes is not counted."""
    return (len(mails) - 1) / (mails[-1].at - mails[0].at)


def table(figures: Figures) -> str:
    verdict = "ok" if figures.ratio >= TARGET else "missed"
    return "\n".join(
        [
            f"{figures.offers:12,}  open offers",
            f"{figures.mails:12,}  reminders due, planned in {figures.planned_in_s:.1f} s and {figures.planning_mb} MB",
            f"{figures.bytes_each:12,}  bytes each",
            f"{figures.workers:12,}  worker{'s' if figures.workers > 1 else ''}",
            f"{figures.mails_per_s:12,.1f}  mails a second",
            f"{figures.bare_per_s:12,.1f}  mails a second by a bare loop of smtplib over one connection",
            f"{figures.ratio:12.3f}  of the bare loop for each worker (≥ {TARGET:g}: {verdict})",
        ]
    )
