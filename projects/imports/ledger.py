"""Importing a ledger of funds (R13): one row an entry, kept as such; 下达, 拨付 and 支付 of each project and source
are the sums of the entries.

An entry that is booked already, to the letter, is not booked again: the same file twice changes nothing, and a longer
one goes on from there. A sum that was typed before there were entries gives way to them. Sources and sums that the
file does not mention stay as they are.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from fupin import bulk
from fupin.accounts.roles import Permission
from fupin.audit.models import AuditEvent
from fupin.audit.record import event
from fupin.excel import cleaning
from fupin.excel.changes import NEW, SAME, Value
from fupin.excel.cleaning import Unreadable, compact, text
from fupin.excel.imports import Field, Import, Rows
from fupin.excel.ledger import LedgerPlan, Record
from projects import codes, kept
from projects.imports.pool_columns import amount
from projects.models import FundEntry, FundLine, Project, flow_problem

CHUNK = 500
PARTS = {
    "planned": ("下达", "指标", "指标下达"),
    "allotted": ("拨付", "拨款"),
    "paid": ("支付", "支出", "付款", "报账"),
}
LABELS = {"planned": "下达", "allotted": "拨付", "paid": "支付"}
STEPS = {part: step.value for step, part in codes.PARTS.items()}
FIELDS = (
    Field("date", "日期", ("时间", "业务日期", "发生日期", "记账日期", "拨付日期", "拨付时间", "支付日期", "支付时间", "下达日期", "下达时间", "付款日期", "拨款日期", "拨款时间", "到账时间", "到账日期"), example="2026-05-12"),
    Field("document", "文号", ("资金文号", "指标文号", "文件号"), example="炉财农〔2026〕12号"),
    Field("source", "资金级次", ("级次", "资金来源", "来源", "资金级别"), choices=codes.FundSource, example="中央"),
    Field("number", "项目编号", ("项目编码",), example="2026-513327-0001"),
    Field("project", "项目", ("项目名称", "工程名称"), example="人畜饮水工程"),
    Field("year", "项目年度", ("年度",), example="2026"),
    Field("summary", "摘要", ("用途", "说明", "内容"), example="拨付工程进度款"),
    Field("payee", "收款人", ("收款单位", "收款方", "领款人"), example="某建筑公司"),
    Field("money", "金额", ("发生额", "资金金额"), amount, example="120000", note="元；表头写明（万元）的按万元。冲回的写负数。"),
    Field("kind", "下达/拨付/支付", ("类型", "业务类型", "环节", "类别", "资金环节"), example="支付", note="写下达、拨付或支付。"),
    Field("planned", "下达金额", ("下达", "下达资金", "计划下达", "指标金额", "下达指标"), amount),
    Field("allotted", "拨付金额", ("拨付", "拨款金额", "拨付资金", "本次拨付", "本次拨付金额"), amount),
    Field("paid", "支付金额", ("支付", "付款金额", "支付资金", "本次支付", "本次支付金额"), amount),
    Field("balance", "余额", ("结余",), amount, note="不读入，由下达减支付算出。"),
)  # fmt: skip


def part_titled(table):
    """What the title says of all amounts of a list: 资金支出台账 is what was paid. None where it says none, or several."""
    said = compact(f"{table.title} {table.sheet}")
    told = [part for part, words in PARTS.items() if any(word in said for word in words)]
    return told[0] if len(told) == 1 else None


@dataclass(slots=True, kw_only=True)
class Entry(Record):
    number: str = ""
    name: str = ""
    year: int | None = None
    source: str = ""
    amounts: dict = None
    on: date | None = None
    payee: str = ""
    document: str = ""
    summary: str = ""
    again: bool = False
    project: object = None
    fresh: dict = field(default_factory=dict)
    """`{part: money}` of what is not booked yet."""


class FundPlan(LedgerPlan):
    """What a ledger of funds would do."""

    fields = FIELDS

    in_parts = True

    def __init__(self, tables, setting):
        self._seen = {}
        super().__init__(tables, setting)
        for table in tables:
            told = None if {"kind", *PARTS} & table.columns.keys() else part_titled(table)
            if told and table.numbers:
                detail = f"表里没有写是下达、拨付还是支付，按标题全部记为{LABELS[told]}；不是的请加一列“下达/拨付/支付”"
                Rows(table, FIELDS, self.issues).issue(
                    "fund_kind_assumed", table.numbers[0], "money", detail=detail
                )

    def links(self, record):
        """Entries of one project: they share its sums."""
        project = [("project", record.project.pk)] if record.project else ()
        return (("fund", record.number or record.name), *project)

    def read_row(self, rows, number, cells):
        row = Entry(rows=rows, row=number, number=rows.word("number", cells)[:30])
        row.name = rows.word("project", cells)[:120]
        row.payee = rows.word("payee", cells)[:80]
        row.document = rows.word("document", cells)[:60]
        row.summary = rows.word("summary", cells)[:200]
        row.source = codes.code_of("source", rows.word("source", cells))
        row.year = self._year(rows, cells)
        row.amounts = self._amounts(row, cells)
        self._date(row, cells)
        if not row.name and not row.number:
            row.refuse("project_name_missing", "project")
        if not row.source:
            row.refuse("fund_source_missing", "source", rows.word("source", cells))
        if not row.amounts:
            row.refuse(
                "fund_entry_unclear", "kind" if "kind" in rows.at else "money", rows.word("kind", cells)
            )
        if not row.bad:
            self._twice(row, cells)
        return row

    @staticmethod
    def _year(rows, cells):
        try:
            return cleaning.year(rows.cell("year", cells))
        except Unreadable:
            return None

    def _amounts(self, row, cells):
        """`{part: money}`: one column for each, or one of money beside a word that says which."""
        found = {
            part: money
            for part in PARTS
            if (money := row.rows.valued(part, row.row, cells)) not in (None, Decimal(0))
        }
        if found:
            return found
        money = row.rows.valued("money", row.row, cells)
        word = compact(row.rows.word("kind", cells))
        part = next((part for part, words in PARTS.items() if word in words), None)
        if "kind" not in row.rows.at:
            part = part_titled(row.rows.table)
        return {part: money} if part and money is not None else {}

    def _date(self, row, cells):
        raw = row.rows.cell("date", cells)
        try:
            found = cleaning.day(raw, row.rows.table.epoch)
        except Unreadable as problem:
            row.warn(problem.code, "date", text(raw))
            return
        row.on = found[0] if found else None
        if row.on and row.on > self.setting.as_of:
            row.refuse("done_in_future", "date", row.on)

    def _twice(self, row, cells):
        """An entry that stands twice, to the letter, counts once."""
        key = (
            row.on, row.document, row.source, row.number or row.name, row.year, row.payee, row.summary,
            tuple(row.amounts.items()),
        )  # fmt: skip
        before = self._seen.setdefault(key, row)
        if before is not row and row.on:
            row.warn("fund_entry_repeated", "money", related_row=before.row)
            row.again = True

    # With the database

    def resolve(self, by):
        good = [row for row in self.records if not row.bad]
        self._find_projects(good, by)
        good = [row for row in good if not row.bad]
        keys = sorted({row.project.pk for row in good})
        self.lines, self.booked, self.sums, self.opening = {}, Counter(), {}, {}
        for start in range(0, len(keys), CHUNK):
            for line in FundLine.objects.filter(project__in=keys[start : start + CHUNK]).order_by("pk"):
                self.lines[line.project_id, line.source] = line
            self._read_entries(keys[start : start + CHUNK])
        self._add_up(good)

    def _read_entries(self, projects):
        """What is booked of these projects: how often each entry, and the sums; what stands for no entry apart."""
        rows = FundEntry.objects.filter(line__project__in=projects).order_by("pk").values_list(
            "pk", "opening", "line__project", "line__source", "kind", "on", "document", "payee", "summary", "amount"
        )  # fmt: skip
        for key, opening, project, source, kind, *said, money in rows:
            part = codes.PARTS[kind]
            if opening:
                self.opening[project, source, part] = (key, money)
                continue
            self.booked[project, source, part, *said, money] += 1
            sums = self.sums.setdefault((project, source), {})
            sums[part] = sums.get(part, Decimal(0)) + money

    def _find_projects(self, rows, by):
        """Projects by number, else by name (and year): none or several of that name is an error."""
        reach = Project.objects.visible_to(by, Permission.FUND_EDIT)
        numbers = sorted({row.number for row in rows if row.number})
        names = sorted({row.name for row in rows if not row.number})
        numbered, named = {}, {}
        for start in range(0, len(numbers), CHUNK):
            chunk = reach.filter(number__in=numbers[start : start + CHUNK]).order_by("pk")
            numbered |= {project.number: project for project in chunk}
        for start in range(0, len(names), CHUNK):
            for project in reach.filter(name__in=names[start : start + CHUNK]).order_by("pk"):
                named.setdefault(project.name, []).append(project)
        for row in rows:
            fits = [numbered[row.number]] if row.number in numbered else []
            if not row.number:
                fits = [p for p in named.get(row.name, ()) if row.year in (None, p.year)]
            if len(fits) == 1:
                row.project = fits[0]
                continue
            several = f"同名的项目有 {len(fits)} 个，请填项目编号" if fits else ""
            row.refuse(
                "project_not_found",
                "number" if row.number else "project",
                row.number or row.name,
                detail=several,
            )

    def _add_up(self, rows):
        """The sums by project and source; where they do not hold every entry of that money is refused with the
        numbers: half a ledger would be a wrong sum."""
        entries, left = {}, self.booked.copy()
        for row in rows:
            key = (row.project.pk, row.source)
            entries.setdefault(key, []).append(row)
            if row.again:
                continue
            sums = self.sums.setdefault(key, {})
            for part, money in row.amounts.items():
                mark = (*key, part, row.on, row.document, row.payee, row.summary, money)
                if left[mark]:
                    left[mark] -= 1
                    continue
                row.fresh[part] = money
                before = sums.get(part, Decimal(0))
                sums[part] = before + money
                label = f"{codes.FundSource(row.source).label}{LABELS[part]}合计（元）"
                row.differences.append(Value(row.row, label, f"{before:,.2f}", f"{sums[part]:,.2f}"))
        for key, held in entries.items():
            problem = self._problem(key)
            if problem:
                for row in held:
                    row.differences.clear()
                    row.refuse("fund_order", next(iter(row.amounts)) if "money" not in row.rows.at else "money", detail=problem)  # fmt: skip

    def _problem(self, key):
        line = self.lines.get(key)
        sums = self.sums.get(key, {})
        return flow_problem(key[1], {part: sums.get(part, getattr(line, part, None)) for part in PARTS})

    def write(self, by, batch):
        rows = self.kept
        projects = {row.project.pk: row.project for row in rows}
        parts = {}  # {(project, source): parts that the file has entries of}
        for row in rows:
            parts.setdefault((row.project.pk, row.source), set()).update(row.amounts)
        fresh, changed, touched = [], [], {}
        for key, held in parts.items():
            project, source = key
            line = self.lines.get(key)
            new = line is None
            line = self.lines[key] = line or FundLine(project=projects[project], source=source)
            sums = {part: self.sums[key][part] for part in PARTS if part in held}
            differs = [part for part, value in sums.items() if getattr(line, part) != value]
            for part in differs:
                setattr(line, part, sums[part])
            if differs:
                (fresh if new else changed).append(line)
                touched.setdefault(project, []).append([line.get_source_display(), *(f"{LABELS[part]} {sums[part]}" for part in differs)])  # fmt: skip
            elif new:
                fresh.append(line)
        booked = [row for row in rows if row.fresh]
        for row in booked:
            touched.setdefault(row.project.pk, [])
        gone = [
            key for (project, source, part), (key, _) in self.opening.items() if part in parts.get((project, source), ())
        ]  # fmt: skip
        with kept.counting(*touched):
            bulk.create(fresh, batch_size=CHUNK)
            bulk.change(changed, list(PARTS), batch_size=200)
            bulk.delete_rows(FundEntry, gone)
            bulk.create(self._entries(booked, by), batch_size=CHUNK)
        AuditEvent.objects.bulk_create(
            [
                event("fund.import", projects[project], by=by, batch=batch, funds=said)
                for project, said in touched.items()
            ],
            batch_size=CHUNK,
        )
        for row in rows:
            row.state = NEW if row.fresh else SAME
        return {"rows_new": len(booked), "rows_changed": 0, "rows_same": len(rows) - len(booked)}

    def _entries(self, rows, by):
        return [
            FundEntry(
                line=self.lines[row.project.pk, row.source], kind=STEPS[part], amount=money, on=row.on,
                document=row.document, payee=row.payee, summary=row.summary, by=by,
            )
            for row in rows
            for part, money in row.fresh.items()
        ]  # fmt: skip

    # Figures

    def summary(self):
        rows = [row for row in self.kept if not row.again]
        total = {
            part: f"{sum((row.amounts.get(part, Decimal(0)) for row in rows), Decimal(0)):.2f}"
            for part in PARTS
        }
        return {
            "rows": len(self.kept),
            "projects": len({row.project.pk for row in rows}),
            "sums_yuan": total,
            "payees": len({row.payee for row in rows if row.payee}),
        }


FUND_LEDGER = Import(
    kind="funds",
    title="资金台账",
    permission=Permission.IMPORT,
    fields=FIELDS,
    needs=(
        ("source",),
        ("project", "number"),
        ("money", "planned", "allotted", "paid"),
        ("kind", "payee", "document"),
    ),
    plan=FundPlan,
    words="资金台账|支出明细|资金流水",
    needs_named=(("source",), ("project", "number"), ("money", "planned", "allotted", "paid")),
    group="村和项目",
    note="流水逐笔保存，按项目和级次合计成下达、拨付、支付；已登记的不重复记",
    result_page="project_list",
)
