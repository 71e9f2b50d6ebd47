"""Every role walks over the whole site; nobody may meet what is not theirs. On a data folder of its own, thrown away after.

    FUPIN_VAR=/tmp/qa manage.py migrate && FUPIN_VAR=/tmp/qa manage.py qa_canary --pages 20000

The demo is loaded, tables that it leaves empty are filled in four places, every role gets a post in one of them. Then
each text of each row gets a token that names its place: a token of another place in any answer (page, piece, file in a
file, header, error page), or one that the role may not read, is a leak, and so is a number of a person in full that
nobody asked for. The total administrator walks first; the addresses it met are tried by all others.
"""

import json
import time
from collections import Counter

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from fupin import canary
from fupin.accounts.models import User
from fupin.accounts.roles import Role
from fupin.crawl import Crawl

HOMELESS = 0.05
"""A walk by a role that reads households must meet its own tokens: at least so many for each answer."""


class Command(BaseCommand):
    help = "以每个角色走遍全站，查有没有别处的记号和未脱敏的号码；只能在空的数据文件夹上运行，用完即弃。"

    def add_arguments(self, parser):
        parser.add_argument("--pages", type=int, default=20_000, help="一共取多少个应答，默认 20000")
        parser.add_argument("--households", type=int, default=400, help="演示数据的户数，默认 400")
        parser.add_argument("--roles", nargs="*", default=[], help="只走这些角色")

    def handle(self, *, pages, households, roles, **options):
        if User.objects.exists():
            raise CommandError(
                "数据文件夹不是空的。请用 FUPIN_VAR=/tmp/qa manage.py migrate 另建一个。", returncode=2
            )
        started = time.process_time()
        call_command("collectstatic", interactive=False, verbosity=0)
        call_command("load_demo", households=households, stdout=self.stderr)
        household = apps.get_model("households.household")
        visited = household._base_manager.filter(visits__isnull=False).order_by("region_path")
        at = visited.values_list("region_path", flat=True).first()
        self.walk(at, pages, roles, started)

    def walk(self, at, pages, roles, started):
        canary.somewhere_else(at)
        places, tokens = canary.places_of(at), {}
        for place in places:
            canary.rows_of(place, tokens)
        scanner = canary.planted(at, tokens)
        self.stdout.write(
            f"埋下记号 {len(scanner.tokens):,} 个，号码 {len(scanner.numbers):,} 个；本村 {at}，别处 {'、'.join(places[1:])}；"
            f"{time.process_time() - started:.0f} 秒（处理器）"
        )
        keys = sorted({*range(1, 21), *(row for place in places for row in _some(place))})
        wrong, total, views, known = [], 0, Counter(), {}
        chosen = [role for role in reversed(Role) if not roles or role in roles]
        numbers = [number for place in places for number in _numbers(scanner, place)]
        for n, role in enumerate(chosen, 1):
            began, met = time.process_time(), scanner.met
            user, allowed = canary.holder(role, at)
            walk = Crawl(
                user,
                scanner,
                allowed,
                pages=(pages * n) // len(chosen) - total,
                keys=keys,
                known=known,
                numbers=numbers,
            ).run()
            total += walk.count
            views.update(walk.views)
            wrong += [f"{role}：{words}" for words in walk.wrong]
            for name, addresses in walk.met.items():
                known[name] = list(dict.fromkeys([*known.get(name, []), *addresses[:6]]))[:24]
            self.stdout.write(
                f"{role.label}：{walk.count:,} 个应答（{walk.sent:,} 次提交，{walk.files} 个文件，{walk.jobs.total()} 个任务），"
                f"{len({name for name, _ in walk.views})} 个页面，本处记号 {scanner.met - met:,} 次，"
                f"发现 {len(walk.wrong)}，{time.process_time() - began:.0f} 秒（处理器）"
            )
            for words in list(dict.fromkeys(walk.wrong))[:8]:
                self.stdout.write(f"    {words[:200]}")
            self.stdout.flush()
        found, lines = logged(scanner)
        wrong += found
        statuses = Counter()
        for (_, status), count in views.items():
            statuses[status] += count
        self.stdout.write(
            f"共 {total:,} 个应答，{len({name for name, _ in views})} 个页面，"
            + "，".join(f"{s}：{n:,}" for s, n in sorted(statuses.items()))
            + f"；日志 {lines:,} 行；本处记号 {scanner.met:,} 次；{time.process_time() - started:.0f} 秒（处理器）"
        )
        for words, times in Counter(wrong).most_common(60):
            self.stdout.write(f"  {times} 次 {words[:300]}")
        if wrong:
            raise CommandError(f"发现 {len(wrong)} 处。")
        if not roles and scanner.met < HOMELESS * total or not lines:
            raise CommandError("没有遇到本处的记号，或没有日志：走查不算数。")
        self.stdout.write("没有发现。")


def _some(place):
    """Keys of rows of a village, of every kind."""
    for model in apps.get_models():
        names = {field.name for field in model._meta.concrete_fields}
        if model._meta.app_label in canary.APPS and "region_path" in names:
            yield from (
                model._base_manager.filter(region_path=place).order_by("pk").values_list("pk", flat=True)[:2]
            )


def _numbers(scanner, place):
    """Two ID numbers and a telephone of a village."""
    held = [n for n, (at, what) in scanner.numbers.items() if at.partition("#")[0] == place]
    return [n for n in held if len(n) == 18][:2] + [n for n in held if len(n) == 11][:1]


def logged(scanner):
    """`(found, lines)`: what the logs of this run hold that they may not, and how many lines were read."""
    found, lines = [], 0
    for path in settings.LOG_FOLDER.glob("*.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            lines += 1
            found += [
                f"日志里有{words}"
                for words in scanner.public(json.dumps(json.loads(line), ensure_ascii=False))
            ]
    return found, lines
