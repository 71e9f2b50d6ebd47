"""Prove that the kept counts equal a fresh count of the rows."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from fupin.catalogue import offers
from fupin.regions.models import Region


class Command(BaseCommand):
    help = "核对看板的记数与重新统计是否一致：逐条列出不一致之处，有则以 1 退出；--fix 重新记数。"

    def add_arguments(self, parser):
        parser.add_argument("--fix", action="store_true", help="有不一致时重新记数")

    def handle(self, **options):
        today = timezone.localdate()
        wrong = self._check(today)
        if wrong and options["fix"]:
            for title, _, recount in wrong:
                recount(today)
                self.stdout.write(f"{title}：已重新记数。")
            wrong = self._check(today)
        if wrong:
            raise SystemExit(1)

    def _check(self, today):
        """Print what differs; the entries of COUNTS that do."""
        wrong = []
        for entry in offers("COUNT_MODULES", "COUNTS"):
            title, differences, _ = entry
            found = differences(today)
            names = Region.objects.names({place for place, *_ in found})
            for place, figure, kept, fresh in found:
                where = f"{place or '全国'} {names.get(place, '')}".strip()
                self.stdout.write(f"{title}：{where} {figure}：记为 {kept}，实为 {fresh}")
            self.stdout.write(f"{title}：{len(found)} 处不一致。" if found else f"{title}：一致。")
            if found:
                wrong.append(entry)
        return wrong
