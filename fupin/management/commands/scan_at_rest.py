"""Look for personal values in the clear in everything that lies on the disk. See docs/security.md."""

import getpass
import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from fupin.audit.record import record
from fupin.crypt import scan

SHOWN = 50


class Command(BaseCommand):
    help = "在数据库、日志（WAL）、上传文件、任务文件、备份中查找明文的证件号码、电话、账号等；查到即以错误结束。"

    def add_arguments(self, parser):
        parser.add_argument("folders", nargs="*", help="另外要查的文件夹或文件，例如备份所在处")
        parser.add_argument("--values", help="要找的值，一行一个；不写则用库里现有的值")
        parser.add_argument("--limit", type=int, default=100_000, help="每个字段最多取多少个现有的值")

    def handle(self, *, folders, values, limit, **options):
        missing = [name for name in folders if not Path(name).exists()]
        if missing:
            raise CommandError(f"没有这些文件夹或文件：{'、'.join(missing)}")
        started = time.monotonic()
        lines = Path(values).read_text(encoding="utf-8").splitlines() if values else scan.values_held(limit)
        sought = scan.Sought(lines)
        if not len(sought):
            raise CommandError("没有要找的值：库里没有加密的数据，或文件是空的。")
        report = scan.look(sought, folders)
        record(
            "key.scan",
            "crypt.ring",
            by=None,
            operator=getpass.getuser(),
            rows=report.rows,
            count=len(report.found),
        )
        for place, value in report.found[:SHOWN]:
            self.stdout.write(f"明文 {value}：{place}")
        summary = (
            f"找 {len(sought):,} 个值：查了 {report.files:,} 个文件 {report.bytes / 2**20:,.1f} MiB、"
            f"{report.rows:,} 行，用时 {time.monotonic() - started:.1f} 秒，查到 {len(report.found):,} 处。"
        )
        if report.found:
            raise CommandError(summary)
        self.stdout.write(summary)
