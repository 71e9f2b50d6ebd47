"""Income items and income lines for a new installation."""

from django.core.management.base import BaseCommand

from households import defaults


class Command(BaseCommand):
    help = "装入收入项目和标准线的初始值；已有的不动。"

    def handle(self, **options):
        written = defaults.load()
        if written:
            self.stdout.write(f"收入项目和标准线：{written} 条。")
