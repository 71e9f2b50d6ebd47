"""`manage.py work`: the worker process for long jobs and the daily upkeep."""

import signal

from django.core.checks import Tags
from django.core.management.base import BaseCommand

from fupin.catalogue import offers
from fupin.jobs.priority import step_back
from fupin.jobs.worker import Worker


class Command(BaseCommand):
    help = "处理后台任务（大报表、导入等）和每日维护。按 Ctrl-C 结束，未完成的任务由下一个进程重做。"

    requires_system_checks = [Tags.security]
    """What can lose data; the others read every page of the product, which a worker does not need, and `up` makes them."""

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="做完等待中的任务即结束")

    def handle(self, *, once, **options):
        step_back()
        offers("IMPORT_MODULES", "IMPORTS")  # loaded before somebody waits for it
        worker = Worker()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, worker.stop)
        worker.loop(once=once)
