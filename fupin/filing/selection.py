"""A report of a frozen year: the kept lines of a place, all of them or those that meet conditions, with sums made anew.

What comes out is the report as it was kept, never the register of today; the workbook is written when it is asked for."""

import io
from dataclasses import replace
from datetime import datetime
from itertools import islice

from django.utils import timezone

from fupin.accounts.pii import HIDDEN, hidden_classes
from fupin.audit.seen import Seen
from fupin.excel import reports, sheet
from fupin.excel.reports import Asked
from fupin.excel.sheet import Line
from fupin.filing import packed


class Selection:
    """A kept report narrowed to `path`: the lines that it opens with (`opened`), those of `owners` (keys) or all; of a
    report of all years those of `year`."""

    def __init__(self, report, kept, user, path, *, opened=False, owners=None, chips=None, year=None):
        balances = tuple(one for one in report.balances if not one.of_row)
        self.report, self.kept, self.user, self.path = replace(report, balances=balances), kept, user, path
        self.opened_with, self.owners, self.year = opened and not report.apart, owners, year
        self.chips = kept.said.get("chips", []) if opened else list(chips or ())
        self.freeze, self.as_of, self.region_path = kept.freeze, kept.freeze.as_of, path
        self.unit = kept.unit_of(path)
        self.label = report.label(self.freeze.year)
        self.name = reports.file_name(self.unit, self.label, self.freeze.year, self.as_of)
        self.sha256, self.seen = "", ""
        if report.apart:
            self.rows = kept.index[path][0]
        elif owners is None and year is None and len(path) <= packed.VILLAGE:
            self.rows = packed.counted(kept.index, path, opened=self.opened_with)
        else:
            self.rows = sum(1 for _ in self.entries())

    def entries(self):
        """The kept lines, in order."""
        whole = self.kept.apart
        for one in packed.entries(self.kept.cells_path, self.path, exact=whole):
            if whole or not (
                self.opened_with
                and not one.opened
                or self.owners is not None
                and one.owner not in self.owners
                or self.year is not None
                and one.year != self.year
            ):
                yield one

    def lines(self, *, merge=True):
        """The body as `sheet.Line`s, as the user may see it; `self.seen` is then whose it is."""
        report, sight = self.report, Seen()
        classes = hidden_classes(self.user)
        hidden = [at for at, column in enumerate(report.columns) if column.pii in classes]
        serial = next((at for at, one in enumerate(report.columns) if one.value == reports.SERIAL), None)
        whole, part, number, last, group = reports.Sums(report, "合计"), None, 0, None, None
        for one in self.entries():
            values = one.cells
            if hidden and not one.sum:
                for at in hidden:
                    values[at] = HIDDEN
            if report.apart:
                yield Line(values, sum=one.sum)
                continue
            if one.owner is not None:
                sight.households.add(one.owner)
            if report.group and (part is None or one.group != group):
                if part:
                    yield part.line()
                group, part = one.group, reports.Sums(report, one.group[1])
            fresh = not report.key or one.owner != last
            number, last = number + fresh, one.owner
            if serial is not None:
                values[serial] = number
            for sums in (whole, part) if part else (whole,):
                sums.add(values, fresh)
            yield Line(values, key=one.owner if report.key and merge else None)
        if report.apart:
            self.seen = self.kept.seen if self.path == self.kept.region_path else ""
            return
        if part:
            yield part.line()
        if report.total:
            yield whole.line()
        self.seen = str(sight)

    def kept_rows(self):
        """The rows of a report that draws."""
        sight = Seen()
        for one in self.entries():
            if one.owner is not None:
                sight.households.add(one.owner)
            yield one.row
        self.seen = str(sight)

    def preview(self, report, *, shown=15):
        words = []
        if self.rows <= reports.JUDGED_UP_TO and not report.draw:
            taken = list(reports.judged(self.report, self.lines(), words))[:shown]
        else:
            taken = list(islice(self.lines(), shown))
        return reports.Preview(
            f"{self.unit}{self.label}", sheet.header_rows(reports.columns_of(report)), reports.drawn(report, taken),
            max(0, self.rows - sum(not line.sum for line in taken)), "".join(words),
        )  # fmt: skip

    def notes(self):
        note = self.kept.said.get("note")
        chips = "、".join(words for _, words in self.chips) or "无"
        masked = "　个人信息已脱敏" if self.report.personal else ""
        return [
            f"数据年度：{self.freeze.year}　截至日期：{self.as_of}　范围：{self.unit}　筛选条件：{chips}",
            f"口径：{note}" if note else "",
            f"出自 {self.freeze.unit} {self.freeze.year} 年度快照，{self._at:%Y-%m-%d %H:%M} 由 {self.freeze.by} 冻结{masked}",
        ]

    @property
    def _at(self) -> datetime:
        return timezone.localtime(self.freeze.at)

    def frame(self, notes):
        asked = Asked(self.user, {}, self.freeze.year, self._at.date(), day=self.as_of)
        return reports.frame_of(self.report, asked, self.unit, self.label, notes)

    def write(self, target, *, step=None):
        """Write the workbook to `target`. Returns sheet.Written."""
        notes = self.notes()
        frame = self.frame(notes)
        if self.report.draw:
            written = self.report.draw(frame, self.kept_rows(), target, user=self.user, reveal=False)
        else:
            merge = bool(self.report.key) and self.rows <= reports.MERGED_UP_TO
            body = reports.judged(self.report, self.lines(merge=merge), notes)
            tell = (lambda done: step(done, max(self.rows, done))) if step else None
            written = sheet.write(frame, body, target, step=tell)
        self.sha256 = written.sha256
        return replace(written, seen=self.seen)

    def opened(self):
        """The workbook, as a file."""
        stream = io.BytesIO()
        self.write(stream)
        stream.seek(0)
        return stream
