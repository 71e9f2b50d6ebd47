"""Many files in one zip: every report of a place, and one workbook a household with an index that links to each."""

import io
import re
import secrets
import zipfile
from contextlib import closing
from dataclasses import dataclass, replace

import xlsxwriter
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone

from fupin.audit import seen
from fupin.audit.record import record
from fupin.excel import reports
from fupin.excel.sheet import lines_of

INDEX = "00-目录.xlsx"
FORBIDDEN = re.compile(r'[\\/:*?"<>|#%\x00-\x1f]')
"""What a file name may not hold on Windows, or a link inside a workbook."""
LONGEST = 80
"""Characters of a name inside the zip: with its folder it must stay below what Windows opens."""


@dataclass(frozen=True)
class Made:
    """What went into a zip: how many files, how many rows, and which reports could not be made `[(title, why)]`."""

    name: str
    files: int
    rows: int
    left: tuple = ()


def plain(name):
    """A name that every system takes as a file's name."""
    return FORBIDDEN.sub(" ", name).strip(" .")[:LONGEST] or "未命名"


class Names:
    """Names that do not occur twice: the second 张三 gets -2."""

    def __init__(self):
        self.taken = {}

    def of(self, name):
        count = self.taken[name] = self.taken.get(name, 0) + 1
        return f"{name}-{count}" if count > 1 else name


def write_reports(user, region, year, target, *, step=None):
    """Every report of the catalogue that is a table and open to `user`, of one place and year, masked."""
    every = [each for _, section in reports.reports_for(user) for each in section]
    wanted = [each for each in every if not each.draw]
    today, names, rows, left = timezone.localdate(), Names(), 0, []
    cards = [
        f"{each.name} {each.label(year)}：一户一页，不在全套里，请打开这张表选到村打包户档。"
        for each in every
        if each.draw
    ]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as book:  # workbooks are packed already
        for done, report in enumerate(wanted):
            if step:
                step(done, len(wanted))
            asked = reports.Asked(
                user, QueryDict(f"{report.start}&region={region.path}&year={year}"), year, today
            )
            if kept := reports.kept_copy(report, asked, region):  # of a year that is frozen
                with reports.handed_out(report, kept, by=user) as file:
                    book.writestr(f"{names.of(plain(f'{report.name}-{kept.name[:-5]}'))}.xlsx", file.read())
                rows += kept.rows
                continue
            stream = io.BytesIO()
            try:
                name, written = reports.make(report, asked, stream)
            except ValidationError as error:
                left.append((report.label(year), "；".join(error.messages)))
                continue
            rows += written.rows
            book.writestr(f"{names.of(plain(f'{report.name}-{name[:-5]}'))}.xlsx", stream.getvalue())
        if left or cards:
            book.writestr(
                "没有生成的报表.txt", "\r\n".join([*(f"{title}：{why}" for title, why in left), *cards])
            )
    unit = reports.unit_name(region)
    return Made(f"{unit}_全套报表_{year}_{today:%Y%m%d}.zip", len(wanted) - len(left), rows, tuple(left))


def write_files(report, asked, target, *, purpose="", step=None):
    """One workbook for each row of `report` (it draws and names them: `Report.entry`), and an index with totals.

    What a file inside is called may name a person; the zip itself does not.
    """
    region = reports.region_of(asked)
    unit, label = reports.unit_name(region), report.label(asked.year)
    export = f"E{timezone.localdate():%Y%m%d}-{secrets.token_hex(4).upper()}"
    lines, names = [], Names()
    with seen.watching() as sight:
        if kept := reports.kept_copy(report, asked, region):  # of a year that is frozen
            count, notes, made = kept.rows, [*kept.notes(), f"导出编号：{export}"], kept.kept_rows()
            frame, unit = kept.frame(notes), kept.unit
        else:
            found = report.source(asked)
            count, made = found.count, found.rows(500)
            notes = [*reports.notes_of(report, asked, found, unit, purpose), f"导出编号：{export}"]
            frame = reports.frame_of(report, asked, unit, label, notes)
        with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as book, closing(made) as rows:
            for row in rows:
                if step and len(lines) % 20 == 0:
                    step(len(lines), count)
                parts = report.entry(row)
                name = f"{names.of(plain('-'.join(str(part) for part in parts.values())))}.xlsx"
                stream = io.BytesIO()
                report.draw(
                    replace(frame, notes=list(notes)), [row], stream, user=asked.user, reveal=asked.reveal
                )
                book.writestr(name, stream.getvalue())
                lines.append((parts, row["number"], name))
            book.writestr(INDEX, _index(f"{unit}{label}目录", lines, notes))
    record(
        "report.export", f"report:{report.name}", by=asked.user, region_path=region.path if region else "", seen=kept.seen if kept else str(sight),
        export=export, title=f"{unit}{label}（一户一个文件）", year=asked.year, filter=reports.for_the_trail(asked.query),
        rows=len(lines), whole=report.personal if asked.reveal else [], purpose=purpose,
    )  # fmt: skip
    return Made(f"{unit}_{label}_{asked.year}_{asked.as_of:%Y%m%d}.zip", len(lines), len(lines))


INDEX_WIDTHS = {"序号": 7, "组": 10, "户类型": 22, "人数": 8, "户编号": 22, "文件": 60}


def _index(title, lines, notes):
    """The workbook that lists the files: a link to each, and how many households and people there are."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(
        stream, {"in_memory": True, "strings_to_urls": False, "strings_to_formulas": False}
    )
    page = book.add_worksheet("目录")
    head = book.add_format({"bold": True, "border": 1, "align": "center", "font_name": "黑体"})
    body = {
        "border": 1,
        "font_name": "宋体",
        "valign": "vcenter",
        "text_wrap": True,
    }  # rows grow with long names
    cell = book.add_format(body)
    count = book.add_format(body | {"align": "center"})
    link = book.add_format(body | {"font_color": "blue", "underline": 1})
    total = book.add_format({"border": 1, "bold": True, "font_name": "宋体"})
    headers = ["序号", *(lines[0][0] if lines else ("组", "户类型", "户主", "人数", "村")), "户编号", "文件"]
    last = len(headers) - 1
    page.merge_range(
        0, 0, 0, last, title, book.add_format({"bold": True, "font_size": 16, "align": "center"})
    )
    widths = [INDEX_WIDTHS.get(text, 14) for text in headers]
    for at, text in enumerate(headers):
        page.write_string(1, at, text, head)
        page.set_column(at, at, widths[at])
    people = 0
    for at, (parts, number, name) in enumerate(lines, 2):
        page.write_number(at, 0, at - 1, count)
        texts = zip(["", *map(str, parts.values()), number, name], widths)
        page.set_row(at, 3 + 14 * max(lines_of(text, 0.9 * width) for text, width in texts))
        for column, value in enumerate(parts.values(), 1):
            if isinstance(value, int):
                page.write_number(at, column, value, count)
            else:
                page.write_string(at, column, value, cell)
        people += next((value for value in parts.values() if isinstance(value, int)), 0)
        page.write_string(at, last - 1, number, cell)
        page.write_url(at, last, f"external:{name}", link, name)
    row = len(lines) + 2
    for at in range(len(headers)):
        page.write_blank(row, at, None, total)
    page.write_string(row, 1, f"合计 {len(lines)} 户", total)
    page.write_number(row, 1 + list(headers[1:]).index("人数"), people, total)
    for at, text in enumerate(notes, row + 1):
        page.write_string(at, 0, text)
    page.freeze_panes(2, 0)
    page.repeat_rows(0, 1)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.set_footer("&C第 &P 页 共 &N 页")
    book.close()
    return stream.getvalue()
