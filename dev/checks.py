"""bin/test: every check of the house, then every test, on services that are thrown away afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from dev import browser, environment
from dev.bootstrap import ROOT, Trouble, in_one_line, prepare, say
from dev.serve import complain, make_folders
from dev.services import TEST_SPEED, folder, start_postgres, start_valkey, sweep
from dev.supervisor import Stopped, Supervisor, catch_signals, foreground

SCRATCH = "test-"  # and the process id
FROM_OUTSIDE = {"DATABASE_URL", "REDIS_URL", "CHROMIUM"}  # every other setting is the tests' own

Check = tuple[str, list[str], Mapping[str, str]]


def main(arguments: Sequence[str]) -> int:
    catch_signals()
    try:
        return run(prepare(), arguments)
    except Stopped:
        return 130
    except Trouble as trouble:
        return complain(str(trouble))
    except OSError as error:
        return complain(in_one_line(error))


def run(python: Path, arguments: Sequence[str]) -> int:
    sweep(SCRATCH)
    given = {name: value for name, value in environment.given().items() if name in FROM_OUTSIDE}
    scratch = folder(f"{SCRATCH}{os.getpid()}")
    try:
        with Supervisor() as supervisor:
            env = test_environment(supervisor, given, scratch)
            failed = [] if arguments else run_checks(python, env)
            status = run_tests(python, arguments, env | browser_environment(given), failed)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    if failed:
        say(f"Failed before the tests: {', '.join(failed)}.")
    return status or int(bool(failed))


def test_environment(supervisor: Supervisor, given: dict[str, str], scratch: Path) -> dict[str, str]:
    files = scratch / "files"
    urls = {"UPLOADS_DIR": str(files / "uploads"), "MAILBOX_DIR": str(files / "mail")}
    if "DATABASE_URL" not in given:
        # Queries are run once, and tables filled and emptied by the thousand: neither compiling nor cleaning up pays.
        settings = (*TEST_SPEED, "jit=off", "autovacuum=off")
        urls["DATABASE_URL"] = start_postgres(supervisor, scratch, database="microintern", settings=settings)
    if "REDIS_URL" not in given:
        urls["REDIS_URL"] = start_valkey(supervisor, scratch / "valkey", durable=False)
    env = environment.development(given | urls, port=8000, smtp_port=25)
    make_folders(env)
    return env


def checks(python: Path, env: dict[str, str]) -> list[Check]:
    production = environment.production_like(env)
    manage = [str(python), "manage.py"]
    templates = [str(path) for path in sorted((ROOT / "templates").rglob("*.html"))]
    return [
        ("lint", ["ruff", "check"], env),
        ("format", ["ruff", "format", "--check"], env),
        ("templates", ["djade", "--check", *templates], env),
        ("layers", ["lint-imports"], env),
        ("types", ["mypy"], env),
        ("migrations", [*manage, "makemigrations", "--check", "--dry-run"], env),
        ("deploy", [*manage, "check", "--deploy", "--fail-level", "WARNING"], production),
    ]


def run_checks(python: Path, env: dict[str, str]) -> list[str]:
    """All of them, so that one run shows everything there is to mend; gives the names of those that failed."""
    return [name for name, command, its_env in checks(python, env) if not passes(name, command, its_env)]


def passes(name: str, command: Sequence[str], env: Mapping[str, str]) -> bool:
    begun = time.monotonic()
    program = shutil.which(command[0], path=env["PATH"]) or command[0]
    done = subprocess.run([program, *command[1:]], cwd=ROOT, env=env, capture_output=True, text=True)
    report("ok" if done.returncode == 0 else "FAILED", name, begun)
    if done.returncode:
        say((done.stdout + done.stderr).rstrip())
    return done.returncode == 0


def report(verdict: str, name: str, begun: float) -> None:
    say(f"{verdict:8}{name:12}{time.monotonic() - begun:6.1f} s")


def browser_environment(given: dict[str, str]) -> dict[str, str]:
    begun = time.monotonic()
    found = browser.environment(given)
    report("ok" if found else "none", "browser", begun)
    return found


def run_tests(python: Path, arguments: Sequence[str], env: dict[str, str], failed: Sequence[str]) -> int:
    command: list[str | Path] = [python, "-m", "pytest", *(arguments or ["-n", "auto", "--maxschedchunk", "1"])]
    if "CHROMIUM" not in env:
        say("No browser could be found or installed here: the tests that drive one are left out.")
        command += ["-m", "not browser"]
    if failed:
        say(f"Failed so far: {', '.join(failed)}. The tests run all the same.")
    return foreground(command, env)
