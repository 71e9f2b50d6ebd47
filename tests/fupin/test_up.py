"""`manage.py up` as a real process: start, log in over HTTP, Ctrl-C, and again."""

import hashlib
import http.cookiejar
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest
from django.core.management import CommandError
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from fupin import server
from fupin.management.commands.migrate import NewTables, together
from fupin.management.commands.up import allowed_hosts, refuse_if
from tests.parts import left_out

ROOT = Path(__file__).parents[2]
PASSWORD = "calm-river-2026-stone-bridge"

pytestmark = pytest.mark.xdist_group("up")


def environment(var, **more):
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("FUPIN_", "DATABASE_URL"))
    }
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    return kept | {"FUPIN_VAR": str(var), "PYTHONUNBUFFERED": "1"} | more


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def manage(var, *words, **more):
    return subprocess.run(
        [sys.executable, "manage.py", *words], cwd=ROOT, env=environment(var, **more), text=True,
        capture_output=True, timeout=400, stdin=subprocess.DEVNULL,
    )  # fmt: skip


class Running:
    """One `up`; its lines as they come."""

    def __init__(self, var, *words, **more):
        self.port = free_port()
        self.lines = []
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "up", "--port", str(self.port), *words], cwd=ROOT,
            env=environment(var, **more), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        self.reader = threading.Thread(
            target=lambda: self.lines.extend(iter(self.process.stdout.readline, ""))
        )
        self.reader.start()

    def wait(self, seconds=400):
        end = time.monotonic() + seconds
        while not any("已启动" in line for line in self.lines):
            assert self.process.poll() is None, "".join(self.lines)
            assert time.monotonic() < end, "".join(self.lines)
            time.sleep(0.05)
        return self

    def end(self, with_signal=signal.SIGINT):
        self.process.send_signal(with_signal)
        try:
            code = self.process.wait(90)
        finally:
            self.process.kill()
            self.reader.join(10)
            self.process.stdout.close()
        return code

    @property
    def text(self):
        return "".join(self.lines)


@pytest.fixture
def up():
    started = []

    def run(*words, **more):
        started.append(Running(*words, **more))
        return started[-1].wait()

    yield run
    for running in started:
        if running.process.poll() is None:
            running.end()


def left_behind(var):
    """Processes still running on the data folder."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"FUPIN_VAR={var}\0".encode() in (folder / "environ").read_bytes():
                found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


def digests(var):
    """Every file of the data folder but compiled modules, logs, the lock, and SQLite's shared memory."""
    return {
        str(path.relative_to(var)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(var.rglob("*"))
        if path.is_file()
        and not {"pycache", "log"} & {*path.parts}
        and not path.name.endswith(("-shm", "-wal"))
    }


def repository_files():
    skipped = {".git", ".venv", "var", "__pycache__", ".hypothesis", ".pytest_cache", ".ruff_cache"}
    return {
        str(path.relative_to(ROOT)): path.stat().st_mtime_ns
        for path in ROOT.rglob("*")
        if path.is_file() and not skipped & set(path.relative_to(ROOT).parts)
    }


def log_in(port, username, password):
    """The page that a login leads to, as (address, text)."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    address = f"http://127.0.0.1:{port}/login/"
    form = opener.open(address, timeout=20).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form).group(1)
    data = urllib.parse.urlencode(
        {"csrfmiddlewaretoken": token, "username": username, "password": password, "next": "/healthz"}
    )
    answer = opener.open(address, data.encode(), timeout=20)
    return answer.url, answer.read().decode()


@pytest.fixture
def var(tmp_path):
    return tmp_path / "var"


def tables(book):
    """`{table: its columns}`, each with its type, whether it may be NULL, and its part of the key; the indexes alike."""
    names = [name for (name,) in book.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = {
        name: {row[1:4] + row[5:] for row in book.execute(f'PRAGMA table_info("{name}")')} for name in names
    }
    indexes = book.execute("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'index' AND sql <> ''")
    return found | {(table, name): sql for name, table, sql in indexes}


def the_suite_has_the_tables_of_the_migrations(var):
    """The suite's own database is made from the models, without the migrations: the same tables come of both."""
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(var / "fupin.sqlite3")) as book, connection.cursor() as cursor:
            assert tables(cursor.connection) == {
                name: held for name, held in tables(book).items() if name != "django_migrations"
            }


@pytest.mark.parametrize("twice", [False, left_out(True)])
def test_up_on_an_empty_installation(var, up, db, twice):
    before = repository_files()

    first = up(var, "--empty")
    assert manage(var, "create_admin", "--username", "admin", "--password", PASSWORD).returncode == 0
    address, text = log_in(first.port, "admin", PASSWORD)
    assert address == f"http://127.0.0.1:{first.port}/login/"
    assert "设置两步验证" in text  # this role's second factor, before anything else
    with pytest.raises(urllib.error.HTTPError, match="400"):  # a strange host name is refused
        urllib.request.urlopen(
            urllib.request.Request(f"http://127.0.0.1:{first.port}/login/", headers={"Host": "evil.example"}),
            timeout=20,
        )
    first.end(signal.SIGKILL)  # the server and the worker go with it, and what it held open is no obstacle
    the_others_go(var)
    assert "Traceback" not in first.text
    with closing(sqlite3.connect(var / "fupin.sqlite3")) as book:
        book.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # what was committed may still stand beside the file
    if twice:
        the_second_changes_nothing(var, up)

    the_suite_has_the_tables_of_the_migrations(var)
    assert "建立或升级数据库" in first.text
    assert repository_files() == before
    for path in [var, *var.rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path


def test_tables_are_made_together_and_in_their_order():
    for migration in MigrationLoader(None).disk_migrations.values():
        found = []
        for one in together(migration.operations):
            found += one.operations if isinstance(one, NewTables) else [one]
        assert found == migration.operations


def the_second_changes_nothing(var, up):
    kept, started = digests(var), time.monotonic()
    received = var / "tmp" / "half.upload.xlsx"
    received.touch(0o600)
    second = up(var, "--empty")
    assert time.monotonic() - started < 200  # seconds on a quiet machine; CI's is not
    assert second.end() == 0
    assert digests(var) == kept
    assert not received.exists()
    assert not left_behind(var)
    assert second.text.splitlines() == [
        f"已启动：http://127.0.0.1:{second.port}/ （按 Ctrl-C 停止）", "已停止。"
    ]  # fmt: skip


@pytest.mark.parametrize("words", ["已被占用", "不能写入", left_out("只能是 WAL 或 DELETE")])
def test_up_refuses_in_one_line(tmp_path, words):
    var = tmp_path / "var"
    (tmp_path / "file").write_text("")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        var, port, more = {
            "已被占用": (var, port, {}),
            "不能写入": (tmp_path / "file" / "var", port, {}),
            "只能是 WAL 或 DELETE": (var, free_port(), {"FUPIN_SQLITE_JOURNAL": "OFF"}),
        }[words]
        answer = manage(var, "up", "--empty", "--port", str(port), **more)
    assert answer.returncode == 2, answer
    assert len(answer.stderr.splitlines()) == 1, answer.stderr
    assert words in answer.stderr


def test_up_refuses_an_address_that_is_not_its_own():
    with pytest.raises(CommandError, match="须写明访问用的域名") as refused:
        allowed_hosts("0.0.0.0")
    assert refused.value.returncode == 2
    assert "本机没有地址" in server.free("192.0.2.1", 8000)
    with pytest.raises(CommandError) as refused:
        refuse_if(server.free("192.0.2.1", 8000))
    assert refused.value.returncode == 2


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root writes everywhere")
def test_up_refuses_a_read_only_folder(tmp_path):
    tmp_path.chmod(0o500)

    answer = manage(tmp_path, "up", "--empty")

    assert answer.returncode == 2
    assert len(answer.stderr.splitlines()) == 1


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_every_signal_to_end_ends_in_order(name):
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        server.interrupt_on_signals()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(getattr(signal, name))
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def the_others_go(var):
    end = time.monotonic() + 60
    while left_behind(var) and time.monotonic() < end:
        time.sleep(0.1)

    assert sys.platform != "linux" or not left_behind(var)


def test_an_old_python_gets_one_line(tmp_path):
    """manage.py must be readable to a Python that cannot run the rest."""
    lines = (ROOT / "manage.py").read_text(encoding="utf-8").replace("(3, 11)", "(3, 99)")
    (tmp_path / "manage.py").write_text(lines, encoding="utf-8")

    answer = subprocess.run([sys.executable, tmp_path / "manage.py", "up"], capture_output=True, text=True)

    assert answer.returncode == 2
    assert answer.stderr.startswith("需要 Python 3.11")
    assert len(answer.stderr.splitlines()) == 1
