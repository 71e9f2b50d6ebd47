"""The demo data, built by the apps through the actions of their pages."""

import os
import secrets

from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from fupin.accounts.models import Otp, User
from fupin.audit.record import record
from fupin.catalogue import offers
from fupin.demo import MARK, Demo, Order
from fupin.regions import tree
from fupin.regions.models import Region

DEFAULT = 1258


class Command(BaseCommand):
    help = "装入演示数据；已有户档案时不做任何改动。"

    def add_arguments(self, parser):
        parser.add_argument(
            "--households", type=int, default=DEFAULT,
            help=f"户数，默认 {DEFAULT}（昌龙村 58 户、篆塘镇 1200 户）；更多的户铺到綦江区各乡镇",
        )  # fmt: skip
        parser.add_argument("--reset-passwords", action="store_true", help="只给演示账号换口令")

    def handle(self, *, households, reset_passwords, **options):
        if households < 100:
            raise CommandError("--households 至少为 100。", returncode=2)
        given = os.environ.get("FUPIN_DEMO_PASSWORD", "")
        password = given or f"fp-{secrets.token_urlsafe(9)}"
        if reset_passwords:
            self.reset(password)
            self.list_accounts(f"口令：{password}")
            return
        demos = offers("DEMO_MODULES", "DEMOS")
        if any(demo.present() for demo in demos):
            self.list_accounts("口令在首次启动时给出；忘记了用 manage.py load_demo --reset-passwords 重设。")
            return
        self.stdout.write("装入演示数据……")
        self.build(demos, households, password)
        self.list_accounts(f"口令：{'见 FUPIN_DEMO_PASSWORD' if given else password}")

    @transaction.atomic
    def build(self, demos: tuple[Demo, ...], households, password):
        if not Region.objects.filter(path="").exists():
            tree.load()
        order = Order(timezone.localdate(), households, password, self.stdout.write)
        for demo in demos:
            demo.build(order)
        self.accounts().update(otp=Otp.DEMO)
        record("demo.load", "demo", by=None, households=households)

    @transaction.atomic
    def reset(self, password):
        if not self.accounts().update(password=make_password(password)):
            raise CommandError("没有演示账号。", returncode=2)
        record("demo.passwords", "demo", by=None)

    def accounts(self):
        return User.objects.filter(unit__endswith=MARK, is_active=True)

    def list_accounts(self, note):
        accounts = list(self.accounts().order_by("pk").prefetch_related("posts__region"))
        if not accounts:
            return
        self.stdout.write("演示账号：")
        for user in accounts:
            posts = "；".join(f"{post.get_role_display()}，{post.region}" for post in user.posts.all())
            self.stdout.write(f"  {user.username:<10} {posts}")
        self.stdout.write(note)
