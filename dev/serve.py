"""bin/serve: the whole board on this machine, with nothing installed before."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

from dev import environment
from dev.bootstrap import LOCAL, ROOT, Trouble, in_one_line, lock, make_local, prepare, say
from dev.services import folder, free_port, start_postgres, start_valkey
from dev.supervisor import Stopped, Supervisor, catch_signals

RUNNING = LOCAL / "serve.json"  # the environment of the running board, for dev/manage.py
MANAGE = ROOT / "manage.py"
DEMO = {"DEMO_SIGN_IN_CODE": "246810"}  # passes for the second factor of the demo's staff


def main() -> int:
    catch_signals()
    try:
        serve()
    except Stopped:
        say("Stopped.")
    except Trouble as trouble:
        return complain(str(trouble))
    except OSError as error:
        return complain(in_one_line(error))
    return 0


def complain(line: str) -> int:
    print(f"{Path(sys.argv[0]).name}: {line}", file=sys.stderr)
    return 1


def serve() -> None:
    given = environment.given()
    port = checked_port(given.get("PORT", "8000"))
    make_local()
    holder = f"http://127.0.0.1:{port}, process {os.getpid()}"
    refuse = "the board is already running from this checkout ({holder})."
    with lock("serve", refuse=refuse, holder=holder), Supervisor() as supervisor:
        RUNNING.unlink(missing_ok=True)
        check_free(port)
        python = prepare()
        demo = {} if "DEBUG" in given else DEMO
        env = environment.development(demo | given | services(supervisor, given), port=port, smtp_port=free_port())
        make_folders(env)
        write_running(env)
        start(supervisor, python, env, port=port, own_mail="EMAIL_URL" not in given)
        supervisor.watch()


def checked_port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise Trouble(f"PORT={text} is not a port: give a number from 1 to 65535.")
    return int(text)


def check_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError as error:
            raise Trouble(
                f"port {port} is for the system's own services. Choose another: PORT=8001 bin/serve"
            ) from error
        except OSError as error:
            raise Trouble(f"port {port} is in use. Choose another: PORT={port + 1} bin/serve") from error


def services(supervisor: Supervisor, given: dict[str, str]) -> dict[str, str]:
    """What DATABASE_URL and REDIS_URL name is used as it is; what they leave open is started here."""
    urls = {}
    if "DATABASE_URL" not in given:
        urls["DATABASE_URL"] = start_postgres(supervisor, folder("pg"), database="microintern")
    if "REDIS_URL" not in given:
        urls["REDIS_URL"] = start_valkey(supervisor, LOCAL / "valkey", durable=True)
    return urls


def make_folders(env: dict[str, str]) -> None:
    for name in ("UPLOADS_DIR", "MAILBOX_DIR"):
        Path(env[name]).mkdir(mode=0o700, parents=True, exist_ok=True)


def write_running(env: dict[str, str]) -> None:
    with os.fdopen(os.open(RUNNING, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
        json.dump(env, file)


def start(supervisor: Supervisor, python: Path, env: dict[str, str], *, port: int, own_mail: bool) -> None:
    supervisor.run("migrate", [python, MANAGE, "migrate", "--no-input", "--verbosity", "0"], env)
    supervisor.run("demo", [python, MANAGE, "seed_demo", "--if-empty"], env)
    check_free(port)
    if own_mail:
        smtp_port = env["EMAIL_URL"].rpartition(":")[2]
        supervisor.start("mailbox", [python, MANAGE, "run_mailbox", "--port", smtp_port], env)
    web = ["--bind", f"127.0.0.1:{port}", "--threads", "4", "--no-control-socket", "--log-level", "warning"]
    workers = env.get("WEB_CONCURRENCY", "2")
    supervisor.start("web", [python, "-m", "gunicorn", "microintern.wsgi", *web, "--workers", workers], env)
    worker = ["--beat", "--concurrency", "2", "--loglevel", "WARNING", "--without-gossip", "--without-mingle"]
    supervisor.start("worker", [python, "-m", "celery", "-q", "-A", "microintern", "worker", *worker], as_worker(env))
    accounts = subprocess.Popen([python, MANAGE, "demo_accounts"], env=env, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    supervisor.wait_until(lambda: is_healthy(port), seconds=100, what=f"/healthz to answer on port {port}")
    say(accounts.communicate()[0].rstrip())
    say(f"http://127.0.0.1:{port}")


def as_worker(env: dict[str, str]) -> dict[str, str]:
    """Celery warns at length about root, which is who runs a fresh container."""
    return env | {"PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges"}


def is_healthy(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
