"""`manage.py import_workbook FILE --as USERNAME [--commit] [--report OUT.json]`: the pages' import, from the shell."""

import json
from datetime import date
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from fupin.accounts.models import User
from fupin.accounts.roles import Permission
from fupin.excel import batches
from fupin.excel.imports import ALL_OR_NOTHING, GOOD_ROWS, specs


class Command(BaseCommand):
    help = "检查一个 Excel 文件，加 --commit 才写入。"

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--as", dest="username", required=True, help="以哪个用户的身份导入")
        parser.add_argument("--commit", action="store_true", help="写入；不加则只检查")
        parser.add_argument("--all-or-nothing", action="store_true", help="有一处错误就整个不写入")
        parser.add_argument(
            "--kind",
            default="",
            choices=["", *(spec.kind for spec in specs())],
            help="导入内容，默认自动识别",
        )
        parser.add_argument("--year", type=int, help="数据年度，默认看文件名和标题，再默认上一年")
        parser.add_argument("--as-of", type=date.fromisoformat, help="截至日期，判断“将来”用，默认今天")
        parser.add_argument("--region", default="", help="只认这个区划代码以内的村")
        parser.add_argument("--report", type=Path, help="把结果写成 JSON 文件")

    def handle(self, *, file, username, commit, report, **options):
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None:
            raise CommandError(f"没有用户 {username}")
        if not user.may(Permission.IMPORT):
            raise CommandError(f"用户 {username} 没有导入的权限")
        if not file.is_file():
            raise CommandError(f"没有文件 {file}")
        as_of = options["as_of"] or timezone.localdate()
        with file.open("rb") as stream:
            batch = batches.store(
                stream, file.name, by=user, year=options["year"], as_of=as_of, kind=options["kind"], region_path=options["region"],
                policy=ALL_OR_NOTHING if options["all_or_nothing"] else GOOD_ROWS,
            )  # fmt: skip
        if commit:
            batches.ask_to_write(batch, policy=batch.policy)
        outcome = batches.carry_out(batch, by=user, dry_run=not commit)
        if report:
            report.write_text(json.dumps(outcome.report(), ensure_ascii=False, indent=1), encoding="utf-8")
        self.tell(outcome)
        if outcome.plan is None:
            raise CommandError(outcome.issues[0].expected, returncode=1)

    def tell(self, outcome):
        for issue in outcome.issues[:50]:
            place = f"{issue.sheet} 第 {issue.row} 行 {issue.col}".strip() if issue.row else ""
            self.stdout.write(f"{place} {issue.title}：{issue.value}（{issue.expected}）".strip())
        if len(outcome.issues) > 50:
            self.stdout.write(f"……共 {len(outcome.issues)} 处")
        if outcome.plan is None:
            return
        read, good, bad = outcome.plan.counts()
        self.stdout.write(f"{outcome.title}：读到 {read} 行，可导入 {good} 行，不导入 {bad} 行。")
        self.stdout.write("已写入。" if outcome.committed else "只是检查，没有写入；加 --commit 写入。")
        self.stdout.write(json.dumps(outcome.written, ensure_ascii=False))
