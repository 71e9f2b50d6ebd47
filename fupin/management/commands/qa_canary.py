"""Every role walks over the whole site; nobody may meet what is not theirs. On a data folder of its own, thrown away after.

    FUPIN_VAR=/tmp/qa manage.py migrate && FUPIN_VAR=/tmp/qa manage.py qa_canary --pages 20000

The demo is loaded; every role gets a post in one township (or village) of it. Then each text field that the class
tables call personal, of each row, gets a token that names the place of the row: a token of another place in any answer
(page, piece, file in a file, header, error page) is a leak, and so is a number of a person in full anywhere.
"""

import json
import time
from collections import Counter
from datetime import date

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import models

from fupin.accounts import pii
from fupin.accounts.models import Post, User
from fupin.accounts.pii import FieldClass as C
from fupin.accounts.roles import BY_PAIRING, REACH, Reach, Role, Subject
from fupin.crawl import Crawl
from fupin.leak_scan import Scanner, token
from fupin.regions.models import Region

WORDS = (C.PERSON, C.NOTE, C.CLUE)
NUMBERS = {C.ID_NUMBER: "证件号码", C.PHONE: "电话", C.BANK: "银行账号"}
APPS = ("households", "projects")
KEPT = {("households.household", "number")}
"""Fields that the walk needs as they are."""
PLACES = (
    "region_path",
    "household__region_path",
    "member__household__region_path",
    "visit__region_path",
    "project__region_path",
)
SHARED = {"households.helper"}
"""Who works in several places is named in all of them."""


class Command(BaseCommand):
    help = "以每个角色走遍全站，查有没有别处的记号和未脱敏的号码；只能在空的数据文件夹上运行，用完即弃。"

    def add_arguments(self, parser):
        parser.add_argument("--pages", type=int, default=20_000, help="一共取多少个应答，默认 20000")
        parser.add_argument("--households", type=int, default=1258, help="演示数据的户数，默认 1258")
        parser.add_argument("--roles", nargs="*", default=[], help="只走这些角色")

    def handle(self, *, pages, households, roles, **options):
        if User.objects.exists():
            raise CommandError(
                "数据文件夹不是空的。请用 FUPIN_VAR=/tmp/qa manage.py migrate 另建一个。", returncode=2
            )
        call_command("collectstatic", interactive=False, verbosity=0)
        call_command("load_demo", households=households, stdout=self.stderr)
        household = apps.get_model("households.household")
        at = household._base_manager.order_by("region_path").values_list("region_path", flat=True).last()
        scanner = planted()
        self.stdout.write(
            f"埋下记号 {len(scanner.tokens):,} 个，号码 {len(scanner.numbers):,} 个；本处 {at[:12]}"
        )
        wrong, total, views = [], 0, Counter()
        chosen = [role for role in Role if not roles or role in roles]
        for n, role in enumerate(chosen, 1):
            began = time.monotonic()
            user, here = holder(role, at)
            walk = Crawl(user, scanner, here, pages=(pages * n) // len(chosen) - total)
            walk.run()
            total += walk.count
            views.update(walk.views)
            wrong += [f"{role}：{words}" for words in walk.wrong]
            self.stdout.write(
                f"{role.label}：{walk.count:,} 个应答（{walk.files} 个文件），"
                f"{len({name for name, _ in walk.views})} 个页面，发现 {len(walk.wrong)}，{time.monotonic() - began:.0f} 秒"
            )
            self.stdout.flush()
        wrong += logged(scanner)
        statuses = Counter()
        for (_, status), count in views.items():
            statuses[status] += count
        self.stdout.write(
            f"共 {total:,} 个应答，" + "，".join(f"{s}：{n:,}" for s, n in sorted(statuses.items()))
        )
        for words, times in Counter(wrong).most_common(60):
            self.stdout.write(f"  {times} 次 {words}")
        if wrong:
            raise CommandError(f"发现 {len(wrong)} 处。")
        self.stdout.write("没有发现。")


def planted():
    """Put a token into every personal text of every row; returns the Scanner that knows them and all numbers."""
    tokens, numbers = {}, {}
    for model in apps.get_models():
        label = model._meta.label_lower
        if model._meta.app_label not in APPS or label in SHARED:
            continue
        path = next((name for name in PLACES if _leads(model, name)), "")
        if not path:
            continue
        classes = pii.table()[label]
        for field in model._meta.concrete_fields:
            kind = classes.get(field.name)
            if kind in NUMBERS:
                for place, value in model._base_manager.exclude(**{field.name: ""}).values_list(
                    path, field.name
                ):
                    if value:
                        numbers[str(value)] = (place, NUMBERS[kind])
            elif kind in WORDS and _is_text(field) and (label, field.name) not in KEPT:
                for place in model._base_manager.order_by().values_list(path, flat=True).distinct():
                    number = len(tokens) + 1
                    if len(token(number)) <= (field.max_length or 99):
                        tokens[number] = (place, f"{label}.{field.name}")
                        keys = model._base_manager.filter(**{path: place}).values("pk")
                        model._base_manager.filter(pk__in=list(keys.values_list("pk", flat=True))).update(
                            **{field.name: token(number)}
                        )
    return Scanner(tokens, numbers, known={"99010119700101001X"})


def _leads(model, path):
    found = model
    for name in path.split("__"):
        if found is None or name not in {field.name for field in found._meta.concrete_fields}:
            return False
        found = found._meta.get_field(name).related_model
    return True


def _is_text(field):
    """Whether the field holds words that somebody typed: no code, no sealed value, nothing unique."""
    plain = type(field) in (models.CharField, models.TextField)
    return (
        plain
        and not field.choices
        and not field.unique
        and field.name not in {"state", "kind", "rule", "step"}
    )


def holder(role, at):
    """`(user, allowed)`: somebody with a post of `role` at the place `at`, and whether they may learn of a place."""
    width = 12 if REACH[role] in (Reach.VILLAGE, Reach.PAIRED) else 9
    user = User.objects.create_user(f"qa-{role}", None, name=f"走查{role.label}", unit="走查")
    subject = Subject.HEALTH if role == Role.BUREAU else ""
    Post.objects.create(
        user=user,
        role=role,
        subject=subject,
        region=Region.objects.get(path=at[:width]),
        starts_on=date(2020, 1, 1),
    )
    if role not in BY_PAIRING:
        return user, lambda place: str(place).startswith(at[:width])
    own = set()
    for home in apps.get_model("households.household")._base_manager.filter(region_path=at)[:3]:
        helper, _ = apps.get_model("households.helper")._base_manager.get_or_create(
            user=user, defaults={"name": "走查"}
        )
        apps.get_model("households.pairing")._base_manager.create(
            household=home, region_path=home.region_path, helper=helper, starts_on=date(2020, 1, 1)
        )
        own.add(home.region_path)
    return user, lambda place: place in own


def logged(scanner):
    """What the logs of this run hold that they may not."""
    found = []
    for path in settings.LOG_FOLDER.glob("*.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            found += [
                f"日志里有{words}"
                for words in scanner.public(json.dumps(json.loads(line), ensure_ascii=False))
            ]
    return found
