"""What stands behind the two commands, on real processes, a real PostgreSQL and real files."""

import errno
import functools
import hashlib
import http.server
import io
import os
import platform
import shutil
import subprocess
import sys
import textwrap
import threading
import time
import zipfile
from pathlib import Path

import psycopg2
import pytest
from cryptography.fernet import Fernet

from dev import bootstrap, environment, serve, services
from dev.bootstrap import ROOT, Held, Trouble
from dev.supervisor import Supervisor

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent was killed")


@pytest.fixture
def local(tmp_path, monkeypatch):
    monkeypatch.setattr(bootstrap, "LOCAL", tmp_path)
    return tmp_path


def wait_for(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def script(text):
    return [sys.executable, "-c", textwrap.dedent(text)]


# Variables


def test_a_file_of_variables_is_read_and_its_bad_line_named(tmp_path):
    file = tmp_path / ".env"
    file.write_text(
        "# note\n\nPORT=8001\nexport DEFAULT_FROM_EMAIL='Jobs <a@b.example>'\nSECRET_KEY=a=b#c\nREDIS_URL=\n"
    )
    assert environment.read_env_file(file) == {
        "PORT": "8001",
        "DEFAULT_FROM_EMAIL": "Jobs <a@b.example>",
        "SECRET_KEY": "a=b#c",
        "REDIS_URL": "",
    }
    file.write_text("PORT=8001\nnonsense\n")
    with pytest.raises(Trouble, match=r"^\.env, line 2: expected NAME=value\.$"):
        environment.read_env_file(file)


def test_the_shell_wins_over_the_file_and_an_empty_value_is_not_set(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("PORT=8001\nREDIS_URL=\nCHROMIUM=/a\n")
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setenv("PORT", "8002")
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)
    given = environment.given()
    assert (given["PORT"], given["CHROMIUM"], "REDIS_URL" in given) == ("8002", "/a", False)


def test_keys_are_made_once_and_for_this_user_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(environment, "SECRETS", tmp_path / "secrets.env")
    first = environment.local_secrets()
    assert environment.local_secrets() == first
    assert (tmp_path / "secrets.env").stat().st_mode & 0o777 == 0o600
    assert Fernet(first["FIELD_ENCRYPTION_KEYS"]).decrypt(Fernet(first["FIELD_ENCRYPTION_KEYS"]).encrypt(b"x")) == b"x"
    assert first["SECRET_KEY"] != environment.fresh_secrets()["SECRET_KEY"]


# One clear line


@pytest.mark.parametrize("text", ["", "abc", "0", "-1", "65536", "8000 ", "８０００"])
def test_what_is_no_port_is_refused(text):
    with pytest.raises(Trouble, match="is not a port: give a number from 1 to 65535"):
        serve.checked_port(text)


def test_a_port_in_use_is_named_with_a_way_out():
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as server:
        port = server.server_port
        with pytest.raises(Trouble, match=f"^port {port} is in use. Choose another: PORT={port + 1} bin/serve$"):
            serve.check_free(port)
    serve.check_free(port)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "is full. Make room"),
        (errno.EDQUOT, "is full. Make room"),
        (errno.EACCES, "cannot be written by this user"),
        (errno.EROFS, "cannot be written by this user"),
        (errno.EIO, "/x: Input/output error"),
    ],
)
def test_what_the_disk_refuses_is_said_in_one_line(number, words):
    line = bootstrap.in_one_line(OSError(number, os.strerror(number), "/x"))
    assert words in line
    assert "\n" not in line


def test_a_full_disk_is_noticed_before_the_work(local):
    bootstrap.check_room(0)
    with pytest.raises(Trouble, match=r"is full: \d+ MB free, 999999999 MB needed"):
        bootstrap.check_room(999_999_999)


def test_a_lock_names_its_holder_and_dies_with_it(local):
    holder = subprocess.Popen(
        script(f"""
            import sys, time; sys.path.insert(0, {str(ROOT)!r})
            from pathlib import Path
            from dev import bootstrap
            bootstrap.LOCAL = Path({str(local)!r})
            with bootstrap.lock("serve", holder="process 7"):
                print("held", flush=True)
                time.sleep(60)
        """),
        stdout=subprocess.PIPE,
    )
    assert holder.stdout.readline() == b"held\n"
    with pytest.raises(Held, match=r"^taken \(process 7\)$"), bootstrap.lock("serve", refuse="taken ({holder})"):
        pass
    holder.kill()
    holder.communicate()
    with bootstrap.lock("serve", refuse="taken ({holder})", holder="process 8"):
        assert (local / "serve.lock").read_text() == "process 8"


# uv without pip


class Index(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def index(tmp_path, monkeypatch):
    """A package index with two versions of uv for this machine and one for another."""
    system = f"macosx_11_0_{platform.machine()}" if sys.platform == "darwin" else f"manylinux_2_17_{platform.machine()}"
    folder = tmp_path / "simple" / "uv"
    folder.mkdir(parents=True)
    links = []
    for version, place in (("0.9.2", system), ("0.10.1", system), ("0.99.0", "win_amd64")):
        name = f"uv-{version}-py3-none-{place}.whl"
        (folder / name).write_bytes(wheel(version))
        links.append(f'<a href="{name}#sha256={hashlib.sha256(wheel(version)).hexdigest()}">{name}</a>')
    (folder / "index.html").write_text("\n".join(links))
    with http.server.HTTPServer(("127.0.0.1", 0), functools.partial(Index, directory=tmp_path)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}/simple")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        yield folder
        server.shutdown()


def wheel(version):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(
            zipfile.ZipInfo(f"uv-{version}.data/scripts/uv"), f"#!/bin/sh\necho 'uv {version} (for a test)'\n"
        )
    return content.getvalue()


def test_the_newest_uv_for_this_machine_is_unpacked(index, tmp_path):
    bootstrap.uv_by_hand(tmp_path / "uv")
    assert bootstrap.uv_version(tmp_path / "uv" / "bin" / "uv") == (0, 10)


def test_a_download_that_was_changed_is_refused(index, tmp_path):
    for file in index.glob("*.whl"):
        file.write_bytes(wheel("0.10.2"))
    with pytest.raises(Trouble, match="does not match its checksum"):
        bootstrap.uv_by_hand(tmp_path / "uv")
    assert not (tmp_path / "uv").exists()


# Processes


def recorder(name, log):
    """A process that says when it is there and when it was asked to end."""
    return script(f"""
        import signal, sys, time
        def end(*_):
            open({str(log)!r}, "a").write("-{name}\\n")
            sys.exit(0)
        signal.signal(signal.SIGTERM, end)
        open({str(log)!r}, "a").write("+{name}\\n")
        time.sleep(60)
    """)


def lines(file):
    return file.read_text().split() if file.exists() else []


def test_when_one_ends_all_end_and_the_last_started_first(tmp_path):
    log = tmp_path / "log"
    with pytest.raises(Trouble, match=r"^brief stopped, see above\.$"), Supervisor() as supervisor:
        for name in ("database", "web", "worker"):
            supervisor.start(name, recorder(name, log), os.environ)
            wait_for(lambda name=name: f"+{name}" in lines(log))
        supervisor.start("brief", script("raise SystemExit(0)"), os.environ)
        supervisor.watch()
    assert lines(log) == ["+database", "+web", "+worker", "-worker", "-web", "-database"]


def test_a_step_that_fails_stops_the_start(capfd):
    with pytest.raises(Trouble, match=r"^migrate failed, see above\.$"), Supervisor() as supervisor:
        supervisor.run("check", script("print('fine')"), os.environ)
        supervisor.run("migrate", script("print('no such table'); raise SystemExit(3)"), os.environ)
    assert capfd.readouterr().out == "check   | fine\nmigrate | no such table\n"


def test_a_process_that_does_not_end_is_killed_with_its_children(tmp_path, monkeypatch):
    monkeypatch.setattr("dev.supervisor.PATIENCE", 0.2)
    file = tmp_path / "pids"
    with Supervisor() as supervisor:
        stubborn = f"""
            import os, signal, subprocess, sys, time
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
            open({str(file)!r}, "w").write(f"{{os.getpid()}} {{child.pid}} ")
            time.sleep(60)
        """
        supervisor.start("stubborn", script(stubborn), os.environ)
        wait_for(lambda: len(lines(file)) == 2)
    wait_for(lambda: not any(is_running(int(pid)) for pid in lines(file)))


def is_running(pid):
    """Where nobody reaps orphans, a dead one stays as a zombie."""
    stat = Path(f"/proc/{pid}/stat")
    is_zombie = stat.exists() and stat.read_text().split()[2] == "Z"
    return services.process_exists(pid) and not is_zombie


@LINUX
def test_even_a_killed_supervisor_leaves_nothing_behind(tmp_path):
    file = tmp_path / "pids"
    supervisor = subprocess.Popen(
        script(f"""
            import os, sys; sys.path.insert(0, {str(ROOT)!r})
            from dev.supervisor import Supervisor
            sleeper = [sys.executable, "-c", "import time; time.sleep(60)"]
            with Supervisor() as supervisor:
                pids = [supervisor.start(name, sleeper, os.environ).process.pid for name in "ab"]
                open({str(file)!r}, "w").write(f"{{pids[0]}} {{pids[1]}} ")
                supervisor.watch()
        """)
    )
    wait_for(lambda: len(lines(file)) == 2)
    pids = [int(pid) for pid in lines(file)]
    assert all(map(is_running, pids))
    supervisor.kill()
    supervisor.wait()
    wait_for(lambda: not any(map(is_running, pids)))


# Services


@pytest.fixture
def home():
    if not services.VENV.exists():
        pytest.skip("no .local/venv: bin/test makes it, and PostgreSQL is in it")
    place = services.folder(f"trial-{os.getpid()}")
    yield place
    shutil.rmtree(place, ignore_errors=True)


def query(url, sql):
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(sql)
        rows = cursor.fetchall() if cursor.description else None
    connection.close()
    return rows


def test_postgres_keeps_its_data_over_a_stop_and_over_a_hard_kill(home):
    with Supervisor() as supervisor:
        url = services.start_postgres(supervisor, home, database="board")
        query(url, "CREATE TABLE kept AS SELECT 1 AS one")
    with Supervisor() as supervisor:
        url = services.start_postgres(supervisor, home, database="board")
        assert query(url, "SELECT one FROM kept") == [(1,)]
        query(url, "INSERT INTO kept VALUES (2)")
        supervisor.children[0].process.kill()
    assert (home / "data" / "postmaster.pid").exists()
    with Supervisor() as supervisor:
        url = services.start_postgres(supervisor, home, database="board")
        assert query(url, "SELECT one FROM kept ORDER BY one") == [(1,), (2,)]
        assert query(url, "SHOW listen_addresses") == [("",)]
        assert (home / "socket").stat().st_mode & 0o777 == 0o700


def test_a_server_that_outlived_us_is_ended_and_a_file_of_somebody_else_removed(home):
    with Supervisor() as first:
        services.start_postgres(first, home, database="board")
        old = first.children[0].process.pid
        with Supervisor() as second:
            url = services.start_postgres(second, home, database="board")
            assert query(url, "SELECT 1") == [(1,)]
            assert first.children[0].process.poll() is not None
    assert not is_running(old)
    stranger = subprocess.Popen(script("import time; time.sleep(60)"))
    (home / "data" / "postmaster.pid").write_text(f"{stranger.pid}\n{home / 'data'}\n")
    with Supervisor() as supervisor:
        services.start_postgres(supervisor, home, database="board")
        assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_what_killed_test_runs_left_is_swept(tmp_path, monkeypatch):
    monkeypatch.setattr(services, "bases", lambda: [tmp_path])
    gone = subprocess.Popen(script("pass"))
    gone.wait()
    for name in (f"test-{gone.pid}", f"test-{os.getpid()}", "pg"):
        (tmp_path / name / "data").mkdir(parents=True)
    services.sweep("test-")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["pg", f"test-{os.getpid()}"])


def test_valkey_asks_for_a_password(home):
    redis = pytest.importorskip("redis")
    with Supervisor() as supervisor:
        url = services.start_valkey(supervisor, home / "valkey", durable=False)
        with (
            redis.Redis.from_url(url) as client,
            redis.Redis(port=client.connection_pool.connection_kwargs["port"]) as stranger,
        ):
            assert client.ping() is True
            with pytest.raises(redis.AuthenticationError):
                stranger.ping()
        assert (home / "valkey" / "valkey.conf").stat().st_mode & 0o777 == 0o600
