"""Login measured: the figures of docs/security.md. Run on a machine and a data folder of their own.

    FUPIN_VAR=/tmp/qa manage.py migrate && FUPIN_VAR=/tmp/qa manage.py qa_login

It makes accounts named `qa-…`, runs the server on loopback and asks it as a browser would. The folder is for
throwing away afterwards: what happened stands in its trail, which nobody can delete.
"""

import http.client
import os
import re
import socket
import statistics
import sys
import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from math import erfc, sqrt
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from fupin import server
from fupin.accounts import failures, throttle
from fupin.accounts.hashers import Argon2
from fupin.accounts.models import KnownPlace, LoginFailure, LoginSlot, User
from fupin.audit.models import AuditEvent

PASSWORD = "qa-Right-horse-battery"  # noqa: S105 (of accounts that live for this run)
KINDS = ("unknown", "wrong", "disabled", "locked")


class Command(BaseCommand):
    help = "量登录：四种拒绝是否一样快、一万次猜测算了几次口令、一百人同时登录占多少内存。"

    def add_arguments(self, parser):
        parser.add_argument("--samples", type=int, default=200, help="每种拒绝量几次，默认 200")
        parser.add_argument("--guesses", type=int, default=10_000, help="猜测次数，默认 10000")
        parser.add_argument("--logins", type=int, default=100, help="同时登录的人数，默认 100")

    def handle(self, *, samples, guesses, logins, **options):
        if settings.HTTPS or User.objects.exclude(username__startswith="qa-").exists():
            raise CommandError("只在空的、没有 HTTPS 的数据文件夹上量。", returncode=2)
        self.stdout.write(machine())
        self.stdout.write(
            f"argon2：{one_hash():.0f} ms 一次（t={Argon2.time_cost}，m={Argon2.memory_cost >> 10} MiB，p=1）"
        )
        self.guess(guesses)
        self.flood(logins)
        self.time(samples)

    def guess(self, guesses):
        """Spraying: names x addresses, through the throttle. What passes it would be hashed."""
        people(10)
        started = time.perf_counter()
        let = 0
        for n in range(guesses):
            name, address = f"qa-{n % 10}", f"10.0.{n // 250 % 16}.{n % 250}"
            looked = throttle.attempt(name, address)
            failures.note(throttle.LOGIN, name, address, looked=looked)
            let += looked
        took = (time.perf_counter() - started) * 1000 / guesses
        told = AuditEvent.objects.unscoped("trail").filter(action__startswith="user.login_").count()
        self.stdout.write(
            f"猜测 {guesses} 次（10 个账号，{guesses and 4000} 个地址）：算口令 {let} 次（上限 300），每次 {took:.1f} ms；审计 {told} 条"
        )

    def time(self, samples):
        """The four refusals, in turn, each timed from the first byte sent to the last received."""
        people(3)
        User.objects.filter(username="qa-1").update(is_active=False)
        names = {"unknown": "qa-9", "wrong": "qa-0", "disabled": "qa-1", "locked": "qa-2"}
        times, shapes = {kind: [] for kind in KINDS}, {}
        with running() as port:
            visit = Visitor(port)
            for n in range(samples + 3):
                for kind in KINDS:
                    forget_tries()
                    if kind == "locked":
                        for _ in range(throttle.PAIR_LIMIT):
                            LoginFailure.objects.create(username=names[kind], address="127.0.0.1")
                    took, status, text = visit.login(
                        names[kind], PASSWORD if kind == "disabled" else "wrong-Word"
                    )
                    if n >= 3:  # the first ones warm the server up
                        times[kind].append(took)
                        shapes[kind] = (status, len(text))
        middle = {kind: statistics.median(times[kind]) for kind in KINDS}
        for kind in KINDS:
            line = f"{kind:9} 状态 {shapes[kind][0]}，{shapes[kind][1]} 字节，中位数 {middle[kind]:.1f} ms（{samples} 次）"
            self.stdout.write(
                line
                + (
                    ""
                    if kind == "wrong"
                    else f"，与 wrong 比 p = {mann_whitney(times[kind], times['wrong']):.3f}"
                )
            )
        self.stdout.write(f"中位数最多差 {max(middle.values()) - min(middle.values()):.1f} ms（上限 15）")

    def flood(self, logins):
        """Right logins of many people at once: memory of the server, and how long everybody else waits meanwhile."""
        people(logins + 1)
        with running() as port:
            visitors = [Visitor(port, f"127.0.0.{2 + n}") for n in range(logins)]
            for visitor in visitors:
                visitor.token()
            inside = Visitor(port, "127.0.1.1")
            inside.login(f"qa-{logins}", PASSWORD)
            before, most, stopped, waits = (
                memory(port),
                [0],
                threading.Event(),
                {"/login/": [], "/profile/": []},
            )
            watching = threading.Thread(target=watch, args=(port, inside, most, waits, stopped))
            watching.start()
            answers, times, started = [], [], time.perf_counter()

            def enter(n):
                _, status, text = visitors[n].login(f"qa-{n}", PASSWORD)
                answers.append(status)
                while status == 429 and len(answers) < 200 * logins:  # as the page does by itself
                    time.sleep(float(re.search(rb'data-again="([0-9.]+)"', text).group(1)))
                    _, status, text = visitors[n].again(text)
                    answers.append(status)
                times.append(time.perf_counter() - started)

            threads = [threading.Thread(target=enter, args=(n,)) for n in range(logins)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            stopped.set()
            watching.join()
        self.stdout.write(
            f"{logins} 人同时登录：{max(times):.1f} 秒内 {answers.count(302)} 人进入（一半人 {statistics.median(times):.1f} 秒），"
            f"排队 429 共 {answers.count(429)} 次；内存 +{(most[0] - before) >> 20} MiB（上限 200）"
        )
        for page, took in waits.items():
            took.sort()
            at = took[min(len(took) - 1, int(len(took) * 0.99))] if took else 0
            middle = statistics.median(took or [0])
            self.stdout.write(
                f"其间打开 {page} {len(took)} 次：中位数 {middle:.0f} ms，p99 {at:.0f} ms（上限 1000）"
            )


class Visitor:
    """A browser: its cookies, one token."""

    def __init__(self, port, source=""):
        self.port, self.source, self.cookies, self.form = port, source, {}, ""

    def ask(self, method, body=None, path="/login/"):
        link = http.client.HTTPConnection(
            "127.0.0.1", self.port, timeout=60, source_address=(self.source, 0) if self.source else None
        )
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Content-Type": "application/x-www-form-urlencoded",
            "Host": "localhost",
        }
        try:
            started = time.perf_counter()
            link.request(method, path, body, headers)
            answer = link.getresponse()
            text = answer.read()
            took = (time.perf_counter() - started) * 1000
        finally:
            link.close()
        self.cookies |= dict(re.findall(r"Set-Cookie: (fupin\w*)=(\w+)", str(answer.headers)))
        return took, answer, text

    def token(self):
        if not self.form:
            _, _, text = self.ask("GET")
            self.form = re.search(rb'name="csrfmiddlewaretoken" value="(\w+)"', text).group(1).decode()
        return self.form

    def login(self, username, password):
        """(milliseconds, status, text)"""
        return self.post(username=username, password=password)

    def again(self, text):
        """Send what the page of the queue holds."""
        return self.post(waiting=re.search(rb'name="waiting" value="([^"]+)"', text).group(1).decode())

    def post(self, **fields):
        took, answer, text = self.ask("POST", urlencode({"csrfmiddlewaretoken": self.token(), **fields}))
        return took, answer.status, text


@contextmanager
def running():
    """The application server as `up` starts it, on a port of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = server.server_words("127.0.0.1", port, settings.VAR / "run")
    child = server.start(words, settings.BASE_DIR, PYTHONUNBUFFERED="1", FUPIN_OTP_ROLES="")
    try:
        deadline = time.monotonic() + 60
        while not server.answers("127.0.0.1", port):
            if time.monotonic() > deadline or child.poll() is not None:
                raise CommandError("网页服务没有启动起来。")
            time.sleep(0.1)
        yield port
    finally:
        server.stop([child])


def people(count):
    """Accounts `qa-0` and so on, all with PASSWORD, made with one hash, and nothing noted about them."""
    made = User(username="qa-x", name="qa")
    made.set_password(PASSWORD)
    there = set(User.objects.values_list("username", flat=True))
    names = [f"qa-{n}" for n in range(count)]
    User.objects.bulk_create(User(username=name, name="qa") for name in names if name not in there)
    User.objects.filter(username__in=names).update(password=made.password, is_active=True)
    forget_tries()


def forget_tries():
    for model in (LoginFailure, LoginSlot, KnownPlace):
        model.objects.all().delete()


def one_hash():
    """Milliseconds of one hash: the median of nine."""
    hasher, times = Argon2(), []
    for _ in range(9):
        started = time.perf_counter()
        hasher.encode(PASSWORD, "0123456789abcdef")
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def mann_whitney(one, other):
    """p of the two-sided Mann-Whitney test (normal approximation; times have hardly any ties)."""
    ranked = sorted([(value, 0) for value in one] + [(value, 1) for value in other])
    ranks = sum(rank for rank, (_, side) in enumerate(ranked, 1) if side == 0)
    n, m = len(one), len(other)
    u = ranks - n * (n + 1) / 2
    return erfc(abs(u - n * m / 2) / sqrt(n * m * (n + m + 1) / 12) / sqrt(2))


def memory(port):
    """Bytes that the server's processes hold (proportional share), told by their command line."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"127.0.0.1:{port}".encode() in (folder / "cmdline").read_bytes():
                total += (
                    int(re.search(r"Pss:\s+(\d+)", (folder / "smaps_rollup").read_text()).group(1)) * 1024
                )
        except (OSError, AttributeError):
            continue
    return total


def watch(port, inside, most, waits, stopped):
    """Open the login page and, as somebody who is in already, another page, in turn."""
    other = Visitor(port)
    while not stopped.wait(0.05):
        for visitor, page in ((other, "/login/"), (inside, "/profile/")):
            took, answer, _ = visitor.ask("GET", path=page)
            if answer.status != 200:
                raise CommandError(f"{page}: {answer.status}")
            waits[page].append(took)
        most[0] = max(most[0], memory(port))


def machine():
    now = timezone.localtime() - timedelta(0)
    kind = "PostgreSQL" if "postgresql" in settings.DATABASES["default"]["ENGINE"] else "SQLite"
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0
    return (
        f"{now:%Y-%m-%d %H:%M}，{os.cpu_count()} 核，负载 {load:.1f}，Python {sys.version.split()[0]}，{kind}"
    )
