#!/usr/bin/env python3
"""manage.py with the environment of the running board; without one, PostgreSQL and Valkey start for the command alone.

dev/manage.py preview_reminders sana@student.example.edu --days 14
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from dev import environment  # noqa: E402
from dev.bootstrap import ROOT, Held, Trouble, lock, prepare  # noqa: E402
from dev.serve import RUNNING, complain, make_folders, services  # noqa: E402
from dev.supervisor import Stopped, Supervisor, catch_signals  # noqa: E402


def main() -> int:
    catch_signals()
    try:
        python = prepare()
        try:
            return with_own_services(python)
        except Held:
            return manage(python, running_environment())
    except Stopped:
        return 130
    except Trouble as trouble:
        return complain(str(trouble))


def running_environment() -> dict[str, str]:
    try:
        return dict(json.loads(RUNNING.read_text()))
    except FileNotFoundError as error:
        raise Trouble("the board is starting: try again in a moment.") from error


def with_own_services(python: Path) -> int:
    given = environment.given()
    with lock("serve", refuse="running"), Supervisor() as supervisor:
        env = environment.development(given | services(supervisor, given), port=8000, smtp_port=25)
        make_folders(env)
        return manage(python, env)


def manage(python: Path, env: dict[str, str]) -> int:
    return subprocess.run([python, ROOT / "manage.py", *sys.argv[1:]], env=env).returncode


if __name__ == "__main__":
    sys.exit(main())
