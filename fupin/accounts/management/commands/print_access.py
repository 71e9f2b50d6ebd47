"""docs/access.md: who may do what, printed from the policy itself."""

from django.conf import settings
from django.core.management.base import BaseCommand

from fupin.accounts.access_page import page


class Command(BaseCommand):
    help = "打印 docs/access.md：每个地址、每个角色能到哪里。--write 直接写入文件。"

    def add_arguments(self, parser):
        parser.add_argument("--write", action="store_true", help="写入 docs/access.md")

    def handle(self, *, write, **options):
        if write:
            (settings.BASE_DIR / "docs" / "access.md").write_text(page(), encoding="utf-8")
        else:
            self.stdout.write(page(), ending="")
