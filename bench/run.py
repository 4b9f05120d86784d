"""The bench from beginning to end: services, rows, server, measurements."""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from dev import environment
from dev.bootstrap import ROOT, Trouble, in_one_line, prepare, say
from dev.serve import complain, is_healthy, make_folders
from dev.services import TEST_SPEED, folder, free_port, start_postgres, start_valkey, sweep
from dev.supervisor import Stopped, Supervisor, catch_signals, foreground

SCRATCH = "bench-"  # and the process id
SIZES = "1000,10000,100000,1000000"
ROOMY = ("max_wal_size=4GB", "checkpoint_timeout=1h")  # a million rows are written before they are read
LONGEST_LOAD = 3600  # seconds


Run = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str]) -> int:
    return start("search.py", parse(arguments), run, arguments)


def start(script: str, options: argparse.Namespace, run: Run, arguments: Sequence[str]) -> int:
    catch_signals()
    try:
        if not importlib.util.find_spec("django"):
            return foreground([prepare(), ROOT / "bench" / script, *arguments], os.environ)
        return run(options)
    except Stopped:
        return 130
    except Trouble as trouble:
        return complain(str(trouble))
    except OSError as error:
        return complain(in_one_line(error))


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="How fast the postings are found, as ratios to a bare page.")
    parser.add_argument("--sizes", default=sizes(SIZES), type=sizes, help=f"numbers of open postings ({SIZES})")
    parser.add_argument("--requests", default=200, type=int, help="for each page and size (200)")
    parser.add_argument("--budget", default=60.0, type=float, help="seconds for each page and size (60)")
    parser.add_argument("--workers", default=2, type=int, help="processes of gunicorn (2)")
    parser.add_argument("--threads", default=1, type=int, help="threads in each (1, which is gunicorn's sync worker)")
    add_common(parser)
    return parser.parse_args(arguments)


def add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what was measured there too")
    parser.add_argument("--database", metavar="URL", help="an empty database to fill instead of one of our own")
    parser.add_argument("--redis", metavar="URL", help="a server of the Redis protocol instead of one of our own")


def sizes(text: str) -> list[int]:
    return sorted({int(part) for part in text.split(",")})


def run(options: argparse.Namespace) -> int:
    from bench import measure, report

    load = measure.Load(options.requests, options.budget, options.workers)
    rows = []
    with services(options) as (supervisor, env):
        for size in options.sizes:
            begun = time.monotonic()
            manage(supervisor, env, "load_bench", str(size))
            say(f"\n{size:,} open postings, loaded in {time.monotonic() - begun:.0f} s")
            with server(supervisor, env, options) as port:
                measured, apart = measure.measure(port, env["DATABASE_URL"], size, load)
            say(f"{report.table(measured)}\n{apart}")
            rows += measured
            if options.json:
                report.write(options.json, rows)
    say(f"\n{report.growth(rows)}".rstrip())
    return 0


@contextmanager
def services(options: argparse.Namespace) -> Iterator[tuple[Supervisor, dict[str, str]]]:
    """As in production, on servers that are thrown away; those of the developer are not looked at."""
    sweep(SCRATCH)
    scratch = folder(f"{SCRATCH}{os.getpid()}")
    try:
        with Supervisor() as supervisor:
            settings = [*TEST_SPEED, *ROOMY]
            given = {
                "DATABASE_URL": options.database
                or start_postgres(supervisor, scratch, database="bench", settings=settings),
                "REDIS_URL": options.redis or start_valkey(supervisor, scratch / "valkey", durable=False),
                "UPLOADS_DIR": str(scratch / "files" / "uploads"),
                "MAILBOX_DIR": str(scratch / "files" / "mail"),
                "LOG_LEVEL": "WARNING",
            }
            env = environment.development(environment.fresh_secrets() | given, port=80, smtp_port=25)
            env |= {"DEBUG": "0", "DJANGO_SETTINGS_MODULE": "bench.settings"}
            make_folders(env)
            yield supervisor, env
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def manage(supervisor: Supervisor, env: dict[str, str], *command: str, workers: int = 1) -> None:
    """The same command in so many processes, until all have ended well."""
    words = [sys.executable, "manage.py", *command]
    children = [supervisor.start(f"{command[0]} {n}", words, env, may_end=True) for n in range(workers)]
    supervisor.wait_until(
        lambda: all(child.has_ended() for child in children), seconds=LONGEST_LOAD, what=f"{command[0]} to end"
    )
    for child in children:
        supervisor.children.remove(child)
        child.last_words()
        if child.process.returncode:
            raise Trouble(f"{command[0]} failed, see above.")


@contextmanager
def server(supervisor: Supervisor, env: dict[str, str], options: argparse.Namespace) -> Iterator[int]:
    """All of its workers have answered before it is given; only what they know of the postings is still to come."""
    from bench import client

    port = free_port()
    shape = ["--workers", str(options.workers), "--threads", str(options.threads), "--timeout", str(client.LONGEST)]
    web = ["--bind", f"127.0.0.1:{port}", *shape, "--no-control-socket", "--log-level", "warning"]
    child = supervisor.start("web", [sys.executable, "-m", "gunicorn", "microintern.wsgi", *web], env)
    try:
        supervisor.wait_until(lambda: is_healthy(port), seconds=100, what=f"/healthz to answer on port {port}")
        client.seen_all(port, client.rotate(["/bench/floor/"]), workers=options.workers, least=2)
        yield port
    finally:
        supervisor.children.remove(child)
        supervisor.end(child)
