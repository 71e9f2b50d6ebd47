"""Change the key of what is encrypted, while the product serves. See docs/security.md."""

import time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from fupin.accounts import console
from fupin.crypt import ring, rotation
from fupin.excel import staging
from fupin.excel.models import ImportUndo

RING = "crypt.ring"


class Command(BaseCommand):
    help = "更换加密密钥：边运行边换，中断后再执行一次即接着换。旧密钥用 --retire 移除。"

    def add_arguments(self, parser):
        parser.add_argument("--suite", choices=sorted(ring.SUITES), help="新密钥用的算法套件，默认与现在相同")
        parser.add_argument("--resume", action="store_true", help="只把剩下的换完，不生成新密钥")
        parser.add_argument("--retire", action="store_true", help="移除不再使用的旧密钥")
        console.add_arguments(parser)

    def handle(self, *, suite, resume, retire, username, reason, **options):
        try:
            held = ring.reread()
        except ring.MissingKeys as error:
            raise CommandError(str(error)) from None
        by = console.operator(username, reason)
        if retire:
            self.retire(by)
            return
        started = time.monotonic()
        by.record("key.begin", RING, version=max(held.keys), kind=suite or held.current.suite)
        if not resume and not (rotation.left() or rotation.unfinished()):
            held = rotation.begin(suite or held.current.suite)
        elif max(held.keys) != held.current.version:
            held = rotation.begin(held.current.suite)
        self.stdout.write(f"当前密钥 {held.current.head}（{ring.SUITES[held.current.suite].label}）")
        done = rotation.carry_on()
        done.files += staging.relid_all()
        self.stdout.write(
            f"已换 {done.total:,} 行、{done.sessions:,} 个会话、{done.files:,} 个文件，用时 {time.monotonic() - started:.1f} 秒。"
        )
        rest = rotation.left()
        by.record("key.done", RING, version=held.current.version, rows=done.total, left=sum(rest.values()))
        if rest:
            raise CommandError(f"还有没换的：{rest}。请再执行一次。")
        self.stdout.write("旧密钥仍在密钥文件中，备份里的旧数据还能读。确认后用 rotate_keys --retire 移除。")
        self.stdout.write(f"请把新的密钥文件 {settings.KEYS} 交保管人备份。")

    def retire(self, by):
        rest, heads = rotation.left(), rotation.still_needed() | staging.old_lids()
        if rest or heads:
            raise CommandError(f"旧密钥还在使用，不能移除：{rest or heads}。请先执行 rotate_keys --resume。")
        if ImportUndo.objects.filter(until__gt=timezone.now()).exists():
            raise CommandError(
                f"还有可以撤销的导入，其记录可能用旧密钥加密。请在 {settings.UNDO_HOURS} 小时后再移除。"
            )
        by.record("key.retire", RING, version=ring.ring().current.version)
        held = rotation.retire()
        self.stdout.write(f"密钥文件中只留 {held.current.head}。用旧密钥的备份从此不能读，旧密钥文件请封存。")
