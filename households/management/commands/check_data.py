"""数据体检 of every household and village, or of those under one place."""

import time

from django.core.management.base import BaseCommand, CommandError

from fupin.regions.models import Region
from households import checks
from households.models import Doubt


class Command(BaseCommand):
    help = "按全部规则重新检查各户和村情，更新数据疑点。已核实无误的，依据没变就保持。"

    def add_arguments(self, parser):
        parser.add_argument("--region", default="", help="区划代码（前几位），只查这个区域；不写为全部")

    def handle(self, region, **options):
        if region and not Region.objects.filter(path=region).exists():
            raise CommandError(f"没有区划代码为 {region} 的区域。")
        started = time.perf_counter()
        done = checks.check_all(under=region)
        doubts = Doubt.objects.within(region).filter(explained="").count()
        seconds = time.perf_counter() - started
        self.stdout.write(f"检查了 {done} 户，未核实的疑点 {doubts} 条，用时 {seconds:.1f} 秒。")
