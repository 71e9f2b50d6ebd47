"""The first account of an installation: it sees the whole country and makes the others."""

import getpass
import sys

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from fupin.accounts.models import Post, User
from fupin.accounts.roles import Role
from fupin.audit.record import record
from fupin.regions import tree
from fupin.regions.models import Region


class Command(BaseCommand):
    help = "建立总管理员账号（可看全国）。"

    def add_arguments(self, parser):
        parser.add_argument("--username", required=True, help="用户名")
        parser.add_argument("--password", help="密码；不写则在终端输入")

    def handle(self, *, username, password, **options):
        if User.objects.filter(username=username).exists():
            raise CommandError(f"用户名“{username}”已存在。", returncode=2)
        if not password:
            if not sys.stdin.isatty():
                raise CommandError("请用 --password 给出密码。", returncode=2)
            password = getpass.getpass("密码：")
        try:
            validate_password(password, User(username=username, name=username))
        except ValidationError as error:
            raise CommandError("；".join(error.messages), returncode=2) from None
        if not Region.objects.filter(path="").exists():
            tree.load()
        with transaction.atomic():
            user = User.objects.create_user(username, password, name=username)
            country = Region.objects.get(path="")
            Post.objects.create(
                user=user, role=Role.ADMINISTRATOR, region=country, starts_on=timezone.localdate()
            )
            record("user.create", user, by=None, role=Role.ADMINISTRATOR)
        self.stdout.write(f"已建立总管理员 {username}。")
