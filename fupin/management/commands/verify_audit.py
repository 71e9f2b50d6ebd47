"""Read the whole trail again. Exit code 1 when anything does not fit."""

import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from fupin.audit.seal import seal
from fupin.audit.verify import verify

SHOWN = 50


class Command(BaseCommand):
    help = "核对审计记录：每条事件的签名、封签的链、外存头；被改、被删、插入、换序、截断都逐条指出。"

    def add_arguments(self, parser):
        parser.add_argument("--head", help="另外保存的外存头文件（heads.jsonl），代替本机的")
        parser.add_argument("--seal", action="store_true", help="先把还没封的事件封上")

    def handle(self, *, head, seal: bool, **options):
        if seal:
            _seal()
        lines = Path(head).read_text(encoding="utf-8", errors="replace").splitlines() if head else None
        started = time.monotonic()
        verdict = verify(lines)
        took = time.monotonic() - started
        for finding in verdict.findings[:SHOWN]:
            self.stdout.write(str(finding))
        if verdict.found > SHOWN:
            self.stdout.write(f"……另有 {verdict.found - SHOWN} 处")
        self.stdout.write(
            f"审计记录 {verdict.events:,} 条，封签 {verdict.seals:,} 个，外存头 {verdict.heads:,} 行，库外记录 {verdict.noted:,} 行，"
            f"待封 {verdict.pending:,} 条；用时 {took:.1f} 秒，发现 {verdict.found:,} 处问题。"
        )
        if verdict.found:
            raise CommandError("审计记录有问题，见上。", returncode=1)


def _seal():
    seal()
