"""Anonymise or remove what is kept longer than its 保存期限. Counts only, unless told to do it."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from households import life


class Command(BaseCommand):
    help = "到期的个人信息匿名或删除；不带 --apply 只列数，不改动。依法留存的户不动。"

    def add_arguments(self, parser):
        parser.add_argument("--apply", action="store_true", help="真正执行，并记入审计")

    def handle(self, *, apply, **options):
        done = life.retire(today=timezone.localdate(), by=None, dry_run=not apply)
        for kind, years in life.rules():
            if kind.name in done:
                self.stdout.write(
                    f"{kind.label}：保存 {years} 年，{'已处理' if apply else '到期'} {done[kind.name]} 条（{kind.done}）"
                )
        if not apply:
            self.stdout.write("以上只是清点，数据没有改动；执行请加 --apply。")
