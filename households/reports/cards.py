"""R03 家庭成员信息表（户卡）: one household on one page of A4, as a form (domain reference 6.2).

The lines under the report's columns are what the preview lists; the file draws each of them as a card.
"""

from collections import defaultdict

import xlsxwriter
from django.core.exceptions import ValidationError

from fupin.accounts.pii import FieldClass, cell, hidden_classes, under_14
from fupin.accounts.roles import Permission as P
from fupin.audit.seen import look
from fupin.excel.reports import Column, Found, Report
from fupin.excel.sheet import HEI, SONG, TITLE, Kind, Written, digest, lines_of
from households import codes
from households.models import Measure, Member, MemberYear, Visit
from households.reports.rows import PLACE, Years, conditions_of, filled, is_past, listed, owners

MOST = 500
"""Households of one file: more would be a book that nobody opens; the village's lists are for that."""

LATEST = 5
"""Measures and visits that fit on a card."""

RELATIONS, SEXES, ETHNICS = dict(codes.Relation.choices), dict(codes.Sex.choices), dict(codes.ETHNIC)
EDUCATIONS, SCHOOLS, LABOURS = (dict(t.choices) for t in (codes.Education, codes.School, codes.Labour))
HEALTHS, AREAS, WAYS = (dict(t.choices) for t in (codes.Health, codes.WorkArea, codes.VisitWay))


def card_source(asked):
    rows, chips = listed(asked)
    count = rows.order_by().count()
    if count > MOST and asked.shared is None:
        raise ValidationError(f"共 {count} 户，户卡一次最多 {MOST} 户，请选到村或组，或在列表页再筛选。")
    note = "户和成员为截至日期当日的情况；其余取数据年度内或之前最近一年。预览列出各户，文件一户一页。"
    return Found(count, lambda size: _cards(rows.order_by(*PLACE), asked, size), chips, note)


def _cards(rows, asked, size):
    years = Years(asked.year)
    for ids, chunk in filled(rows, asked, size):
        people = _people(ids, asked, years)
        homes = conditions_of(years, ids, "house_area", "dangerous", "water_safe", "farmland")
        measures, visits = _measures(ids, asked), _visits(ids, asked)
        for row in chunk:
            key = row["id"]
            held = people[key]
            heads = [one for one in held if one["code"] == codes.Relation.HEAD]
            yield row | {
                "people": held, "home": homes.get(key, (None,) * 4),
                "measures": measures[key][:LATEST], "visits": visits[key][:LATEST],
                "head_number": heads[0]["number"] if heads else "", "head_birth": heads[0]["birth"] if heads else None,
                "health_words": "、".join(
                    sorted({one["health"] for one in held if one["health"]})
                ),
            }  # fmt: skip


def _people(ids, asked, years):
    day = asked.as_of
    members = (
        Member.objects.unscoped("hanging")
        .filter(household__in=ids)
        .exclude(left_on__lte=day)
        .exclude(joined_on__gt=day)
    )
    columns = (
        "pk",
        "household_id",
        "relation",
        "relation_text",
        "name",
        "sex",
        "id_number",
        "id_text",
        "birth",
        "ethnic",
    )
    members = list(members.order_by("household", "order", "pk").values_list(*columns, named=True))
    look(members=[row.pk for row in members])
    facts = years.of(
        MemberYear.objects.unscoped("hanging"), "member", [row.pk for row in members], "education", "school", "health", "labour",
        "work_area", "work_months", "medical_resident", "medical_employee", "pension_resident", "pension_employee",
        "pension_received",
    )  # fmt: skip
    found = defaultdict(list)
    for row in members:
        learned, school, health, labour, area, months, *insured = facts.get(
            row.pk, ("", "", "", "", "", None, *[None] * 5)
        )
        found[row.household_id].append({
            "code": row.relation, "name": row.name, "relation": RELATIONS.get(row.relation) or row.relation_text,
            "sex": SEXES.get(row.sex, ""), "number": row.id_number or row.id_text, "birth": row.birth, "ethnic": ETHNICS.get(row.ethnic, ""),
            "education": EDUCATIONS.get(learned, ""), "school": SCHOOLS.get(school, ""),
            "health": "、".join(HEALTHS[code] for code in health.split(",") if code in HEALTHS),
            "labour": LABOURS.get(labour, ""), "work": f"{AREAS.get(area, '')}{f' {months}个月' if months else ''}",
            "medical": _yes(insured[:2]), "pension": _yes(insured[2:]),
        })  # fmt: skip
    return found


def _yes(values):
    return "是" if any(values) else "" if all(value is None for value in values) else "否"


def _measures(ids, asked):
    found = defaultdict(list)
    rows = Measure.objects.unscoped("hanging").filter(household__in=ids).order_by("-starts_on", "-pk")
    for household, what, start, target, done in rows.values_list(
        "household", "what", "starts_on", "target_text", "done_on"
    ):
        if not is_past(asked) or start is None or start <= asked.as_of:
            found[household].append(
                (
                    what,
                    str(start or ""),
                    target,
                    f"已完成 {done}" if done and done <= asked.as_of else "进行中",
                )
            )
    return found


def _visits(ids, asked):
    found = defaultdict(list)
    rows = (
        Visit.objects.unscoped("hanging")
        .filter(household__in=ids, cancelled_reason="", on__lte=asked.as_of)
        .order_by("-on", "-pk")
    )
    for household, day, way, unit, content in rows.values_list(
        "household", "on", "way", "visitor_unit", "content"
    ):
        if len(found[household]) < LATEST:
            found[household].append((str(day), WAYS.get(way, ""), unit, content[:60]))
    return found


# Drawing

WIDTHS = (5, 9, 9, 5, 20, 8, 10, 10, 11, 10, 11, 6, 6)
HEADS = (
    "序号",
    "姓名",
    "与户主关系",
    "性别",
    "证件号码",
    "民族",
    "文化程度",
    "在校状况",
    "健康状况",
    "劳动技能",
    "务工",
    "医保",
    "养老",
)
PEOPLE = (
    "name",
    "relation",
    "sex",
    "number",
    "ethnic",
    "education",
    "school",
    "health",
    "labour",
    "work",
    "medical",
    "pension",
)
LAST = len(WIDTHS) - 1
ROWS = 10
"""Member rows of a card at least, so that every card looks alike."""


def draw(frame, rows, target, *, user, reveal):
    """Write the cards to `target`; `frame` is the Sheet with title, notes and footer. Returns Written."""
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    book.set_properties({"title": frame.title, "author": "帮扶通", "comments": "由帮扶通生成"})
    page = _Page(book, frame, reveal, hidden_classes(user))
    count = sum(page.card(row) for row in rows)
    page.finish()
    book.close()
    return Written(count, *digest(target))


class _Page:
    """The one sheet, a card below the other, each on a page of its own."""

    def __init__(self, book, frame, reveal, hidden):
        self.frame, self.reveal, self.hidden, self.row, self.breaks = frame, reveal, hidden, 0, []
        self.lines = 1
        """Lines that the longest text of the row takes."""
        self.page = book.add_worksheet(frame.name[:31])
        text = {
            "font_name": SONG,
            "font_size": 10,
            "valign": "vcenter",
            "num_format": "@",
            "quote_prefix": True,
            "text_wrap": True,
        }
        self.title = book.add_format(
            text | {"font_name": TITLE, "font_size": 18, "bold": True, "align": "center"}
        )
        self.line = book.add_format(text)
        self.head = book.add_format(text | {"font_name": HEI, "align": "center", "border": 1})
        self.text = book.add_format(text | {"align": "left", "border": 1})
        self.code = book.add_format(text | {"align": "center", "border": 1})
        self.page.set_portrait()
        self.page.set_paper(9)
        self.page.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
        self.page.fit_to_pages(1, 0)
        self.page.hide_gridlines(2)
        footer = f"&L{frame.footer.replace('&', '&&')[:120]}" if frame.footer else ""
        self.page.set_footer(f"{footer}&C第 &P 页 共 &N 页")
        for at, width in enumerate(WIDTHS):
            self.page.set_column(at, at, width)

    def _put(self, first, last, text, style):
        text = "" if text is None else str(text)
        self.lines = max(self.lines, lines_of(text, 0.95 * sum(WIDTHS[first : last + 1])))
        if first == last:
            self.page.write_string(self.row, first, text, style)
        else:
            self.page.merge_range(self.row, first, self.row, last, "", style)
            self.page.write_string(self.row, first, text, style)

    def _next(self, high=24):
        """End the row: as high as its longest text, and `high` at least."""
        self.page.set_row(self.row, max(high, 14 * self.lines + 4))
        self.row, self.lines = self.row + 1, 1

    def _mask(self, kind, text, born=None):
        return cell(kind, text, hidden=self.hidden, reveal=self.reveal, child=under_14(born))

    def _pairs(self, *pairs):
        """One row of `(label, value)`, spread over the thirteen columns: three pairs."""
        spans = ((0, 1, 2, 4), (5, 6, 7, 8), (9, 9, 10, 12))
        for (label, value), (a, b, c, d) in zip(pairs, spans):
            self._put(a, b, label, self.head)
            self._put(c, d, value, self.text)
        self._next()

    def _block(self, title, heads, spans, lines):
        self._put(0, LAST, title, self.head)
        self._next()
        for text, (first, last) in zip(heads, spans):
            self._put(first, last, text, self.head)
        self._next()
        blank = [("",) * len(heads)] * (3 - len(lines))  # room for the hand
        for line in [*lines, *blank]:
            for text, (first, last) in zip(line, spans):
                self._put(first, last, text, self.text)
            self._next()

    def card(self, row):
        self._put(0, LAST, "家庭成员信息表（户卡）", self.title)
        self._next(30)
        self._put(0, 7, self.frame.left, self.line)
        self._put(8, LAST, self.frame.centre, self.line)
        self._next()
        self._pairs(
            ("户编号", row["number"]),
            ("户主", row["head_name"]),
            ("联系电话", self._mask(FieldClass.PHONE, row["phone"])),
        )
        place = " ".join(part for part in (row["town"], row["village"], row["group"]) if part)
        self._pairs(("村组", place), ("户类型", row["kind"]), ("家庭人口", row["size"]))
        self._pairs(
            ("主要致贫原因", row["cause"]),
            ("计划时限", row["target_text"]),
            ("责任人", f"{row['helper__name'] or ''} {row['helper__unit'] or ''}".strip()),
        )
        area, dangerous, water, farmland = row["home"]
        house = f"{'' if area is None else f'{area}㎡'}{'，危房' if dangerous else ''}"
        safe = {True: "安全", False: "不安全"}.get(water, "")
        self._pairs(("住房", house), ("饮水", safe), ("耕地", "" if farmland is None else f"{farmland}亩"))
        self._members(row["people"])
        self._money(row)
        self._block(
            "帮扶措施",
            ("措施", "开始", "时限", "进度"),
            ((0, 5), (6, 7), (8, 9), (10, LAST)),
            row["measures"],
        )
        self._block(
            "走访", ("日期", "方式", "走访单位", "内容"), ((0, 1), (2, 2), (3, 4), (5, LAST)), row["visits"]
        )
        self._put(0, 4, "户主签字：", self.line)
        self._put(5, 8, "采集人：", self.line)
        self._put(9, LAST, "日期：", self.line)
        self._next(40)
        self.breaks.append(self.row)
        return 1

    def _members(self, people):
        for at, text in enumerate(HEADS):
            self._put(at, at, text, self.head)
        self._next(28)
        for n in range(max(ROWS, len(people))):
            one = people[n] if n < len(people) else {}
            self._put(0, 0, n + 1 if one else "", self.code)
            for at, key in enumerate(PEOPLE, 1):
                kind = {"number": FieldClass.ID_NUMBER, "health": FieldClass.HEALTH}.get(key)
                text = one.get(key, "")
                masked = self._mask(kind, text, one["birth"]) if kind and one else text
                self._put(at, at, masked, self.code)
            self._next()

    def _money(self, row):
        *parts, year = row["money"]
        titles = ("工资性收入", "生产经营性收入", "财产性收入", "转移性收入", "生产经营性支出", "人均纯收入")
        words = ["" if part is None else f"{part:,.2f}" for part in (*parts, row["per_capita"])]
        self._put(0, LAST, f"收入（{f'{year}年，' if year else ''}元）", self.head)
        self._next()
        for start in (0, 3):
            self._pairs(*zip(titles[start : start + 3], words[start : start + 3]))

    def finish(self):
        self.page.set_h_pagebreaks(self.breaks[:-1])
        if not self.breaks:
            self._put(0, LAST, "家庭成员信息表（户卡）", self.title)
            self._next(30)
            self._put(0, LAST, "没有符合条件的户。", self.line)
            self._next()
        for text in self.frame.notes:
            if text:
                self._put(0, LAST, text, self.line)
                self._next(28)


def kept_row(row):
    """The row with the phone, and the numbers and health of its people, masked: what a frozen year keeps."""
    people = [
        one | {
            "number": cell(FieldClass.ID_NUMBER, one["number"], child=under_14(one["birth"])),
            "health": cell(FieldClass.HEALTH, one["health"]),
        }
        for one in row["people"]
    ]  # fmt: skip
    return {name: row[name] for name in DRAWN} | {
        "phone": cell(FieldClass.PHONE, row["phone"]), "people": people
    }  # fmt: skip


DRAWN = ("number", "head_name", "phone", "town", "village", "group", "kind", "size", "cause", "target_text", "helper__name",
         "helper__unit", "home", "people", "money", "per_capita", "measures", "visits")  # fmt: skip
"""What a card shows."""


def entry(row):
    """What the household's own file is called: 组-户类型-户主-人数-村, as villages file their 户档."""
    return {
        "组": row["group"] or "未分组", "户类型": row["kind"], "户主": row["head_name"], "人数": row["size"], "村": row["village"],
    }  # fmt: skip


CARDS = Report(
    name="R03",
    label=lambda year: "家庭成员信息表（户卡）",
    about="一户一页：户、成员、收入、措施、走访和签字，按需打印",
    section="台账名册",
    permissions=(P.HOUSEHOLD_VIEW,),
    source=card_source,
    start="figure=assisted",
    owners=owners,
    list_page="household_list",
    draw=draw,
    kept_row=kept_row,
    entry=entry,
    label_at=0,
    columns=(
        Column("户编号", "number", Kind.CODE, 18),
        Column("户主", "head_name", Kind.CODE, 9),
        Column("村", "village", width=12),
        Column("组", "group", Kind.CODE, 7),
        Column("人口", "size", Kind.COUNT, 6),
        Column("户类型", "kind", width=14),
        Column("证件号码", "head_number", Kind.CODE, 20, pii=FieldClass.ID_NUMBER, born="head_birth"),
        Column("联系电话", "phone", Kind.CODE, 13, pii=FieldClass.PHONE),
        Column("健康状况", "health_words", Kind.CODE, 10, pii=FieldClass.HEALTH),
        Column("措施数", lambda row: len(row["measures"]), Kind.COUNT, 6),
        Column("走访数", lambda row: len(row["visits"]), Kind.COUNT, 6),
    ),
)

REPORTS = [CARDS]
