"""Finds or fetches uv, and keeps .local/venv equal to requirements-dev.txt."""

from __future__ import annotations

import configparser
import contextlib
import errno
import fcntl
import hashlib
import html
import io
import os
import platform
import re
import shutil
import subprocess
import sys
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local"
VENV = LOCAL / "venv"
PYTHON = VENV / "bin" / "python"
REQUIREMENTS = ROOT / "requirements-dev.txt"
OLDEST_UV = (0, 9)
ROOM_COLD, ROOM_WARM = 700, 100  # MB


class Trouble(Exception):  # noqa: N818 - not an error of the program
    """Something the person at the keyboard can mend: shown as one line, never as a traceback."""


class Held(Trouble):
    """Another process has the lock."""


def say(line: str) -> None:
    print(line, flush=True)


def prepare() -> Path:
    """The Python of an environment that holds exactly what requirements-dev.txt names."""
    make_local()
    with lock("bootstrap", wait="Waiting for another run that is installing packages."):
        stamp = VENV / "stamp"
        wanted = fingerprint()
        if PYTHON.exists() and stamp.is_file() and stamp.read_text() == wanted:
            check_room(ROOM_WARM)
            return PYTHON
        check_room(ROOM_COLD)
        install(find_uv())
        stamp.write_text(wanted)
    return PYTHON


def make_local() -> None:
    try:
        LOCAL.mkdir(mode=0o755, exist_ok=True)
        (LOCAL / ".probe").write_text("")
        (LOCAL / ".probe").unlink()
    except OSError as error:
        raise Trouble(in_one_line(error)) from error


def in_one_line(error: OSError) -> str:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return f"The disk that holds {LOCAL} is full. Make room and run again."
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return f"{error.filename} cannot be written by this user. Use a checkout of your own."
    return f"{error.filename}: {error.strerror}" if error.filename else str(error)


def check_room(needed: int) -> None:
    free = shutil.disk_usage(LOCAL).free // 2**20
    if free < needed:
        raise Trouble(
            f"The disk that holds {LOCAL} is full: {free} MB free, {needed} MB needed. Make room and run again."
        )


@contextlib.contextmanager
def lock(name: str, *, wait: str = "", refuse: str = "", holder: str = "") -> Iterator[None]:
    """One holder at a time. The kernel drops the lock with the process, so none can be stale."""
    with (LOCAL / f"{name}.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            if refuse:
                raise Held(refuse.format(holder=file.read())) from error
            say(wait)
            fcntl.flock(file, fcntl.LOCK_EX)
        file.truncate(0)
        file.write(holder)
        file.flush()
        yield


def fingerprint() -> str:
    parts = (REQUIREMENTS.read_bytes(), sys.version.encode(), os.fsencode(ROOT))
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def install(uv: str) -> None:
    say("Installing the packages of requirements-dev.txt into .local/venv.")
    if not PYTHON.exists() or environment_version() != sys.version:
        run_uv(uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(VENV))
    # Wheels alone: a machine without a compiler gets an answer at once, and no package runs code to install itself.
    run_uv(uv, "pip", "sync", "--quiet", "--python", str(PYTHON), "--require-hashes", "--no-build", str(REQUIREMENTS))


def environment_version() -> str:
    answer = subprocess.run([PYTHON, "-c", "import sys; print(sys.version)"], capture_output=True, text=True)
    return answer.stdout.rstrip("\n")


def run_uv(uv: str, *arguments: str) -> None:
    done = subprocess.run([uv, *arguments], cwd=ROOT, env=uv_environment(), stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise Trouble(f"uv {' '.join(arguments[:2])} failed: {reason(done.stderr)}")


def reason(output: str) -> str:
    """The line that says most: uv and pip put the cause last, and a full disk outranks everything."""
    if "No space left" in output:
        return f"the disk is full. Make room and run again ({LOCAL})."
    lines = [line.strip(" ╰─▶├│×") for line in output.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"


def uv_environment() -> dict[str, str]:
    env = dict(os.environ, UV_PYTHON_DOWNLOADS="never", UV_NO_PROGRESS="1")
    env.pop("VIRTUAL_ENV", None)
    env.setdefault("UV_HTTP_TIMEOUT", "120")
    if has_system_certificates():
        env.setdefault("UV_SYSTEM_CERTS", "1")
    if not home_cache_writable():
        env.setdefault("UV_CACHE_DIR", str(LOCAL / "cache" / "uv"))
    if index := pip_setting("index-url"):
        env.setdefault("UV_DEFAULT_INDEX", index)
    return env


def has_system_certificates() -> bool:
    named = [os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")]
    return sys.platform == "darwin" or any(named) or any(Path("/etc/ssl/certs").glob("*.crt"))


def home_cache_writable() -> bool:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or home() / ".cache") / "uv"
    try:
        cache.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(cache, os.W_OK | os.X_OK)


def home() -> Path:
    return Path(os.environ.get("HOME") or "/nonexistent")  # a user id without an account has none


def pip_setting(name: str) -> str | None:
    """uv does not read pip's settings, where a machine behind a mirror has its index."""
    if value := os.environ.get("PIP_" + name.upper().replace("-", "_")):
        return value
    parser = configparser.RawConfigParser()
    with contextlib.suppress(configparser.Error):
        parser.read(["/etc/pip.conf", home() / ".pip/pip.conf", home() / ".config/pip/pip.conf"])
    return parser.get("global", name, fallback=None)


def find_uv() -> str:
    here = LOCAL / "uv"
    for place in (shutil.which("uv"), here / "bin" / "uv"):
        if place and uv_version(place) >= OLDEST_UV:
            return str(place)
    say("Fetching uv, which installs the packages.")
    ways = [uv_by_venv, uv_by_pip, uv_by_hand]
    if os.getuid() == 0 and shutil.which("apt-get"):
        ways += [uv_by_apt]
    for way in ways:
        shutil.rmtree(here, ignore_errors=True)
        way(here)
        if uv_version(here / "bin" / "uv") >= OLDEST_UV:
            return str(here / "bin" / "uv")
    raise Trouble("uv could not be fetched. Type `sudo apt-get install -y python3-venv`, or install uv, and run again.")


def uv_version(path: str | Path) -> tuple[int, ...]:
    try:
        answer = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=30).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ()
    found = re.match(r"uv (\d+)\.(\d+)", answer)
    return tuple(map(int, found.groups())) if found else ()


def attempt(*command: str | Path, **more: str) -> bool:
    """`more` are environment variables."""
    try:
        return subprocess.run(command, env=dict(os.environ) | more, capture_output=True).returncode == 0
    except OSError:
        return False


def uv_by_venv(here: Path) -> None:
    if attempt(sys.executable, "-m", "venv", here):
        attempt(here / "bin" / "python", "-m", "pip", "install", "--quiet", "uv")


def uv_by_pip(here: Path) -> None:
    """`--target` leaves the system's packages alone, and is exempt from Debian's refusal to let pip manage them."""
    attempt(sys.executable, "-m", "pip", "install", "--quiet", "--target", here, "uv")


def uv_by_hand(here: Path) -> None:
    """Neither pip nor venv: read the index that pip is set to, if any, and unpack the wheel that fits."""
    index = pip_setting("index-url")
    if not index:
        return
    page = index.rstrip("/") + "/uv/"
    system = f"macosx_.*_{platform.machine()}" if sys.platform == "darwin" else f"manylinux.*_{platform.machine()}"
    try:
        links = re.findall(
            r'href="((?:[^"#]*/)?uv-([\d.]+)-py3-none-([^"#/]*)\.whl)#sha256=(\w+)"', download(page).decode()
        )
        fitting = [link for link in links if re.search(system, link[2])]
        if not fitting:
            return
        url, _, _, digest = max(fitting, key=lambda link: [int(part) for part in link[1].split(".")])
        wheel = download(urllib.parse.urljoin(page, html.unescape(url)))
    except (OSError, ValueError):
        return
    if hashlib.sha256(wheel).hexdigest() != digest:
        raise Trouble("The download of uv does not match its checksum.")
    unpack_uv(wheel, here / "bin")


def download(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=120) as answer:
        return bytes(answer.read())


def unpack_uv(wheel: bytes, folder: Path) -> None:
    folder.mkdir(parents=True)
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        name = next(name for name in archive.namelist() if name.endswith("/scripts/uv"))
        (folder / "uv").write_bytes(archive.read(name))
    (folder / "uv").chmod(0o755)


def uv_by_apt(here: Path) -> None:
    apt_install("python3-venv")
    uv_by_venv(here)


def apt_install(*packages: str) -> bool:
    say(f"Installing {' '.join(packages)} with apt-get.")
    os.environ.setdefault("DEBIAN_FRONTEND", "noninteractive")
    install = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    return attempt(*install) or (attempt("apt-get", "update") and attempt(*install))
