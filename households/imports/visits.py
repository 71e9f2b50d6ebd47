"""Importing a ledger of visits: one row a visit."""

import re
import uuid
from dataclasses import dataclass, field, replace
from datetime import date

from fupin.accounts.roles import Permission
from fupin.audit.record import bulk
from fupin.bulk import insert_rows, take_keys
from fupin.excel import cleaning, versions
from fupin.excel.changes import NEW, SAME, Value
from fupin.excel.cleaning import Unreadable, compact, text
from fupin.excel.imports import Field, Import, Rows, described
from fupin.excel.ledger import LedgerPlan, plain_sum, told
from fupin.excel.places import PLACE
from fupin.excel.wording import differences, wording
from households import codes, kept
from households.imports import visit_days, visit_months
from households.imports.columns import amount, flag, table
from households.imports.known import (
    CHUNK,
    HEAD_ID,
    HouseholdRecord,
    Officials,
    find_households,
    recount_visits,
    said_once,
)
from households.models import FollowUp, Helper, Visit

FIELDS = (
    *PLACE,
    Field("date", "走访日期", ("走访时间", "日期", "入户时间", "入户日期", "走访年月日")),
    Field("hh_no", "户编号", ("户号", "农户编号", "贫困户编号", "编号", "走访户编号", "被走访户编号", "脱贫户编号")),
    replace(HEAD_ID, headers=(*HEAD_ID.headers, "对象身份证号", "走访对象身份证号", "走访对象身份证号码", "走访对象证件号码", "农户身份证号", "贫困户身份证号", "被走访户身份证号", "被走访人身份证号", "脱贫户身份证号", "证件号码", "身份证号", "身份证号码", "公民身份号码")),
    Field("head_name", "户主姓名", ("户主", "贫困户", "走访对象", "贫困户姓名", "被走访户", "被走访户主", "被走访户户主", "走访户", "走访户主", "走访农户", "被走访人", "被走访农户", "走访对象姓名", "农户姓名", "帮扶对象", "脱贫户", "脱贫户姓名")),
    Field("visitor", "走访人", ("走访干部", "帮扶责任人", "帮扶干部", "走访人员", "入户人员", "责任人", "走访人员签名", "走访人签名", "走访人签字", "走访人员签字", "走访干部签名", "走访人姓名", "走访人员姓名", "走访干部姓名", "入户干部", "帮扶干部姓名", "帮扶责任人姓名", "帮扶人", "帮扶人姓名", "帮扶联系人", "包户干部", "包保干部", "入户人", "入户走访人", "干部姓名", "走访干部签字", "入户走访人员", "入户干部姓名", "走访责任人", "走访队员", "驻村队员")),
    Field("unit", "走访人单位", ("单位", "帮扶单位", "所在单位", "工作单位", "单位及职务", "工作单位及职务", "单位职务", "走访人单位及职务", "帮扶单位及职务")),
    Field("way", "走访方式", ("方式", "走访形式"), table(codes.VisitWay)),
    Field("content", "走访内容", ("内容", "主要内容", "走访情况", "开展工作", "工作内容", "走访内容及成效", "走访主要内容", "走访工作内容", "走访记录", "开展工作情况", "走访事项", "入户内容", "走访内容记录", "谈话内容", "帮扶工作内容", "事项", "走访主题", "工作开展情况")),
    Field("problem", "发现的问题", ("发现问题", "存在问题", "问题", "存在的问题", "困难诉求", "农户诉求", "群众诉求", "诉求", "反映问题", "群众反映问题", "存在困难", "存在的困难", "困难问题")),
    Field("measure", "处理措施", ("解决措施", "处理意见", "措施", "处理情况", "整改措施", "处理结果", "解决办法", "办理情况", "采取措施", "帮扶措施", "解决方式", "处置措施", "处理方式", "落实措施", "办理结果", "处置情况", "处置结果")),
    Field("solved", "是否解决", ("解决情况", "问题是否解决", "是否已解决", "是否办结", "办结情况", "是否整改", "整改情况", "是否完成整改"), flag),
    Field("money", "慰问金额", ("慰问金", "慰问金额(元)", "金额"), amount),
    Field("goods", "慰问物品", ("慰问品", "物品")),
    versions.FIELD,
)  # fmt: skip
FIELDS = described(FIELDS, {
    "date": ("2026-05-12", "到日。"), "hh_no": ("51332700012", "已建档的户编号。"), "head_name": ("扎西", "只供核对。"), "visitor": ("李明", "几个人用顿号隔开。"),
    "unit": "县农业农村局", "way": "入户", "content": "了解住院报销情况", "problem": ("缺冬菜种子", "没有的留空。"), "measure": "联系农技站",
    "solved": "否", "money": ("500", "元。"), "goods": "大米两袋",
})  # fmt: skip
_SPAN = re.compile(
    r"((?:\d{4}[./年-])?\d{1,2}[./月-]\d{1,2}日?)(?:至|到|~|～|—|-{1,2}|、)(?:\d{4}[./年-])?(?:\d{1,2}[./月-])?\d{1,2}日?"
)
"""Some days in a row: 2020.5.12-13, 5月12日至5月13日. What may be one date (2020-5-12) is none."""
_DASHED = re.compile(r"\d\d-\d{1,2}-\d{1,2}")
"""25-3-5 is one day, not the fifth to the twenty-fifth of some month."""
_HALF_DAY = re.compile(r"(?<=[日\d\s])(?:上午|下午|晚上|早上|中午|全天)$")
_WITHIN = re.compile(r"(?:(20\d\d)年)?(\d{1,2})(月|季度)内")
"""A visit of which a file tells no more than the month (see `visit_months`)."""
_SHORT = re.compile(r"(\d{1,2})[./-](\d{1,2})")
COLUMNS = (
    "uid", "household", "region_path", "on", "visitor_text", "visitor_unit", "way", "content", "problem", "handling",
    "solved", "gift_money", "gift_goods", "id",
)  # fmt: skip
TRAIL = ("on", "visitor_text", "visitor_unit", "way", "solved", "gift_money", "gift_goods")
"""What the event of a visit repeats; of what was talked about it says how long it is."""
FOLLOW_UP = ("visit", "household", "region_path", "what", "helper")
"""A problem that a ledger calls unsolved (是否解决：否) becomes a follow-up, without a date: the file names none."""


@dataclass(slots=True, kw_only=True)
class VisitRow(HouseholdRecord):
    on: date | None = None
    visitor: str = ""
    unit: str = ""
    way: str = "1"
    content: str = ""
    problem: str = ""
    measure: str = ""
    solved: bool | None = None
    money: object = None
    goods: str = ""
    helpers: list = field(default_factory=list)

    @property
    def same(self):
        """What makes two rows one visit."""
        return (self.number or self.person or self.named, self.on, self.visitor, self.content)

    def entered(self):
        """The `Value`s of the visit that it makes."""
        new = (self.on, self.visitor, self.unit, self.way, self.solved, self.money, self.goods)
        texts = (("content", self.content), ("problem", self.problem), ("handling", self.measure))
        return differences(Visit, self.row, TRAIL, None, new) + [
            Value(self.row, wording(Visit).label(name), "", f"（{len(word)} 字）")
            for name, word in texts
            if word
        ]


class VisitPlan(LedgerPlan):
    fields = FIELDS
    in_parts = True

    def __init__(self, tables, setting):
        self._seen = {}
        super().__init__(tables, setting)
        for sheet in tables:
            for code, name, value, detail, row in sheet.findings:
                Rows(sheet, FIELDS, self.issues).issue(code, row, name, value, detail=detail)

    def read_row(self, rows, number, cells):
        row = VisitRow.at(rows, number, cells, self.setting.as_of)
        who = {"household": row.number}
        row.visitor, row.unit = rows.word("visitor", cells)[:80], rows.word("unit", cells)[:80]
        row.content = rows.word("content", cells)
        row.problem, row.measure = nothing(rows.word("problem", cells)), nothing(rows.word("measure", cells))
        row.goods = rows.word("goods", cells)[:80]
        row.way = rows.valued("way", number, cells, **who) or "1"
        row.solved = rows.valued("solved", number, cells, **who)
        row.money = rows.valued("money", number, cells, **who)
        self._date(row, cells)
        if not row.visitor:
            row.refuse("visitor_missing", "visitor", **who)
        self.read_stamp(row, cells, row.number)
        self._twice(row)
        return row

    def _date(self, row, cells):
        raw = whole = row.rows.cell("date", cells)
        if raw.__class__ is str and (within := _WITHIN.fullmatch(compact(raw))):
            self._within(row, within, raw)
            return
        if raw.__class__ is str:
            bare = compact(_HALF_DAY.sub("", text(raw)))
            span = None if _DASHED.fullmatch(bare) else _SPAN.fullmatch(bare)
            raw = span[1] if span else _HALF_DAY.sub("", text(raw))
        try:
            found = self._short(raw) or cleaning.day(raw, row.rows.table.epoch, self.setting.year)
            if whole != raw and span and found:
                row.warn("visit_date_span", "date", text(whole), household=row.number)
        except Unreadable:
            found = ()
        if found and found[1] == "day":
            row.on = found[0]
            if row.on > self.setting.as_of:
                row.refuse("visit_date_future", "date", row.on, household=row.number)
            return
        code = "visit_date_missing" if found is None else "visit_date_unreadable"
        row.refuse(code, "date", text(raw), household=row.number)

    def _within(self, row, said, raw):
        """The first day of the month or quarter that the file names, and a word about it."""
        year = int(said[1]) if said[1] else self.setting.year
        month = int(said[2]) if said[3] == "月" else int(said[2]) * 3 - 2
        if year is None or not 1 <= month <= 12:
            row.refuse("visit_date_unreadable", "date", raw, household=row.number)
            return
        row.on = date(year, month, 1)
        if row.on > self.setting.as_of:
            row.refuse("visit_date_future", "date", raw, household=row.number)
            return
        row.warn(
            "visit_day_missing",
            "date",
            raw,
            household=row.number,
            detail=f"按 {row.on:%Y-%m-%d} 记入；知道哪天的请改成那一天",
        )

    def _short(self, raw):
        """5.12 and 5/12 are the twelfth of May of the year of the file; the figure 5.1 may have been 5.10."""
        found = _SHORT.fullmatch(compact(text(raw)))
        if not found or self.setting.year is None or (raw.__class__ is float and found[2] in ("1", "2", "3")):
            return None
        try:
            return date(self.setting.year, int(found[1]), int(found[2])), "day"
        except ValueError:
            return None

    def _twice(self, row):
        if row.bad:
            return
        before = self._seen.setdefault(row.same, row)
        if before is not row:
            row.refuse("duplicate_visit", related_row=before.row, household=row.number)

    # With the database

    def resolve(self, by):
        find_households(self.records, by, within=self.setting.region_path)
        self._twice_after_all()
        good = [row for row in self.records if not row.bad]
        stored, stamped = self._stored(good)
        self.known = {id(row) for row in good if (row.household[0], *row.same[1:]) in stored}
        for row in good:
            if row.stamp in stamped:
                self._unchanged(row, stamped[row.stamp])
        said_once(self)

    def _unchanged(self, row, stored):
        """A visit is never edited, on its page neither: a row that came from one and says something else is told."""
        said = dict(zip(TOLD, (row.on, row.visitor, row.content, row.way, row.problem, row.measure, row.solved, row.money, row.goods)))  # fmt: skip
        moved = [name for name, value in said.items() if value not in (None, "", stored[name])]
        if not moved:
            return
        labels = "、".join(self.label_of[name] for name in moved)
        detail = f"{labels}与登记的不同；走访登记后不能改，要改请先在系统里作废，再登记新的"
        if id(row) in self.known:
            row.warn("visit_kept", moved[0], household=row.number, detail=detail)
        else:
            row.refuse("visit_differs", moved[0], household=row.number, detail=detail)

    label_of = {item.name: item.label for item in FIELDS}

    def _twice_after_all(self):
        """The same visit once under the household's number, once under its head's ID number."""
        seen = {}
        for row in self.records:
            if row.bad:
                continue
            before = seen.setdefault((row.household[0], *row.same[1:]), row)
            if before is not row:
                row.refuse("duplicate_visit", related_row=before.row, household=row.number)

    def _stored(self, rows):
        """What these households have already: `{(household, day, visitor, content)}`, and `{stamp: values by TOLD}` of
        those that some row came from. A visit written down here names its visitors by their rows."""
        keys = sorted({row.household[0] for row in rows})
        found, stamps, stamped = set(), {row.stamp for row in rows if row.stamp}, {}
        for start in range(0, len(keys), CHUNK):
            visits = Visit.objects.filter(household__in=keys[start : start + CHUNK], cancelled_reason="")
            names = visitors_of(visits.filter(visitor_text=""))
            for key, uid, household, on, visitor, content, *rest in visits.order_by().values_list(
                "pk", "uid", "household", "on", "visitor_text", "content", "way", "problem", "handling", "solved",
                "gift_money", "gift_goods",
            ):  # fmt: skip
                visitor = visitor or names.get(key, ("", ""))[0]
                found.add((household, on, visitor, content))
                if (stamp := stamp_of(uid)) in stamps:
                    stamped[stamp] = dict(zip(TOLD, (on, visitor, content, *rest)))
        return found, stamped

    def write(self, by, batch):
        fresh = [row for row in self.kept if id(row) not in self.known]
        for row in self.kept:
            row.state = SAME if id(row) in self.known else NEW
        self._find_helpers(fresh)
        made, helpers, events, follow_ups = [], [], [], []
        for row, key in zip(fresh, take_keys(Visit, len(fresh))):
            household, path = row.household
            made.append((
                uuid.uuid4(), household, path, row.on, row.visitor, row.unit, row.way, row.content, row.problem,
                row.measure, row.solved, row.money, row.goods, key,
            ))  # fmt: skip
            helpers += [(key, helper) for helper in row.helpers]
            if row.solved is False and row.problem:
                follow_ups.append((key, household, path, row.problem[:300], next(iter(row.helpers), None)))
            said = {"batch": batch, "household": household, "on": str(row.on)} | told(row.entered())
            events.append((f"households.visit:{key}", path, said))
        insert_rows(
            Visit, COLUMNS, made, constants={"by": by.pk, "source": Visit.Source.IMPORT, "counts": False}
        )
        insert_rows(Visit.helpers.through, ("visit", "helper"), helpers)
        insert_rows(FollowUp, FOLLOW_UP, follow_ups, constants={"by": by.pk})
        bulk("visit.import", events, by=by)
        touched = {row.household[0] for row in fresh}
        recount_visits(touched)
        kept.refresh(touched, names=False)
        return {
            "rows_new": len(fresh), "rows_same": len(self.kept) - len(fresh), "follow_ups_new": len(follow_ups),
        }  # fmt: skip

    def _find_helpers(self, rows):
        officials = Officials(name for row in rows for name in names_in(row.visitor))
        for row in rows:
            row.helpers = [officials.find(name, row.unit) for name in names_in(row.visitor)]
        keys = officials.write()
        for row in rows:
            row.helpers = list(dict.fromkeys(keys.get(helper, helper) for helper in row.helpers))

    # Figures

    def summary(self):
        rows = self.kept
        months = {}
        for row in sorted(rows, key=lambda row: row.on):
            months[f"{row.on:%Y-%m}"] = months.get(f"{row.on:%Y-%m}", 0) + 1
        return {
            "rows": len(rows),
            "households_visited": len({row.number or row.person or row.named for row in rows}),
            "visitors": len({(name, row.unit) for row in rows for name in names_in(row.visitor)}),
            "sum_money": plain_sum(row.money for row in rows),
            "unsolved": sum(1 for row in rows if row.solved is False),
            "by_month": months,
        }


TOLD = ("date", "visitor", "content", "way", "problem", "measure", "solved", "money", "goods")


def stamp_of(uid):
    """What names a visit in the ledger that was exported."""
    return uid.hex[: versions.DIGITS]


def visitors_of(visits):
    """`{visit: (names, unit)}` of those who paid these visits, as 走访人 and 走访人单位 name them; "" for several units."""
    through = Visit.helpers.through.objects.filter(visit__in=visits.order_by().values("pk"))
    held, found = list(through.order_by("visit", "pk").values_list("visit_id", "helper_id")), {}
    people = Helper.objects.unscoped("hanging").in_bulk({helper for _, helper in held})
    for visit, helper in held:
        found.setdefault(visit, []).append(people[helper])
    return {
        visit: (
            "、".join(one.name for one in some)[:80],
            some[0].unit if len({one.unit for one in some}) == 1 else "",
        )
        for visit, some in found.items()
    }


def names_in(text):
    """The people whom 走访人 names: 张三、李四 are two."""
    return [cleaning.name(part)[:40] for part in cleaning.several(text)]


def nothing(word):
    """无 in a column of problems is no problem."""
    return "" if compact(word) in ("无", "没有", "无问题", "暂无") else word


LEDGER = Import(
    kind="visits",
    title="走访台账",
    permission=Permission.IMPORT,
    fields=FIELDS,
    needs=(("date",), ("hh_no", "id"), ("visitor",)),
    fewer=(("date",), ("head_name",), ("visitor",), ("content", "way", "problem", "goods")),
    lacks=frozenset(("hh_no", "id")),
    strange=r"措施内容|与户主(?:的)?关系|家庭关系|结对|风险类型|项目名称",
    completed=lambda table: {"hh_no": ""},
    titled=("visitor", "unit"),
    carried=((("hh_no", "id", "head_name"), ("visitor", "unit"), False),),
    plan=VisitPlan,
    group="户",
    note="一行一次走访",
    result_page="visit_list",
)


def forms_of(sheet, kind, path=""):
    """The tables of a sheet that is no list of one visit a row: months in columns, or several visits in a cell."""
    return visit_months.read(LEDGER, sheet, kind, path) or visit_days.read(LEDGER, sheet, kind, path)


VISITS = replace(
    LEDGER,
    note="一行一次走访，也可以一户一行、一月一列，一格几个日期",
    forms=forms_of,
    repeats=visit_months.repeats(LEDGER),
)
