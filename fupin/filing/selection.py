"""Part of a kept report: the lines of a smaller place, or of the rows that meet a condition, with sums made anew.

What comes out is the report as it was kept, never the register of today: cells are read back from their text."""

import io
from datetime import date
from decimal import Decimal

from fupin.excel import reports, sheet
from fupin.excel.sheet import Kind, Line
from fupin.filing import copies

WHOLE = {Kind.COUNT, Kind.ORDER}


def value_of(text, kind):
    """The cell behind a text of `reports.text_of`."""
    if not text:
        return None
    if kind.is_text:
        return text
    plain = text.replace(",", "")
    try:
        if kind is Kind.RATE:
            return Decimal(plain.removesuffix("%")) / 100
        if kind is Kind.DATE:
            return date.fromisoformat(text)
        return int(plain) if kind in WHOLE else Decimal(plain)
    except (ValueError, ArithmeticError):
        return text  # — and the like


class Selection:
    """Stands for a FrozenReport where one is shown: `kept` narrowed to `path` and, unless None, to `owners` (keys)."""

    def __init__(self, report, kept, asked, path, owners=None, chips=()):
        self.report, self.kept, self.asked = report, kept, asked
        self.path, self.owners, self.chips = path, owners, list(chips)
        self.freeze, self.as_of, self.seen, self.region_path = kept.freeze, kept.as_of, kept.seen, path
        self.unit = kept.unit_of(path)
        self.name = reports.file_name(self.unit, report.label(kept.as_of.year), kept.as_of.year, kept.as_of)
        self.rows = sum(not line.sum for line in self.lines())
        self.sha256 = ""

    def lines(self):
        """The body as `sheet.Line`s."""
        report = self.report
        kinds = [column.kind for column in report.columns]
        serial = next((at for at, one in enumerate(report.columns) if one.value == reports.SERIAL), None)
        whole, part, number, last = reports.Sums(report, "合计"), None, 0, None
        _, rows = copies.lines(self.kept.cells_path)
        for is_sum, texts, *place in rows:
            if is_sum:
                if part:
                    part.label = texts[report.label_at]
                    yield part.line()
                part = None
                continue
            at, owner = place or ("", None)
            if not at.startswith(self.path) or self.owners is not None and owner not in self.owners:
                continue
            values = [value_of(text, kind) for text, kind in zip(texts, kinds)]
            fresh = not report.key or owner != last
            number, last = number + fresh, owner
            if serial is not None:
                values[serial] = number
            part = part or (reports.Sums(report, "") if report.group else None)
            for sums in filter(None, (whole, part)):
                sums.add(values, fresh)
            yield Line(values, key=owner if report.key else None)
        if report.total:
            yield whole.line()

    def preview(self, report, *, shown=15):
        taken = []
        for line in self.lines():
            taken.append(line)
            if len(taken) == shown:
                break
        return reports.Preview(
            f"{self.unit}{report.label(self.as_of.year)}", sheet.header_rows(reports.columns_of(report)),
            reports.drawn(report, taken), max(0, self.rows - sum(not line.sum for line in taken)),
        )  # fmt: skip

    def opened(self):
        """The workbook, as a file."""
        words = "、".join(words for _, words in self.chips) or "无"
        notes = [
            f"数据年度：{self.as_of.year}　截至日期：{self.as_of}　范围：{self.unit}　筛选条件：{words}",
            f"出自 {self.freeze.unit} {self.freeze.year} 年度快照，按当时存档的行筛选，合计重新相加　个人信息已脱敏",
        ]
        frame = reports.frame_of(
            self.report, self.asked, self.unit, self.report.label(self.as_of.year), notes
        )
        stream = io.BytesIO()
        self.sha256 = sheet.write(frame, self.lines(), stream).sha256
        stream.seek(0)
        return stream
