"""Every person whose data was shown to, or exported by, an account or an address: as CSV."""

from datetime import datetime

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from fupin.audit.record import record
from households.sights import events_of, who_was_seen


def moment(text):
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"时间写成 2026-11-26 或 2026-11-26T08:30，不是“{text}”。", returncode=2) from None
    return timezone.make_aware(found) if found.tzinfo is None else found


class Command(BaseCommand):
    help = "列出一段时间内某账号或某地址看过、导出过的所有人（CSV）。"

    def add_arguments(self, parser):
        parser.add_argument("--since", required=True, help="从，如 2026-11-01T08:00")
        parser.add_argument("--until", required=True, help="到（不含）")
        parser.add_argument("--account", default="", help="账号或姓名")
        parser.add_argument("--address", default="", help="来源地址")

    def handle(self, *, since, until, account, address, **options):
        if not account and not address:
            raise CommandError("--account 和 --address 至少给一项。", returncode=2)
        events = events_of(None, since=moment(since), until=moment(until), account=account, address=address)
        people = who_was_seen(events)
        record(
            "audit.who_saw",
            "audit",
            by=None,
            since=since,
            until=until,
            account=account,
            address=address,
            count=len(people),
        )
        self._line(["户编号", "姓名", "所在地", "次数", "首次", "末次", "方式", "户", "人"])
        for one in people:
            self._line([
                one.number, one.name, one.place, one.times, f"{timezone.localtime(one.first):%Y-%m-%d %H:%M:%S}",
                f"{timezone.localtime(one.last):%Y-%m-%d %H:%M:%S}", "、".join(sorted(one.ways)), one.household, one.member or "",
            ])  # fmt: skip

    def _line(self, cells):
        """One line with tabs between the cells, for reading and for pasting as text."""
        self.stdout.write("\t".join(" ".join(str(cell).split()) for cell in cells))
