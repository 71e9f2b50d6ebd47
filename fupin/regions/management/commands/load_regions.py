"""Load official region codes of any county."""

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from fupin.regions import tree


class Command(BaseCommand):
    help = "装入行政区划代码（code,name,level,parent_code 四列的 CSV）；重复装入不产生变化。"

    def add_arguments(self, parser):
        parser.add_argument("file", nargs="?", default=tree.DIVISIONS, help="CSV 文件；不写则装入自带的区划")

    def handle(self, *, file, **options):
        try:
            created, renamed = tree.load(file)
        except OSError as error:
            raise CommandError(f"打不开文件：{error.strerror}", returncode=2) from None
        except (ValidationError, UnicodeDecodeError) as error:
            raise CommandError("；".join(getattr(error, "messages", [str(error)])), returncode=2) from None
        self.stdout.write(f"区划：新增 {created}，更名 {renamed}。")
