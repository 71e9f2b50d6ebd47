"""Importing a list of projects: one row a project, money in yuan or 万元 by its header."""

import re
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.utils import timezone

from fupin import bulk, schedule
from fupin.accounts.pii import FieldClass
from fupin.accounts.roles import Permission
from fupin.audit.models import AuditEvent
from fupin.audit.record import event
from fupin.excel import cleaning, versions
from fupin.excel.changes import CHANGED, NEW, SAME, Value
from fupin.excel.cleaning import BLANKS, compact, text
from fupin.excel.imports import Field, Import, described
from fupin.excel.ledger import LedgerPlan, Record
from fupin.excel.places import PLACE, Place, place_in, regions_of, villages_of
from fupin.excel.wording import differences
from fupin.regions.models import Level, Region
from projects import codes, kept
from projects.models import FundEntry, FundLine, Milestone, Project, ProjectVillage, TargetMove


def amount(value, unit=1):
    return cleaning.money(value, unit)


def count(value, unit=1):
    return cleaning.whole(value)


def percent(value, unit=1):
    """A share of 0 to 100: 60, 60% and 0.6 (as Excel keeps 60%) are the same."""
    found = compact(text(value))
    if found in BLANKS:
        return None
    number = cleaning.number(found.rstrip("%"))
    if not found.endswith("%") and 0 < number < 1:
        number *= 100
    if not 0 <= number <= 100:
        raise cleaning.Unreadable("number_unreadable")
    return round(number)


SOURCES = {
    "fund": ("8", ()),
    "central": ("1", ("中央", "中央资金", "中央财政资金", "中央财政")),
    "province_fund": ("2", ("省", "省级", "省级资金", "省级财政资金", "省级财政")),
    "prefecture_fund": ("3", ("市", "市级", "市级资金", "市级财政资金", "市级财政")),
    "county_fund": ("4", ("县", "县级", "县级资金", "县级财政资金", "区县资金", "县级财政")),
    "society": ("5", ("社会", "社会资金", "社会帮扶资金")),
    "own": ("6", ("自筹", "自筹资金", "群众自筹")),
    "loan": ("7", ("信贷", "贷款", "信贷资金", "银行贷款")),
}  # fmt: skip
"""Columns of planned money: their source, and the words that stand before 下达, 拨付, 支付 in other columns."""

FUNDS = {name: source for name, (source, _) in SOURCES.items()}
SPENT = {"allotted": ("拨付", "已拨付", "拨付资金"), "paid": ("支付", "已支付", "支付资金", "支出")}
ALONE = {
    "allotted": ("拨付资金", "已拨付", "累计拨付", "已拨付资金", "拨付金额", "资金拨付", "拨付合计"),
    "paid": ("支付资金", "已支付", "累计支付", "已支付资金", "支付金额", "资金支付", "支付合计", "支出资金"),
}  # fmt: skip
"""Headers of money that was allotted or paid without saying by which level: they go with 财政专项."""


def _spent_fields():
    for name, (_, words) in SOURCES.items():
        for part, ends in SPENT.items():
            headers = [f"{word}{end}" for word in words for end in ends] or list(ALONE[part])
            yield Field(
                f"{name}_{part}",
                headers[0],
                tuple(headers[1:]),
                amount,
                example="60000",
                note="元；表头写明（万元）的按万元。",
            )


DATES = {
    "started": "started_on",
    "finished": "finished_on",
    "accepted": "accepted_on",
    "settled": "settled_on",
}
"""Columns of what happened, to columns of the project."""


def planned_headers(name):
    """Headers of the money that a level gives: its words alone, and with 下达."""
    words = SOURCES[name][1]
    return tuple(word for word in words if len(word) > 1) + tuple(
        f"{word}{end}" for word in words for end in ("下达", "下达资金", "资金下达")
    )


FIELDS = (
    *PLACE[:5],
    Field("number", "项目编号", ("项目编码",)),
    Field("project", "项目名称", ("项目", "工程名称", "名称")),
    Field("year", "项目年度", ("年度", "年份", "实施年度")),
    Field("category", "项目类别", ("项目类型", "类别", "项目一级分类")),
    Field("nature", "建设性质", ("项目性质", "性质")),
    Field("place", "建设地点", ("实施地点", "项目地点", "地点", "建设地址")),
    Field("content", "建设内容及规模", ("建设内容", "建设规模及内容", "建设规模", "建设任务", "项目内容", "主要建设内容")),
    Field("qty", "数量", ("建设数量", "规模数量"), amount),
    Field("unit", "计量单位", ("单位", "数量单位")),
    Field("invest", "计划投资", ("总投资", "投资", "投资估算", "资金规模", "计划总投资", "资金", "项目总投资", "投资规模"), amount),
    Field("fund", "其中财政专项扶贫资金", ("财政专项扶贫资金", "财政资金", "衔接资金", "政府补助资金", "财政衔接资金"), amount),
    Field("central", "中央资金", planned_headers("central"), amount, example="120000", note="下达的资金，元；表头写明（万元）的按万元。"),
    Field("province_fund", "省级资金", planned_headers("province_fund"), amount, example="120000", note="下达的资金，元；表头写明（万元）的按万元。"),
    Field("prefecture_fund", "市级资金", planned_headers("prefecture_fund"), amount, example="120000", note="下达的资金，元；表头写明（万元）的按万元。"),
    Field("county_fund", "县级资金", planned_headers("county_fund"), amount, example="120000", note="下达的资金，元；表头写明（万元）的按万元。"),
    Field("society", "社会资金", planned_headers("society"), amount, example="120000", note="下达的资金，元；表头写明（万元）的按万元。"),
    Field("own", "自筹资金", planned_headers("own"), amount, example="120000", note="下达的资金，元；表头写明（万元）的按万元。"),
    Field("loan", "贷款", planned_headers("loan"), amount, example="120000", note="下达的资金，元；表头写明（万元）的按万元。"),
    Field("lead", "牵头单位", ("主管单位", "监管单位", "主管部门", "项目主管单位")),
    Field("builder", "施工单位", ("承建单位", "施工企业", "中标单位")),
    Field("resp", "责任单位", ("实施单位", "建设单位", "责任部门", "项目实施单位", "实施主体")),
    Field("manager", "项目负责人", ("负责人",)),
    Field("manager_phone", "负责人电话", ("负责人联系方式", "联系电话"), pii=FieldClass.PHONE),
    Field("start", "计划开工", ("计划开工时间", "开工时间", "计划开工日期", "计划开始时间", "计划建设时间")),
    Field("finish", "计划完工", ("计划完工时间", "完工时间", "计划完工日期", "计划完成时间", "完成时限")),
    *_spent_fields(),
    Field("started", "实际开工", ("实际开工时间", "实际开工日期", "开工日期"), example="2026-03-10"),
    Field("finished", "实际完工", ("实际完工时间", "实际完工日期", "竣工时间", "竣工日期", "实际竣工时间", "完工日期"), example="2026-09-20"),
    Field("acceptance", "计划验收", ("计划验收时间", "计划验收日期"), example="10月底前", note="记为“验收”节点。"),
    Field("accepted", "验收日期", ("验收时间", "实际验收时间", "实际验收日期"), example="2026-10-15"),
    Field("settled", "结算日期", ("结算时间", "报账时间"), example="2026-11-20"),
    Field("progress", "形象进度", ("进度", "工程进度", "形象进度(%)", "进度(%)", "完成进度"), percent, example="100%"),
    Field("milestone", "进度节点", ("进度安排", "节点", "实施进度", "时间进度")),
    Field("documents", "资金文号", ("下达文号", "资金文件文号", "资金下达文号", "指标文号", "文号")),
    Field("covers", "覆盖村", ("涉及村", "惠及村", "覆盖行政村", "受益村", "项目覆盖村")),
    Field("benefit_hh", "受益户数", ("受益户", "受益农户数", "受益贫困户"), count),
    Field("benefit_p", "受益人数", ("受益人口", "受益人口数", "受益贫困人口"), count),
    Field("state", "完成状态", ("项目状态", "建设状态", "进展情况", "状态", "完成情况")),
    Field("source", "资料来源", ("来源", "数据来源")),
    Field("remark", "备注", ("备注信息", "说明")),
    versions.FIELD,
)  # fmt: skip
FIELDS = described(FIELDS, {
    "number": ("", "已登记的项目填编号；新项目留空，自动编号。"), "project": "人畜饮水工程", "year": "2026", "category": "农村供水", "nature": "新建",
    "place": "炉霍县新都镇昌龙村", "content": "新建蓄水池一座", "qty": "330", "unit": "米", "invest": ("120000", "元；表头写明（万元）的按万元。"),
    "fund": ("100000", "不分级次的财政资金；分得清的填在各级资金里。"), "lead": "县水利局", "resp": "新都镇人民政府", "builder": "", "manager": "李明",
    "manager_phone": "13800000003", "start": ("2026年3月", "如 2026-03-01、3月、3月底前、上半年。"), "finish": ("9月底前", "如 2026-09-30、9月底前、年内。"),
    "milestone": ("4月完成物资采购；4月底前开工；年内完工", "几个节点用分号隔开。"), "documents": ("中央：川财农〔2026〕1号", "几级资金用分号隔开，只有一级的可以不写级次。"), "covers": ("新都镇/昌龙村、新都镇/七湾村", "几个村用顿号隔开。"),
    "benefit_hh": "58", "benefit_p": "279", "state": "已结算", "source": "", "remark": "",
})  # fmt: skip
CHOICES = {"nature": codes.Nature, "state": codes.State}
FIELDS = tuple(replace(item, choices=CHOICES.get(item.name)) for item in FIELDS)
COMPARED = (
    "category", "nature", "state", "lead_unit", "responsible_unit", "contractor", "manager", "manager_phone", "content", "quantity",
    "unit", "start_text", "start_end", "start_precision", "finish_text", "finish_end", "finish_precision",
    "investment", "benefit_households", "benefit_persons", "source", "remark", "started_on", "finished_on",
    "accepted_on", "settled_on", "progress",
)  # fmt: skip
ACCEPTANCE = "验收"
"""The milestone that 计划验收 and 验收日期 are kept under."""

_SAYS_DONE = re.compile(r"(完成|竣工|完工|建成)$")


@dataclass(slots=True, kw_only=True)
class ProjectRow(Record):
    name: str = ""
    year: int | None = None
    place: str = ""
    where: Place = Place()
    category_word: str = ""
    source_word: str = ""
    values: dict = field(default_factory=dict)
    funds: dict = field(default_factory=dict)
    spent: dict = field(default_factory=dict)
    """`{source: {"allotted": money, "paid": money}}`"""
    milestones: list = field(default_factory=list)
    documents: dict = field(default_factory=dict)
    """`{source: number of the paper that gives the money}`"""
    covers: list = field(default_factory=list)
    """Places of the villages that it covers; `villages` are those found."""
    villages: list = field(default_factory=list)
    number: str = ""
    state_said: bool = False
    region: object = None
    project: object = None

    @property
    def same(self):
        """What makes two rows one project: its number, else name, place and year."""
        return self.number or (self.name, self.place, self.year)


class ProjectPlan(LedgerPlan):
    fields = FIELDS

    def __init__(self, tables, setting):
        self._seen, self.notes = {}, []
        super().__init__(tables, setting)

    def read_row(self, rows, number, cells):
        word = partial(self._word, rows, cells)
        row = ProjectRow(rows=rows, row=number, name=word("project", 120), place=word("place", 120))
        row.year = self._year(rows, cells)
        row.where = self._where(rows, cells, row.place)
        row.category_word, row.source_word = word("category", 60), word("source", 60)
        row.values = {
            "lead_unit": word("lead", 80), "responsible_unit": word("resp", 80), "contractor": word("builder", 80), "manager": word("manager", 40),
            "manager_phone": word("manager_phone", 20), "content": word("content", 5000), "unit": word("unit", 10),
            "source": row.source_word, "remark": word("remark", 5000),
            "quantity": rows.valued("qty", number, cells), "investment": self._positive(row, "invest", cells),
            "benefit_households": rows.valued("benefit_hh", number, cells),
            "benefit_persons": rows.valued("benefit_p", number, cells),
        }  # fmt: skip
        self._codes(row, cells)
        row.funds = {
            source: money
            for name, source in FUNDS.items()
            if (money := self._positive(row, name, cells)) is not None
        }
        row.spent = self._spent(row, cells)
        row.documents = self._documents(row, cells)
        row.covers = self._covers(row, cells)
        row.number = word("number", 30)
        self.read_stamp(row, cells, row.number)
        row.values["progress"] = rows.valued("progress", number, cells)
        self._dates(row, cells)
        row.milestones = self._milestones(row, cells)
        self._happened(row, cells)
        self._checks(row)
        return row

    def _documents(self, row, cells):
        """中央：川财农〔2026〕1号；省级：…; a number alone is that of the only money there is."""
        found = {}
        for part in re.split(r"[；;\n]", row.rows.word("documents", cells)):
            level, colon, number = part.strip().partition("：" if "：" in part else ":")
            source = codes.code_of("source", level.strip()) if colon else ""
            if not source and len(row.funds) == 1:
                source, number = next(iter(row.funds)), part
            if source and number.strip():
                found.setdefault(source, number.strip()[:60])
            elif part.strip():
                row.warn("fund_document_unclear", "documents", part.strip())
        return found

    def _covers(self, row, cells):
        """新都镇/昌龙村、七湾村: the places of each."""
        found = []
        for part in re.split(r"[、,，;；\n]+", row.rows.word("covers", cells)):
            town, _, village = compact(part).rpartition("/")
            if village:
                found.append(Place(row.where.province, row.where.city, row.where.county, town, village))
        return found

    def _spent(self, row, cells):
        found = {}
        for name, (source, _) in SOURCES.items():
            for part in SPENT:
                money = self._positive(row, f"{name}_{part}", cells)
                if money is not None:
                    found.setdefault(source, {})[part] = money
        return found

    def _happened(self, row, cells):
        """The actual days, and the state that follows from them where the file says none."""
        for name, column in DATES.items():
            day = self._day(row, name, cells)
            if day is not None:
                row.values[column] = day
        reached = next(
            (
                state
                for column, state in (("settled_on", "75"), ("accepted_on", "70"), ("finished_on", "50"))
                if row.values.get(column)
            ),
            "",
        )
        if reached and not row.state_said:
            row.values["state"] = reached
        elif row.values.get("started_on") and not row.state_said:
            row.values["state"] = codes.State.WORKING.value
        target = self._acceptance(row, cells)
        named = any(name == ACCEPTANCE for name, *_ in row.milestones)
        if (target or row.values.get("accepted_on")) and not named:
            done = row.values.get("accepted_on")
            row.milestones.append(Step(ACCEPTANCE, target, target.text if target else "", done))

    def _acceptance(self, row, cells):
        typed = row.rows.word("acceptance", cells)[:30]
        if not typed:
            return None
        try:
            return schedule.parse(typed, year=row.year)
        except ValidationError:
            row.warn("date_unreadable", "acceptance", typed)
            return None

    def _day(self, row, name, cells):
        raw = row.rows.cell(name, cells)
        try:
            found = cleaning.day(raw, row.rows.table.epoch)
        except cleaning.Unreadable as problem:
            row.warn(problem.code, name, text(raw))
            return None
        if found and found[0] > self.setting.as_of:
            row.refuse("done_in_future", name, found[0])
        return found[0] if found else None

    @staticmethod
    def _word(rows, cells, name, limit):
        return rows.word(name, cells)[:limit]

    def _year(self, rows, cells):
        try:
            return cleaning.year(rows.cell("year", cells)) or self.setting.year
        except cleaning.Unreadable:
            return self.setting.year

    def _where(self, rows, cells, place):
        columns = {item.name: rows.word(item.name, cells) for item in PLACE[:5]}
        written = place_in(place)
        return Place(**{name: value or getattr(written, name) for name, value in columns.items()})

    def _positive(self, row, name, cells):
        """Money of a column; a negative amount is told and left out."""
        found = row.rows.valued(name, row.row, cells)
        if found is not None and found < 0:
            row.warn("number_unreadable", name, found)
            return None
        return found

    def _codes(self, row, cells):
        for name, column, blank in (
            ("category", "category", "99"),
            ("nature", "nature", ""),
            ("state", "state", "10"),
        ):
            word = row.rows.word(name, cells)
            code = codes.code_of(name, word) if word else ""
            if word and not code:
                row.warn("value_unknown", name, word)
            row.values[column] = code or blank
            row.state_said = row.state_said or (name == "state" and bool(code))
        if row.values["state"] == codes.State.STOPPED:
            row.values["blocked_reason"] = row.values["remark"][:300] or "导入的表里没有写原因"

    def _dates(self, row, cells):
        targets = {}
        for name in ("start", "finish"):
            raw = row.rows.cell(name, cells)
            typed = row.rows.word(name, cells)[:30]
            row.values[f"{name}_text"] = typed
            if not typed:
                continue
            try:
                target = schedule.parse(typed, year=row.year)
            except ValidationError:
                row.warn("date_unreadable", name, text(raw))
                continue
            targets[name] = target
            row.values |= schedule.columns(target, name)
        if len(targets) == 2 and targets["finish"].end < targets["start"].start:
            row.refuse("project_dates_reversed", "finish", targets["finish"].text)

    def _milestones(self, row, cells):
        """A Step of each part of 进度节点: 4月底前开工；年内完工 gives two."""
        found = []
        for part in re.split(r"[；;\n]", row.rows.word("milestone", cells)):
            part = part.strip(" 、，,。")
            if part and part not in BLANKS:
                made = milestone_of(part, row.year)
                inner = None if _EXPORTED.fullmatch(part) else milestone_of(made[0], row.year)
                found.append(
                    inner if inner and made[1] and inner[1] else made
                )  # 二季度：4月底前开工: in April
                if found[-1].done and found[-1].done > self.setting.as_of:
                    row.refuse("done_in_future", "milestone", found[-1].done)
        return found

    def _checks(self, row):
        if not row.name:
            row.refuse("project_name_missing", "project")
        if row.bad:
            return
        before = self._seen.setdefault(row.same, row)
        if before is not row:
            row.refuse("project_duplicate", related_row=before.row)

    # With the database

    def resolve(self, by):
        good = [row for row in self.records if not row.bad]
        found = regions_of({row.where for row in good}, by, within=self.setting.region_path)
        self._find_covered(good, by)
        home = self._home(by)
        for row in good:
            row.region = found[row.where] or home
            if found[row.where] is None:
                self.notes.append(
                    {"sheet": row.rows.table.sheet, "code": "place_unresolved", "severity": "info", "row": row.row,
                     "label": row.place or "（空）"}
                )  # fmt: skip
        self._find_stored(good, by)
        self._pays = tuple(by.paths(Permission.FUND_EDIT))
        for row in good:
            if row.project and row.project.accepted_on and (row.project.pk, ACCEPTANCE) not in self.steps:
                known = Step(ACCEPTANCE, None, "", row.project.accepted_on)
                row.milestones = [one for one in row.milestones if one != known]  # says nothing new
            self._fits(row)
            if row.project and row.stamp:
                self.hold_back(row, self.stamps[row.project.pk], self._told(row))

    def _find_covered(self, rows, by):
        found = villages_of(
            {place for row in rows for place in row.covers}, by, within=self.setting.region_path
        )
        for row in rows:
            for place in row.covers:
                if found[place] is None:
                    row.warn("cover_unknown", "covers", place.village)
                elif found[place] not in row.villages:
                    row.villages.append(found[place])

    def _told(self, row):
        """What the file would change of a stored project, in words; nothing is set."""
        found = [one for column, value in self._changes(row) for one in self._words(row, column, value)]
        for source, said in self._said(row):
            line = self.lines.get((row.project.pk, source))
            for part, value in said.items():
                if value is not None and value != getattr(line, part, None):
                    label = f"{codes.FundSource(source).label}{PARTS[part]}"
                    found.append(Value(row.row, label, f"{getattr(line, part, None) or ''}", f"{value}"))
        for name, _, _, done, _ in row.milestones:
            step = self.steps.get((row.project.pk, step_key(name)))
            if done and step is not None and step.done_on not in (None, done):
                found.append(Value(row.row, f"{name}完成", f"{step.done_on}", f"{done}"))
        return found

    def _find_stored(self, rows, by):
        """The project that each row is about, by number, else by name, place and year; with its money and steps."""
        reach = Project.objects.visible_to(by, Permission.IMPORT).select_related("region")
        stored, numbers = {}, sorted({row.number for row in rows if row.number})
        names = sorted({row.name for row in rows if not row.number})
        for start in range(0, len(names), 500):
            for project in reach.filter(name__in=names[start : start + 500]).order_by("pk"):
                stored.setdefault((project.name, project.place, project.year), project)
        taken = set()
        for start in range(0, len(numbers), 500):
            chunk = numbers[start : start + 500]
            stored |= {project.number: project for project in reach.filter(number__in=chunk).order_by("pk")}
            taken |= set(Project.objects.filter(number__in=chunk).order_by().values_list("number", flat=True))
        for row in rows:
            row.project = stored.get(row.same)
            if row.project is None and row.number in taken:
                row.refuse("project_elsewhere", "number", row.number)
        seen = {}
        for row in rows:
            before = seen.setdefault(row.project.pk, row) if row.project else row
            if before is not row:  # once by its number, once by its name
                row.refuse("project_duplicate", related_row=before.row)
        keys = sorted({row.project.pk for row in rows if row.project})
        self.lines, self.steps, self.booked, self.covered, held = {}, {}, {}, {}, {}
        for start in range(0, len(keys), 500):
            chunk = keys[start : start + 500]
            for line in FundLine.objects.filter(project__in=chunk).order_by("pk"):
                self.lines[line.project_id, line.source] = line
            entries = FundEntry.objects.filter(line__project__in=chunk).order_by()
            for project, source, step in entries.values_list(
                "line__project", "line__source", "kind"
            ).distinct():
                self.booked.setdefault((project, source), set()).add(codes.PARTS[step])
            rows_of = ProjectVillage.objects.filter(project__in=chunk).order_by()
            for project, region in rows_of.values_list("project", "region"):
                self.covered.setdefault(project, set()).add(region)
            for step in Milestone.objects.filter(project__in=chunk).order_by("-order", "-pk"):
                self.steps[step.project_id, step_key(step.name)] = step
                held.setdefault(step.project_id, []).insert(0, step)
        money = {}
        for (project, _), line in sorted(self.lines.items()):
            money.setdefault(project, []).append(line)
        self.stamps = {
            row.project.pk: stamp_of(row.project, money.get(row.project.pk, ()), held.get(row.project.pk, ()))
            for row in rows
            if row.project and row.stamp
        }

    def _fits(self, row):
        """What must hold of the project as it would stand: its days, its state, its money."""
        held = row.project
        after = {
            column: row.values.get(column) or getattr(held, column, None)
            for column in ("started_on", "finished_on")
        }
        if None not in after.values() and after["finished_on"] < after["started_on"]:
            row.refuse(
                "actual_dates_reversed",
                "finished",
                after["finished_on"],
                detail=f"实际开工 {after['started_on']}",
            )
        if held is not None and not row.state_said and row.values["state"] <= held.state:
            row.values["state"] = held.state  # what follows from a day never takes a later state back
        state = row.values["state"]
        if after["finished_on"] and state not in codes.CLOSED:
            row.refuse(
                "project_state_unfinished", "state", codes.State(state).label,
                detail=f"实际完工 {after['finished_on']}，状态应为完工、已验收等",
            )  # fmt: skip
        if row.spent and not (held.region_path if held else row.region.path).startswith(self._pays):
            row.warn("fund_not_yours", detail="您没有登记资金的权限，拨付和支付未记")
            row.spent = {}
        for name, (source, _) in SOURCES.items():
            if row.project:
                self._entries_stand(row, name, source)
            self._money_fits(row, name, source)

    def _entries_stand(self, row, name, source):
        """A sum that is worked out from entries of the ledger is not changed by a file of sums."""
        line = self.lines.get((row.project.pk, source))
        for part in sorted(self.booked.get((row.project.pk, source), ())):
            held = row.funds if part == "planned" else row.spent.get(source, {})
            key = source if part == "planned" else part
            said = held.get(key)
            if said is not None and said != getattr(line, part):
                detail = f"流水合计 {getattr(line, part)}，以流水为准；有新的请登记流水或导入资金台账"
                row.warn(
                    "fund_entries_stand", name if part == "planned" else f"{name}_{part}", said, detail=detail
                )
            held.pop(key, None)

    def _money_fits(self, row, name, source):
        """支付 ≤ 拨付 ≤ 下达 over what is stored and what the file says; a failing row names its cells."""
        said = {"planned": row.funds.get(source)} | row.spent.get(source, {})
        if not any(value is not None for value in said.values()):
            return
        held = self.lines.get((row.project.pk, source)) if row.project else None
        after = {
            part: said.get(part) if said.get(part) is not None else getattr(held, part, None)
            for part in ("planned", "allotted", "paid")
        }
        columns = {"planned": name, "allotted": f"{name}_allotted", "paid": f"{name}_paid"}
        labels = {"planned": "下达", "allotted": "拨付", "paid": "支付"}
        for less, more in (("paid", "allotted"), ("allotted", "planned"), ("paid", "planned")):
            if None in (after[less], after[more]) or after[less] <= after[more]:
                continue
            cells = [
                f"{labels[part]} {after[part]}（{row.rows.table.letter(columns[part])}{row.row}）"
                if said.get(part) is not None
                else f"{labels[part]} {after[part]}（已登记）"
                for part in (less, more)
            ]
            at = next(part for part in (less, more) if said.get(part) is not None)
            row.refuse(
                "fund_order", columns[at], said[at],
                detail=f"{codes.FundSource(source).label}：{' 大于 '.join(cells)}",
            )  # fmt: skip
            return

    def _home(self, by):
        """Where a project stands whose place no one can find: the region chosen, else the widest of one's posts."""
        path = self.setting.region_path or min(by.paths(Permission.IMPORT), key=len)
        return Region.objects.get(path=path)

    def write(self, by, batch):
        fresh, changed, same, moves, covers = [], [], 0, [], []
        for row in self.kept:
            if row.project is None:
                row.state = NEW
                fresh.append(row)
                continue
            before = schedule.target_of(row.project, "finish")
            what = ["project"] if self._differs(row.project, row) else []
            if before and before.end != row.project.finish_end:
                moves.append((row.project, before))
            if self._funds_differ(row):
                what.append("funds")
            if self._steps_differ(row):
                what.append("milestones")
            if new := [one for one in row.villages if one.pk not in self.covered.get(row.project.pk, ())]:
                what.append("villages")
                covers += [
                    ProjectVillage(project=row.project, region=one, region_path=one.path) for one in new
                ]
                row.differences.append(Value(row.row, "覆盖村", "", "、".join(one.short_name for one in new)))
            row.state = CHANGED if what else SAME
            if what:
                changed.append((row.project, what))
            else:
                same += 1
        self._insert(fresh, by, batch)
        self._update(changed, moves, covers, by, batch)
        return {"rows_new": len(fresh), "rows_changed": len(changed), "rows_same": same}

    def _update(self, changed, moves, covers, by, batch):
        now = timezone.now()
        for project, _ in changed:
            project.version += 1
            project.updated_by, project.updated_at = by, now
            project.keep()
        with kept.counting(*(project.pk for project, _ in changed)):
            bulk.change(
                [project for project, _ in changed],
                [*COMPARED, "blocked_reason", "version", "updated_by", "updated_at", "risk_on"],
                batch_size=200,
            )
            bulk.create(
                [
                    TargetMove(
                        project=project, before_text=before.text, before_end=before.end, after_text=project.finish_text,
                        after_end=project.finish_end, reason="Excel 导入", by=by,
                    )
                    for project, before in moves
                ],
                batch_size=500,
            )  # fmt: skip
            bulk.create(covers, batch_size=500)
            fund_rows = [line for line in self.lines.values() if getattr(line, "touched", False)]
            bulk.create([line for line in fund_rows if line.pk is None], batch_size=500)
            bulk.change(
                [line for line in fund_rows if line.pk],
                ["planned", "allotted", "paid", "document"],
                batch_size=200,
            )
            step_rows = [step for step in self.steps.values() if getattr(step, "touched", False)]
            bulk.create([step for step in step_rows if step.pk is None], batch_size=500)
            bulk.change([step for step in step_rows if step.pk], ["done_on"], batch_size=200)
        AuditEvent.objects.bulk_create(
            [event("project.import", project, by=by, batch=batch, what=what) for project, what in changed],
            batch_size=500,
        )

    @staticmethod
    def _said(row):
        """`(source, {part: money or None})` of what the file says of money."""
        for source in dict.fromkeys((*row.funds, *row.spent, *row.documents)):
            said = {"planned": row.funds.get(source)} | row.spent.get(source, {})
            yield source, said | {"document": row.documents.get(source)}

    def _funds_differ(self, row):
        """Whether the file says new money of a stored project; then its lines are set."""
        differs = False
        for source, said in self._said(row):
            line = self.lines.get((row.project.pk, source))
            if line is None:
                line = self.lines[row.project.pk, source] = FundLine(project=row.project, source=source)
            for part, value in said.items():
                if value is not None and getattr(line, part) != value:
                    setattr(line, part, value)
                    line.touched = differs = True
        return differs

    def _steps_differ(self, row):
        """Steps that a stored project lacks, and steps now done. A planned date is the baseline: a file moves none."""
        differs = False
        for order, one in enumerate(row.milestones, 1):
            name, done = one.name, one.done
            step = self.steps.get((row.project.pk, step_key(name)))
            if step is None:
                step = self.steps[row.project.pk, step_key(name)] = Milestone(
                    project=row.project, order=order, name=name, **milestone_columns(one)
                )
                step.touched = differs = True
            if done and step.done_on != done:
                step.done_on = done
                step.touched = differs = True
        return differs

    def _differs(self, project, row):
        """Whether the file says something new; then it is set on `project`. Blanks say nothing."""
        changes = list(self._changes(row))
        for column, value in changes:
            row.differences += self._words(row, column, value)
            setattr(project, column, value)
        return bool(changes)

    @staticmethod
    def _changes(row):
        """`(column, value)` of what the file says anew of a stored project."""
        for column, value in row.values.items():
            if value in (None, "") or getattr(row.project, column) == value:
                continue
            if (column, value) not in (("category", "99"), ("state", "10")):  # the file's blank, not its word
                yield column, value

    @staticmethod
    def _words(row, column, value):
        if column.endswith(("_end", "_start", "_precision")):  # a time is its text
            return []
        return differences(Project, row.row, [column], [getattr(row.project, column)], [value])

    def _insert(self, rows, by, batch):
        numbers = numbers_for(rows)
        projects = []
        for row in rows:
            values = {column: value for column, value in row.values.items() if value is not None}
            project = Project(
                number=row.number or next(numbers), year=row.year, name=row.name, region=row.region, place=row.place,
                updated_by=by, **values,
            )  # fmt: skip
            projects.append(project.keep())
        bulk.create(projects, batch_size=200)
        bulk.create(
            [
                ProjectVillage(project=project, region=village, region_path=village.path)
                for project, row in zip(projects, rows)
                for village in row.villages or [row.region]
                if village.level == Level.VILLAGE
            ],
            batch_size=500,
        )
        bulk.create(
            [
                FundLine(
                    project=project,
                    source=source,
                    planned=row.funds.get(source),
                    document=row.documents.get(source, ""),
                    **row.spent.get(source, {}),
                )  # fmt: skip
                for project, row in zip(projects, rows)
                for source in dict.fromkeys((*row.funds, *row.spent, *row.documents))
            ],
            batch_size=500,
        )
        bulk.create(
            [
                Milestone(
                    project=project, order=order, name=one.name, done_on=one.done, **milestone_columns(one)
                )
                for project, row in zip(projects, rows)
                for order, one in enumerate(row.milestones, 1)
            ],
            batch_size=500,
        )  # fmt: skip
        kept.add([project.pk for project in projects])
        AuditEvent.objects.bulk_create(
            [event("project.import", project, by=by, batch=batch, what=["new"]) for project in projects],
            batch_size=500,
        )

    # Figures

    def summary(self):
        rows = self.kept
        return {
            "rows": len(rows),
            "by_category": tally(row.category_word for row in rows),
            "by_source": tally(row.source_word for row in rows),
            "sum_invest_yuan": total(row.values["investment"] for row in rows),
            "sum_fund_yuan": total(row.funds.get("8") for row in rows),
            "sum_benefit_households": sum(row.values["benefit_households"] or 0 for row in rows),
        }


PARTS = {"planned": "下达", "allotted": "拨付", "paid": "支付", "document": "文号"}
_EXPORTED = re.compile(
    r"(?P<name>.+)〔(?:计划 (?P<time>.*?))?(?:无计划时限)?(?:，?调整 (?P<moved>.*?))?，?(?:(?P<done>\d{4}-\d\d-\d\d) 完成)?〕"
)
NO_TIME = "无计划时限"


class Step(NamedTuple):
    """A milestone as a file has it: `typed` what is written of its time, `target` what that means (None: not known),
    `moved` the text of the time that it was moved to."""

    name: str
    target: object
    typed: str
    done: date | None
    moved: str = ""


def milestone_words(name, typed, done, moved=""):
    """A milestone as `milestone_of` reads it back: 开工〔计划 4月底前，调整 6月底前，2026-06-20 完成〕."""
    said = [
        f"计划 {typed}" if typed else "" if done or moved else NO_TIME,
        f"调整 {moved}" if moved else "", f"{done} 完成" if done else "",
    ]  # fmt: skip
    return f"{step_key(name)}〔{step_key('，'.join(part for part in said if part))}〕"


def _day_of(text):
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def step_key(name):
    """A name as the cell of several milestones can hold it: what parts them is a comma."""
    return re.sub(r"[；;\n]", "，", name)


def milestone_of(part, year):
    """The Step: the longest beginning that names a time is the time, the rest the name; or as `milestone_words` writes it."""
    found = _EXPORTED.fullmatch(part)
    if found:
        typed, moved = (found["time"] or "")[:30], (found["moved"] or "")[:30]
        return Step(found["name"][:80], _target(typed, year), typed, _day_of(found["done"]), moved)
    for end in range(len(part), 0, -1):
        if _SAYS_DONE.search(part[:end]):
            continue
        try:
            target = schedule.parse(part[:end], year=year)
        except ValidationError:
            continue
        return Step((part[end:].strip(" ：:") or part)[:80], target, part[:end], None)
    return Step(part[:80], None, "", None)


def _target(typed, year):
    try:
        return schedule.parse(typed, year=year) if typed else None
    except ValidationError:
        return None


STAMPED = tuple(
    column for column in COMPARED if not column.endswith(("_end", "_precision")) and column != "manager_phone"
)


def stamp_of(project, lines, steps):
    """The stamp of a project with its fund lines (by source) and milestones (in order)."""
    money = [(line.source, line.planned, line.allotted, line.paid, line.document) for line in lines]
    held = [(step.name, step.planned_text, step.revised_text, step.done_on) for step in steps]
    return versions.stamp([*(getattr(project, column) for column in STAMPED), money, held])


def milestone_columns(step):
    found = schedule.columns(step.target, "planned") if step.target else {"planned_text": step.typed}
    if step.moved:
        moved = _target(step.moved, step.target.end.year if step.target else None)
        found |= schedule.columns(moved, "revised") if moved else {"revised_text": step.moved}
    return found


def numbers_for(rows):
    """Project numbers of ours, 年-县-序号, going on from the last one of that year and county; one for each row that
    brings none."""
    last = {}
    for row in rows:
        if row.number:
            continue
        prefix = f"{row.year}-{row.region.path[:6].ljust(6, '0')}-"
        if prefix not in last:
            held = Project.objects.filter(number__startswith=prefix).values_list("number", flat=True)
            last[prefix] = max(
                (int(n.rpartition("-")[2]) for n in held if n.rpartition("-")[2].isdigit()), default=0
            )
        last[prefix] += 1
        yield f"{prefix}{last[prefix]:04}"


def tally(words):
    counted = {}
    for word in words:
        if word:
            counted[compact(word)] = counted.get(compact(word), 0) + 1
    return dict(sorted(counted.items()))


def total(amounts):
    return f"{sum(amount for amount in amounts if amount is not None):.2f}"


PROJECTS = Import(
    kind="projects",
    title="项目台账",
    permission=Permission.IMPORT,
    fields=FIELDS,
    spread=("milestone",),
    needs=(("project",), ("category", "invest", "content", "resp", "lead")),
    plan=ProjectPlan,
    group="村和项目",
    note="一行一个项目，可带节点和各级资金",
    result_page="project_list",
)
