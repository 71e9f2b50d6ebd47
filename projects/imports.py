"""Importing a list of projects: one row a project, money in yuan or 万元 by its header."""

import re
from dataclasses import dataclass, field
from functools import partial

from django.core.exceptions import ValidationError

from fupin import bulk, schedule
from fupin.accounts.pii import FieldClass
from fupin.accounts.roles import Permission
from fupin.audit.models import AuditEvent
from fupin.audit.record import event
from fupin.excel import cleaning
from fupin.excel.cleaning import BLANKS, compact, text
from fupin.excel.imports import Field, Import
from fupin.excel.ledger import LedgerPlan, Record
from fupin.excel.places import PLACE, Place, place_in, regions_of
from fupin.regions.models import Level, Region
from projects import codes
from projects.models import FundLine, Milestone, Project, ProjectVillage


def amount(value, unit=1):
    return cleaning.money(value, unit)


def count(value, unit=1):
    return cleaning.whole(value)


FUNDS = {
    "fund": "8", "central": "1", "province_fund": "2", "prefecture_fund": "3", "county_fund": "4", "society": "5",
    "own": "6", "loan": "7",
}  # fmt: skip
"""Columns of planned money, to their source."""

FIELDS = (
    *PLACE[:5],
    Field("number", "项目编号", ("项目编码",)),
    Field("project", "项目名称", ("项目", "工程名称", "名称")),
    Field("year", "项目年度", ("年度", "年份", "实施年度")),
    Field("category", "项目类别", ("项目类型", "类别", "项目一级分类")),
    Field("nature", "建设性质", ("项目性质", "性质")),
    Field("place", "建设地点", ("实施地点", "项目地点", "地点", "建设地址")),
    Field("content", "建设内容及规模", ("建设内容", "建设规模及内容", "建设规模", "项目内容", "主要建设内容")),
    Field("qty", "数量", ("建设数量", "规模数量"), amount),
    Field("unit", "计量单位", ("单位", "数量单位")),
    Field("invest", "计划投资", ("总投资", "投资", "投资估算", "资金规模", "计划总投资", "资金", "项目总投资", "投资规模"), amount),
    Field("fund", "其中财政专项扶贫资金", ("财政专项扶贫资金", "财政资金", "衔接资金", "政府补助资金", "财政衔接资金"), amount),
    Field("central", "中央资金", ("中央财政资金",), amount),
    Field("province_fund", "省级资金", ("省级财政资金",), amount),
    Field("prefecture_fund", "市级资金", ("市级财政资金",), amount),
    Field("county_fund", "县级资金", ("县级财政资金", "区县资金"), amount),
    Field("society", "社会资金", ("社会帮扶资金",), amount),
    Field("own", "自筹资金", ("群众自筹", "自筹"), amount),
    Field("loan", "贷款", ("信贷资金", "银行贷款"), amount),
    Field("lead", "牵头单位", ("主管单位", "监管单位", "主管部门", "项目主管单位")),
    Field("resp", "责任单位", ("实施单位", "建设单位", "责任部门", "项目实施单位", "实施主体")),
    Field("manager", "项目负责人", ("负责人",)),
    Field("manager_phone", "负责人电话", ("负责人联系方式", "联系电话"), pii=FieldClass.PHONE),
    Field("start", "计划开工", ("计划开工时间", "开工时间", "计划开工日期", "计划开始时间", "计划建设时间")),
    Field("finish", "计划完工", ("计划完工时间", "完工时间", "计划完工日期", "计划完成时间", "完成时限")),
    Field("milestone", "进度节点", ("进度安排", "节点", "实施进度", "时间进度")),
    Field("benefit_hh", "受益户数", ("受益户", "受益农户数", "受益贫困户"), count),
    Field("benefit_p", "受益人数", ("受益人口", "受益人口数", "受益贫困人口"), count),
    Field("state", "完成状态", ("项目状态", "建设状态", "进展情况", "状态", "完成情况")),
    Field("source", "资料来源", ("来源", "数据来源")),
    Field("remark", "备注", ("备注信息", "说明")),
)  # fmt: skip
COMPARED = (
    "category", "nature", "state", "lead_unit", "responsible_unit", "manager", "manager_phone", "content", "quantity",
    "unit", "start_text", "start_end", "start_precision", "finish_text", "finish_end", "finish_precision",
    "investment", "benefit_households", "benefit_persons", "source", "remark",
)  # fmt: skip
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
    milestones: list = field(default_factory=list)
    region: object = None

    @property
    def same(self):
        """What makes two rows one project."""
        return (self.name, self.place, self.year)


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
            "lead_unit": word("lead", 80), "responsible_unit": word("resp", 80), "manager": word("manager", 40),
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
        self._dates(row, cells)
        row.milestones = self._milestones(row, cells)
        self._checks(row)
        return row

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
        """`(name, Target or None, text)` of each part of 进度节点: 4月底前开工；年内完工 gives two."""
        found = []
        for part in re.split(r"[；;\n]", row.rows.word("milestone", cells)):
            part = part.strip(" 、，,。")
            if part and part not in BLANKS:
                found.append(milestone_of(part, row.year))
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
        home = self._home(by)
        for row in good:
            row.region = found[row.where] or home
            if found[row.where] is None:
                self.notes.append(
                    {"sheet": row.rows.table.sheet, "code": "place_unresolved", "severity": "info", "row": row.row,
                     "label": row.place or "（空）"}
                )  # fmt: skip
        names = sorted({row.name for row in good})
        self.stored = {}
        for start in range(0, len(names), 500):
            rows = Project.objects.visible_to(by, Permission.IMPORT).filter(
                name__in=names[start : start + 500]
            )
            for project in rows.order_by("pk"):
                self.stored.setdefault((project.name, project.place, project.year), project)

    def _home(self, by):
        """Where a project stands whose place no one can find: the region chosen, else the widest of one's posts."""
        path = self.setting.region_path or min(by.paths(Permission.IMPORT), key=len)
        return Region.objects.get(path=path)

    def write(self, by, batch):
        fresh, changed, same = [], [], 0
        for row in self.kept:
            project = self.stored.get(row.same)
            if project is None:
                fresh.append(row)
            elif self._differs(project, row):
                changed.append(project)
            else:
                same += 1
        self._insert(fresh, by, batch)
        for project in changed:
            project.version += 1
            project.updated_by = by
            project.keep()
        bulk.change(
            changed, [*COMPARED, "blocked_reason", "version", "updated_by", "risk_on"], batch_size=200
        )
        AuditEvent.objects.bulk_create(
            [event("project.import", project, by=by, batch=batch, what=["project"]) for project in changed],
            batch_size=500,
        )
        return {"rows_new": len(fresh), "rows_changed": len(changed), "rows_same": same}

    def _differs(self, project, row):
        """Whether the file says something new; then it is set on `project`. Blanks say nothing."""
        differs = False
        for column, value in row.values.items():
            if value in (None, "") or getattr(project, column) == value:
                continue
            if (column, value) in (("category", "99"), ("state", "10")):
                continue  # the file's blank, not its word
            setattr(project, column, value)
            differs = True
        return differs

    def _insert(self, rows, by, batch):
        numbers = numbers_for(rows)
        projects = []
        for row in rows:
            values = {column: value for column, value in row.values.items() if value is not None}
            project = Project(
                number=next(numbers), year=row.year, name=row.name, region=row.region, place=row.place,
                updated_by=by, **values,
            )  # fmt: skip
            projects.append(project.keep())
        bulk.create(projects, batch_size=200)
        bulk.create(
            [
                ProjectVillage(project=project, region=row.region, region_path=row.region.path)
                for project, row in zip(projects, rows)
                if row.region.level == Level.VILLAGE
            ]
        )
        bulk.create(
            [
                FundLine(project=project, source=source, planned=money)
                for project, row in zip(projects, rows)
                for source, money in row.funds.items()
            ]
        )
        bulk.create(
            [
                Milestone(project=project, order=order, name=name, **milestone_columns(target, typed))
                for project, row in zip(projects, rows)
                for order, (name, target, typed) in enumerate(row.milestones, 1)
            ]
        )
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

    def sample(self, limit):
        headers = [
            "行",
            "项目名称",
            "项目类别",
            "建设地点",
            "计划投资（元）",
            "计划开工",
            "计划完工",
            "完成状态",
        ]
        return headers, [
            [row.row, row.name, row.category_word, row.place, str(row.values["investment"] or ""),
             row.values["start_text"], row.values["finish_text"], codes.State(row.values["state"]).label]
            for row in self.records[:limit]
        ]  # fmt: skip


def milestone_of(part, year):
    """`(name, Target or None, typed time)`: the longest beginning that names a time is the time, the rest the name."""
    for end in range(len(part), 0, -1):
        if _SAYS_DONE.search(part[:end]):
            continue
        try:
            target = schedule.parse(part[:end], year=year)
        except ValidationError:
            continue
        return (part[end:].strip(" ：:") or part)[:80], target, part[:end]
    return part[:80], None, ""


def milestone_columns(target, typed):
    return schedule.columns(target, "planned") if target else {"planned_text": typed}


def numbers_for(rows):
    """Project numbers of ours, 年-县-序号, going on from the last one of that year and county."""
    last = {}
    for row in rows:
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
    needs=(("project",), ("category", "invest", "content", "resp", "lead")),
    plan=ProjectPlan,
)

IMPORTS = [PROJECTS]
