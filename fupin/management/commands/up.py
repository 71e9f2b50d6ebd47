"""One command for everything: prepare the data folder, then run the server and the worker until Ctrl-C."""

import contextlib
import hashlib
import os
import sys
import time

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core import checks
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.db.migrations.executor import MigrationExecutor

from fupin import server
from fupin.crypt import guard
from fupin.regions import tree
from fupin.regions.models import Region

LOOPBACK = {"127.0.0.1", "::1", "localhost"}
WILD = {"0.0.0.0", "::"}  # noqa: S104 (to recognise them, not to bind)


class Command(BaseCommand):
    help = "准备数据文件夹并启动：网页服务和后台任务，Ctrl-C 结束。"
    requires_system_checks = []  # run below, so that a failure is one line and exit code 2

    def add_arguments(self, parser):
        parser.add_argument("--host", default="127.0.0.1", help="监听地址，默认只对本机开放")
        parser.add_argument("--port", type=int, default=8000, help="端口，默认 8000")
        parser.add_argument("--empty", action="store_true", help="不装入演示数据")

    def handle(self, *, host, port, empty, **options):
        server.interrupt_on_signals()
        try:
            hosts = allowed_hosts(host)
            with only_one(settings.VAR / "run" / "up.lock"):
                refuse_if(server.free(host, port))
                self.prepare(empty)
                self.run(host, port, hosts)
        except KeyboardInterrupt:
            self.stdout.write("已停止。")
        except Error as error:
            raise CommandError(f"数据库不能使用：{str(error).splitlines()[0]}", returncode=2) from None

    def prepare(self, empty):
        """Bring the data folder up to what the program needs. Changes nothing where nothing is missing."""
        check()
        for path in (settings.VAR / "tmp").glob("*.upload*"):
            path.unlink()  # half received when the server was killed; nobody else receives into this folder
        connection = connections[DEFAULT_DB_ALIAS]
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.say("建立或升级数据库……")
            call_command("migrate", interactive=False, verbosity=0)
        guard.ensure()  # a database made earlier, and still without anything encrypted
        if regions_missing():
            self.say("装入行政区划……")
            tree.load()
            remember(settings.VAR / "run" / "regions", digest([tree.DIVISIONS]))
        call_command("load_defaults", stdout=self.stdout)
        if not empty:
            call_command("load_demo", stdout=self.stdout)
        collect_static(self.say)
        connection.close()

    def run(self, host, port, hosts):
        environment = {
            "FUPIN_HOSTS": ",".join(hosts), "TMPDIR": str(settings.VAR / "tmp"), "PYTHONUNBUFFERED": "1",
        }  # fmt: skip
        if host in LOOPBACK and not settings.HTTPS:
            environment["FUPIN_DEMO"] = (
                "1"  # nobody else can reach it: the demo's accounts need no second factor
            )
        else:
            environment["FUPIN_DEMO"] = ""
        children = []
        try:
            web = server.start(
                server.server_words(host, port, settings.VAR / "run"), settings.BASE_DIR, **environment
            )
            children.append(web)
            wait_for(web, host, port, hosts[0])
            work = None
            if "work" in get_commands():
                work = start_worker(environment)
                children.append(work)
            shown = f"[{host}]" if ":" in host else host
            scheme = "https" if settings.HTTPS else "http"
            self.say(f"已启动：{scheme}://{hosts[0] if host in WILD else shown}:{port}/ （按 Ctrl-C 停止）")
            if host not in LOOPBACK and not settings.HTTPS:
                self.say(
                    "注意：对外开放而没有 HTTPS，口令和个人信息以明文传输。部署方法见 docs/deployment.md。"
                )
            watch(web, work, children, environment, self.say)
        finally:
            server.stop(children)

    def say(self, text):
        self.stdout.write(text)
        self.stdout.flush()


def refuse_if(reason):
    if reason:
        raise CommandError(reason, returncode=2)


def check():
    """The system checks, on the settings and on the real database. The first error is enough."""
    for message in checks.run_checks() + checks.run_checks(
        tags=[checks.Tags.database], databases=[DEFAULT_DB_ALIAS]
    ):
        if message.is_serious(checks.ERROR):
            raise CommandError(" ".join(str(message.msg).split()), returncode=2)


def allowed_hosts(host):
    """The names under which this start may be reached: those of the settings, and the address itself."""
    hosts = list(settings.ALLOWED_HOSTS)
    if host in WILD and not os.environ.get("FUPIN_HOSTS"):
        raise CommandError("对外监听时须写明访问用的域名或地址，例如 FUPIN_HOSTS=10.1.2.3。", returncode=2)
    if host not in WILD | LOOPBACK and host not in hosts:
        hosts.insert(0, f"[{host}]" if ":" in host else host)
    return hosts


@contextlib.contextmanager
def only_one(path):
    """Hold the lock of this data folder: two starts on one database would run two workers."""
    try:
        import fcntl
    except ImportError:  # Windows: the port is what keeps the second start away
        yield
        return
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CommandError(f"数据文件夹 {settings.VAR} 已有一个正在运行。", returncode=2) from None
        yield


def remember(path, text):
    """Write a small note of ours whole or not at all."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text, encoding="ascii")
    fresh.replace(path)


def recalled(path):
    try:
        return path.read_text(encoding="ascii")
    except OSError:
        return ""


def digest(paths):
    made = hashlib.sha256()
    for path in paths:
        made.update(path.read_bytes())
    return made.hexdigest()


def regions_missing():
    """Whether the places were never loaded into this folder, or a new version brought other ones."""
    if recalled(settings.VAR / "run" / "regions") != digest([tree.DIVISIONS]):
        return True
    return not Region.objects.filter(path="").exists()


def collect_static(say):
    """Copy, hash and compress the static files when any differs in name, size or time from the last start."""
    made = hashlib.sha256()
    for finder in get_finders():
        for path, storage in sorted(finder.list([]), key=lambda found: found[0]):
            made.update(f"{path} {storage.size(path)} {storage.get_modified_time(path)}\n".encode())
    note = settings.VAR / "run" / "static"
    if recalled(note) == made.hexdigest() and (settings.STATIC_ROOT / "staticfiles.json").exists():
        return
    say("整理静态文件……")
    call_command("collectstatic", interactive=False, verbosity=0)
    remember(note, made.hexdigest())


def wait_for(web, host, port, name):
    """Return when the server answers; refuse when it ends or stays silent."""
    deadline = time.monotonic() + 60
    while not server.answers(host, port, name):
        if web.poll() is not None:
            raise CommandError("网页服务没有启动起来，原因见上面的输出。", returncode=1)
        if time.monotonic() > deadline:
            raise CommandError("网页服务一分钟没有应答。", returncode=1)
        time.sleep(0.1)


def start_worker(environment):
    words = [sys.executable, str(settings.BASE_DIR / "manage.py"), "work"]
    return server.start(words, settings.BASE_DIR, **environment)


def watch(web, work, children, environment, say):
    """Until Ctrl-C. A worker that fell over is started again; without the server there is nothing to run."""
    while True:
        code = web.poll()
        if code is not None:
            raise CommandError(f"网页服务意外结束（代码 {code}）。", returncode=1)
        if work is not None and work.poll() is not None:
            say(f"后台任务进程意外结束（代码 {work.returncode}），重新启动。")
            time.sleep(2)
            children.remove(work)
            work = start_worker(environment)
            children.append(work)
        time.sleep(0.5)
