"""Print what encryption costs and catches, on an empty data folder that is thrown away afterwards (docs/security.md)."""

import io
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import threading
import time
from importlib import import_module
from itertools import islice

import openpyxl
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.http import QueryDict
from django.utils import timezone

from fupin import photos
from fupin.accounts.models import Post, User
from fupin.accounts.roles import Role
from fupin.bulk import insert_rows, take_keys
from fupin.crypt import ring, rotation, scan, sealing
from fupin.excel import batches
from fupin.excel.jobs import run_report, submit_report
from fupin.excel.reports import Asked, report_named
from fupin.filing import copies
from fupin.regions.models import Level, Region
from households.models import Household, Member, MemberYear

PURPOSE = "households.member.id_number"
EACH = 20_000
"""Values that a price is the mean of."""


class Stopped(Exception):
    """The rotation is broken off in the middle, as by a kill."""


class Command(BaseCommand):
    help = "打印加密的开销和查错能力；只能在空的数据文件夹上运行，用完即弃。"

    def add_arguments(self, parser):
        parser.add_argument("--persons", type=int, default=200_000, help="人数，默认 20 万")

    def handle(self, *, persons, **options):
        if Household.objects.exists():
            raise CommandError(
                "数据文件夹里已有户。请在空的数据文件夹上运行：FUPIN_VAR=/tmp/qa manage.py migrate。"
            )
        self.stdout.write(
            f"{platform.machine()}，{os.cpu_count()} 核，Python {platform.python_version()}，{connection.vendor}，{persons:,} 人"
        )
        self.prices()
        self.fill(persons)
        self.export()
        self.altered()
        self.around(persons)
        self.rotate(persons)
        self.scan()

    def say(self, text):
        self.stdout.write(text)
        self.stdout.flush()

    def prices(self):
        values = [f"99010119900101{n:04}" for n in range(10_000)] * (EACH // 10_000)
        keys = range(len(values))
        kept, held = list(ring.ring().keys.values()), ring.ring().current
        for suite in ring.SUITES:
            if held.suite != suite:
                ring.write([*kept, ring.fresh_key(suite)], max(ring.ring().keys) + 1)
            began = time.process_time()
            tokens = sealing.seal_many(values, PURPOSE, keys)
            sealed = time.process_time()
            open_token = sealing.opener(PURPOSE)
            for token, key in zip(tokens, keys):
                open_token(token, key)
            opened = time.process_time()
            mark = sealing.marks_for(PURPOSE)
            for value in values:
                mark(value)
            marked = time.process_time()
            prices = [(b - a) / EACH * 1e6 for a, b in ((began, sealed), (sealed, opened), (opened, marked))]
            self.say(
                "{}：加密 {:.1f} 微秒，解密 {:.1f} 微秒，检索摘要 {:.1f} 微秒（每个值）".format(
                    suite, *prices
                )
            )
            ring.write(kept, held.version)

    def fill(self, persons):
        villages = list(
            Region.objects.filter(level=Level.VILLAGE).order_by("path").values_list("pk", "path")[:600]
        )
        if not villages:
            made = [
                Region.objects.create(
                    path=f"990101100{n:03}", level=Level.VILLAGE, name=f"测速{n}村", short_name=f"测速{n}村"
                )
                for n in range(200, 260)
            ]
            villages = [(region.pk, region.path) for region in made]
        began = time.perf_counter()
        for start in range(0, persons, 40_000):
            with transaction.atomic():
                count = min(40_000, persons - start)
                homes = take_keys(Household, -(-count // 4))
                insert_rows(
                    Household,
                    ("id", "number", "region", "region_path", "head_name", "phone", "bank_account"),
                    [
                        (key, f"Q{start + n:09}", *villages[n % len(villages)], "测", f"154{start + n:08}", f"62170000{start + n:09}")
                        for n, key in enumerate(homes)
                    ],
                )  # fmt: skip
                people = take_keys(Member, count)
                insert_rows(
                    Member,
                    ("id", "household", "region_path", "name", "relation", "id_number", "phone"),
                    [
                        (key, homes[n // 4], villages[n // 4 % len(villages)][1], "测", "03", f"990101{start + n:012}", f"153{start + n:08}")
                        for n, key in enumerate(people)
                    ],
                )  # fmt: skip
                insert_rows(
                    MemberYear, ("member", "year", "health"), [(key, 2025, "02,04") for key in people]
                )
        self.say(
            f"写入 {persons:,} 人（证件、电话、健康，户电话、账号）：{time.perf_counter() - began:.1f} 秒"
        )

    def around(self, persons):
        """What lies beside the register: an upload with its staged check, an unmasked export, a filed copy, a photo, a
        session, a take-home workbook; and backups of all of it, packed and not. Each holds values of the register."""
        began = time.perf_counter()
        user = User.objects.create_user("qa", None, name="测")
        country = Region.objects.filter(path="").first() or Region.objects.create(
            path="", level=0, name="全国"
        )
        Post.objects.create(
            user=user, role=Role.ADMINISTRATOR, region=country, starts_on=timezone.localdate()
        )
        book, some = openpyxl.Workbook(write_only=True), min(persons, 5000)
        page = book.create_sheet("名册")
        page.append(["户编号", "村", "姓名", "身份证号", "与户主关系", "联系电话", "健康状况"])
        for n in range(some):
            page.append(
                [
                    f"Q{n // 4:09}",
                    f"测速{200 + n // 4 % 60}村",
                    "测",
                    f"990101{n:012}",
                    "户主",
                    f"153{n:08}",
                    "患有大病",
                ]
            )
        stream = io.BytesIO()
        book.save(stream)
        stream.seek(0)
        batch = batches.store(stream, "名册.xlsx", by=user, year=2025, as_of=timezone.localdate())
        batches.carry_out(batch, by=user, dry_run=True)
        report = report_named("R02", user)
        query = QueryDict(
            "region=" + Household.objects.order_by("pk").values_list("region_path", flat=True)[0]
        )
        for reveal in (True, False):
            job = submit_report(
                report, Asked(user, query, 2025, timezone.localdate(), reveal), purpose="检查静态加密"
            )
            run_report(job, lambda *_: None)
        copies.write(report, Asked(user, query, 2025, timezone.localdate()))
        photos.store(photos.Photo(f"153{0:08}".encode() * 9000, "", None))
        store = import_module(settings.SESSION_ENGINE).SessionStore()
        store["household_search"] = {"term": f"153{0:08}"}
        store.save()
        folder = settings.VAR / "backup"
        folder.mkdir(exist_ok=True)
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("VACUUM INTO %s", [str(folder / "copy.sqlite3")])
        elif shutil.which("pg_dump"):
            held = connection.get_connection_params()
            where = {
                "PGHOST": held.get("host") or "",
                "PGUSER": held.get("user") or "",
                "PGPASSWORD": held.get("password") or "",
            }
            words = [shutil.which("pg_dump"), "--file", str(folder / "copy.sql"), held["dbname"]]
            subprocess.run(words, check=True, env=os.environ | {k: v for k, v in where.items() if v})  # noqa: S603
        with tarfile.open(folder / "files.tar.gz", "w:gz", compresslevel=1) as packed:
            packed.add(settings.FILES, "files")
        self.say(
            f"旁边的：上传 {some:,} 行并检查、不脱敏和脱敏的导出、报送副本、照片、会话、两种备份；{time.perf_counter() - began:.1f} 秒"
        )

    def export(self):
        rows = MemberYear.objects.order_by("pk").values_list(
            "member__id_number", "member__phone", "health", "member__household__phone", "member__household__bank_account"
        )[:10_000]  # fmt: skip
        began = time.perf_counter()
        read = list(rows)
        whole = time.perf_counter() - began
        names = [(PURPOSE, 0), ("households.member.phone", 1), ("households.memberyear.health", 2),
                 ("households.household.phone", 3), ("households.household.bank_account", 4)]  # fmt: skip
        price = 0
        for purpose, at in names[:3]:
            tokens = sealing.seal_many([row[at] for row in read], purpose, range(len(read)))
            open_token = sealing.opener(purpose)
            began = time.process_time()
            for token, key in zip(tokens, range(len(read))):
                open_token(token, key)
            price += time.process_time() - began
        self.say(
            f"10,000 行：解密证件、电话、健康 {price:.3f} 秒（处理器）；连同户电话、账号读出 {whole:.3f} 秒（全部）"
        )

    def altered(self):
        table = connection.ops.quote_name(Member._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT id, id_number FROM {table} ORDER BY id LIMIT 1001")  # noqa: S608
            rows = cursor.fetchall()
        open_token = sealing.opener(PURPOSE)
        swapped = sum(_refused(open_token, token, key) for (key, _), (_, token) in zip(rows, rows[1:]))
        flipped = 0
        for n, (key, token) in enumerate(rows[:1000]):
            at = 3 + n % (len(token) - 6)
            other = "A" if token[at] != "A" else "B"
            flipped += _refused(open_token, token[:at] + other + token[at + 1 :], key)
        self.say(
            f"两行密文对调：{swapped:,}/{min(1000, len(rows) - 1):,} 查出；密文改动一处：{flipped:,}/{min(1000, len(rows)):,} 查出"
        )

    def rotate(self, persons):
        wanted = next(suite for suite in ring.SUITES if suite != ring.ring().current.suite)
        seen, ends = {"asked": 0, "wrong": 0}, threading.Event()
        reader = threading.Thread(target=_ask, args=(persons, seen, ends))
        reader.start()

        def half(done):
            if done.total > persons // 2:
                raise Stopped

        began, worked = time.perf_counter(), time.process_time()
        try:
            rotation.begin(wanted)
            try:
                rotation.carry_on(step=half)
            except Stopped:
                self.say(f"更换密钥到 {wanted}：中途打断，还剩 {sum(rotation.left().values()):,} 行")
            done = rotation.carry_on()
        finally:
            ends.set()
            reader.join()
        rest = sum(rotation.left().values())
        self.say(
            f"接着换完：共用时 {time.perf_counter() - began:.1f} 秒（处理器 {time.process_time() - worked:.1f} 秒，连同查找的线程），后一段 {done.total:,} 行，剩 {rest} 行；"
            f"其间另一线程按证件号查找 {seen['asked']:,} 次，{seen['wrong']} 次不对"
        )
        rotation.retire()
        unreadable = 0
        for model in rotation.models():
            names = list(rotation.plan(model).fields)
            try:
                for _ in model._base_manager.order_by("pk").values_list(*names).iterator(chunk_size=5000):
                    pass
            except sealing.Unreadable:
                unreadable += 1
        self.say(f"移除旧密钥后全部读一遍：{unreadable} 张表有读不出的")

    def scan(self):
        sought = scan.Sought(islice(sorted(scan.values_held(300)), 1000))
        with open(settings.VAR / "qa.tmp", "wb") as file:
            file.write(f"x{next(iter(sought.numbers)).decode()}x".encode())
        planted = len(scan.look(sought).found)
        (settings.VAR / "qa.tmp").unlink()
        began = time.perf_counter()
        report = scan.look(sought)
        self.say(
            f"在 {report.files} 个文件 {report.bytes / 2**20:,.0f} MiB、{report.rows:,} 行中找 {len(sought):,} 个值："
            f"查到 {len(report.found)} 处，用时 {time.perf_counter() - began:.1f} 秒（先放一处明文试过：查到 {planted} 处）"
        )
        if report.found or not planted:
            sys.exit(1)


def _refused(open_token, token, key):
    try:
        open_token(token, key)
    except sealing.Unreadable:
        return True
    return False


def _ask(persons, seen, ends):
    n = 0
    while not ends.is_set():
        n = (n + 7919) % persons
        number = f"990101{n:012}"
        try:
            found = list(Member.objects.filter(id_number=number).values_list("id_number", flat=True))
        except sealing.Unreadable:
            found = None
        seen["asked"] += 1
        seen["wrong"] += found != [number]
        time.sleep(0.02)
    connection.close()
