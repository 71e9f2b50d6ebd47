"""What projects offer to the reports page: R12 项目（资金）进度统计表, R13 资金台账, R14 项目资产登记台账 (domain 6.2)."""

from collections import defaultdict

from django.core.exceptions import ValidationError
from django.db.models import Count, F

from fupin.accounts.roles import Permission as P
from fupin.batched import batched
from fupin.excel.reports import SERIAL, Balance, Column, Found, Report, at_most, within
from fupin.excel.sheet import Kind
from fupin.regions.models import Region
from fupin.schedule import Standing
from projects import codes
from projects.filters import ProjectFilter, chips
from projects.models import Beneficiary, FundEntry, FundLine, Project, ProjectVillage

SHOWN = {"1": "central", "2": "province", "3": "prefecture", "4": "county"}
"""Sources with a column of their own; what comes from elsewhere is 其他."""


def listed(asked):
    """The FilterSet over the projects that may be exported: placed in the user's region or covering a village there."""
    rows = Project.objects.visible_to(asked.user)
    rows = rows.filter(rows.touching(asked.user.paths(P.REPORT_EXPORT)))
    found = ProjectFilter(asked.query, rows, today=asked.today, user=asked.user)
    if found.form.errors:  # a file never holds more than what was asked for
        raise ValidationError([message for held in found.form.errors.values() for message in held])
    return found


def places_of(asked):
    """`{project: the paths that it touches, a blank between them}` of the county whose year is kept; else {}."""
    if asked.shared is None:
        return {}
    return asked.shared.of("projects.touched", lambda: _touched(asked.shared.path), lasting=True)


def _touched(county):
    rows = Project.objects.unscoped("kept")
    rows = rows.filter(rows.touching([county]))
    found = {key: [path] for key, path in rows.order_by("pk").values_list("pk", "region_path")}
    covers = ProjectVillage.objects.unscoped("kept").filter(project__in=rows.order_by().values("pk"))
    for key, path in covers.order_by("pk").values_list("project", "region_path"):
        if path not in found[key]:
            found[key].append(path)
    return {key: " ".join(paths) for key, paths in found.items()}


def progress_source(asked):
    found = listed(asked)
    rows = found.qs.order_by("category", "finish_end", "pk")
    note = f"是否逾期按计划完工日期和 {asked.today} 判断；支出率为支付占下达的比例；资金按下达数列来源。"
    return Found(
        rows.order_by().count(), lambda size: _progress(rows, asked.today, size, places_of(asked)),
        [chip for chip in chips(found, "") if chip[0] != "region"], note,
    )  # fmt: skip


def _progress(rows, today, size, places):
    """One dict a project; funds, places and beneficiaries in a fixed number of queries a chunk."""
    for chunk in batched(rows.iterator(chunk_size=size), 500):
        yield from _chunk(chunk, today, places)


def _chunk(projects, today, places):
    ids = [project.pk for project in projects]
    money = _money(ids)
    reached = dict(
        Beneficiary.objects.unscoped("hanging")
        .filter(project__in=ids)
        .order_by()
        .values("project")
        .annotate(n=Count("household", distinct=True))
        .values_list("project", "n")
    )
    names = Region.objects.names({project.region_path for project in projects})
    for project in projects:
        row = _row(project, names, reached.get(project.pk), today)
        yield row | money[project.pk] | {"touches": places.get(project.pk), "year": project.year}


def _money(ids):
    """`{project: {source: planned, planned, paid, rate}}` in yuan; what no line says is None, not 0."""
    found = defaultdict(lambda: dict.fromkeys((*SHOWN.values(), "other", "planned", "paid", "rate")))
    lines = FundLine.objects.filter(project__in=ids).order_by("project", "pk")
    for project, source, planned, paid in lines.values_list("project", "source", "planned", "paid"):
        row = found[project]
        for name, value in ((SHOWN.get(source, "other"), planned), ("planned", planned), ("paid", paid)):
            if value is not None:
                row[name] = (row[name] or 0) + value
        row["rate"] = (row["paid"] or 0) / row["planned"] if row["planned"] else None
    return found


def _row(project, names, reached, today):
    path, deadline = project.region_path, project.deadline(today)
    place = "".join(names.get(path[:width], "") for width in (9, 12) if len(path) >= width)
    return {
        "number": project.number,
        "name": project.name,
        "level1": project.category[:2],
        "level1_name": codes.CATEGORY_NAMES[project.category[:2]],
        "category": codes.CATEGORY_NAMES[project.category],
        "place": (place or names.get(path, "")) + project.place,
        "content": project.content,
        "lead_unit": project.lead_unit,
        "responsible_unit": project.responsible_unit,
        "investment": project.investment,
        "started": _day(project.started_on) or (project.start_text and f"计划 {project.start_text}"),
        "finish": project.finish_text,
        "finished": _day(project.finished_on),
        "progress": None if project.progress is None else project.progress / 100,
        "state": "未开工" if project.not_started(today) else project.get_state_display(),
        "late": deadline.label if deadline.standing == Standing.OVER else "否",
        "households": reached if project.benefit_households is None else project.benefit_households,
        "persons": project.benefit_persons,
        "problem": project.blocked_reason,
        "remark": project.remark,
    }


def _day(day):
    return f"{day:%Y-%m-%d}" if day else ""


def _sources(cell):
    planned = cell("下达")
    parts = [cell(f"资金来源/{title}") for title in ("中央", "省", "市", "县", "其他")]
    return None if planned is None else planned == sum(part or 0 for part in parts)


def _whole(cell):
    return cell("进度%") in (None, 1) if cell("实际完工") else None


PROGRESS = Report(
    name="R12",
    label=lambda year: "项目（资金）进度统计表",
    about="按类别小计，半月或每月报送",
    section="定期上报",
    permissions=(P.PROJECT_VIEW,),
    source=progress_source,
    list_page="project_list",
    all_years=True,
    unit="元、户、人",
    group="level1",
    group_name="level1_name",
    total=True,
    label_at=2,
    balances=(
        Balance("下达 = 各来源之和", "下达", _sources),
        within("支付", "下达"),
        within("下达", "总投资"),
        at_most("进度%", 1),
        within("受益/户", "受益/人"),
        Balance("完工的进度为 100%", "进度%", _whole, texts=True),
    ),
    columns=(
        Column("序号", SERIAL, Kind.ORDER, 5),
        Column("项目编号", "number", Kind.CODE, 21),
        Column("项目名称", "name", width=26),
        Column("类别", "category", width=13),
        Column("建设地点", "place", width=14),
        Column("建设内容及规模", "content", width=24),
        Column("牵头单位", "lead_unit", width=15),
        Column("责任单位", "responsible_unit", width=15),
        Column("总投资", "investment", Kind.YUAN, 14, total=True),
        Column(("资金来源", "中央"), "central", Kind.YUAN, 13, total=True),
        Column(("资金来源", "省"), "province", Kind.YUAN, 13, total=True),
        Column(("资金来源", "市"), "prefecture", Kind.YUAN, 13, total=True),
        Column(("资金来源", "县"), "county", Kind.YUAN, 13, total=True),
        Column(("资金来源", "其他"), "other", Kind.YUAN, 13, total=True),
        Column("下达", "planned", Kind.YUAN, 14, total=True),
        Column("支付", "paid", Kind.YUAN, 14, total=True),
        Column("支出率", "rate", Kind.RATE, 8, share=("支付", "下达")),
        Column("开工", "started", Kind.CODE, 12),
        Column("计划完工", "finish", Kind.CODE, 12),
        Column("实际完工", "finished", Kind.CODE, 11),
        Column("进度%", "progress", Kind.RATE, 8),
        Column("状态", "state", Kind.CODE, 9),
        Column("是否逾期", "late", Kind.CODE, 11),
        Column(("受益", "户"), "households", Kind.COUNT, 6, total=True),
        Column(("受益", "人"), "persons", Kind.COUNT, 7, total=True),
        Column("存在问题", "problem", width=14),
        Column("备注", "remark", width=12),
    ),
)

# R13 资金台账


def ledger_source(asked):
    """Entries of the projects of the list page, project by project in order of their days."""
    found = listed(asked)
    rows = FundEntry.objects.filter(line__project__in=found.qs.order_by().values("pk"))
    note = "一笔流水一行，按项目小计；余额为该项目到这一笔为止的下达减支付；冲回记负数。没有登记流水的资金不在表内。"
    return Found(
        rows.count(), lambda size: _ledger(rows, size, places_of(asked)), [chip for chip in chips(found, "") if chip[0] != "region"], note
    )  # fmt: skip


def _ledger(rows, size, places):
    project, left = None, 0
    order = (
        "line__project__year",
        "line__project__number",
        "line__project",
        F("on").asc(nulls_first=True),
        "pk",
    )
    found = rows.order_by(*order).values_list(
        "line__project", "line__project__number", "line__project__name", "line__source", "kind", "amount", "on",
        "document", "summary", "payee", "line__project__year",
    )  # fmt: skip
    for key, number, name, source, kind, amount, on, document, summary, payee, year in found.iterator(
        chunk_size=size
    ):
        if key != project:
            project, left = key, 0
        left += {codes.FundStep.PLANNED: amount, codes.FundStep.PAID: -amount}.get(kind, 0)
        yield {
            "project": key, "number": number, "name": name, "source": SOURCES[source], "kind": STEPS[kind],
            "money": amount, "on": on, "document": document, "summary": summary, "payee": payee, "left": left,
            codes.PARTS[kind]: amount, "touches": places.get(key), "year": year,
        }  # fmt: skip


SOURCES, STEPS = dict(codes.FundSource.choices), dict(codes.FundStep.choices)


def _part(name):
    return lambda row: row.get(name)


LEDGER = Report(
    name="R13",
    label=lambda year: "资金台账（支出明细表）",
    about="一笔一行，按项目小计，每月报送",
    section="定期上报",
    permissions=(P.PROJECT_VIEW,),
    source=ledger_source,
    list_page="project_list",
    all_years=True,
    unit="元",
    group="project",
    group_name="name",
    total=True,
    label_at=4,
    balances=(
        within("合计/支付", "合计/拨付"),
        within("合计/拨付", "合计/下达"),
        within("合计/支付", "合计/下达"),
    ),
    columns=(
        Column("日期", "on", Kind.DATE, 11),
        Column("文号", "document", Kind.CODE, 20),
        Column("资金级次", "source", Kind.CODE, 12),
        Column("项目编号", "number", Kind.CODE, 21),
        Column("项目", "name", width=22),
        Column("摘要", "summary", width=20),
        Column("收款人", "payee", width=18),
        Column("金额", "money", Kind.YUAN, 14),
        Column("下达/拨付/支付", "kind", Kind.CODE, 9),
        Column("余额", "left", Kind.YUAN, 14),
        Column(("合计", "下达"), _part("planned"), Kind.YUAN, 14, total=True),
        Column(("合计", "拨付"), _part("allotted"), Kind.YUAN, 14, total=True),
        Column(("合计", "支付"), _part("paid"), Kind.YUAN, 14, total=True),
    ),
)

# R14 项目资产登记台账


ASSET_KINDS = {"01": "经营性", "07": "公益性", "05": "公益性", "06": "公益性", "09": "到户"}
"""What a first-level category usually leaves behind; any other is 待确认."""


def assets_source(asked):
    """Finished projects of the list page that may be exported: what they left behind."""
    found = listed(asked)
    rows = found.qs.filter(state__in=codes.FINISHED).order_by("category", "finished_on", "pk")
    note = (
        "完工以后的项目，一个项目一行；价值为支付数，没有支付流水的为计划总投资；类型按项目类别推定，须核对；权属单位、管护人和收益"
        "没有登记，留空手填。"
    )
    return Found(
        rows.order_by().count(), lambda size: _assets(rows, size, places_of(asked)), [chip for chip in chips(found, "") if chip[0] != "region"], note
    )  # fmt: skip


def _assets(rows, size, places):
    for chunk in batched(rows.iterator(chunk_size=size), 500):
        yield from _asset_lines(chunk, places)


def _asset_lines(projects, places):
    money = _money([project.pk for project in projects])
    for project in projects:
        paid = money[project.pk]["paid"]
        kind = ASSET_KINDS.get(project.category[:2], "待确认")
        yield {
            "number": project.number, "name": project.name, "kind": kind, "order": project.category[:2],
            "category": codes.category_path(project.category), "planned": money[project.pk]["planned"],
            "built": project.finished_on or project.accepted_on, "worth": project.investment if paid is None else paid,
            "scale": f"{project.quantity.normalize():f}{project.unit}" if project.quantity is not None else project.content[:40],
            "state": project.get_state_display(), "remark": project.remark, "touches": places.get(project.pk),
            "year": project.year,
        }  # fmt: skip


def _blank(row):
    return ""


ASSETS = Report(
    name="R14",
    label=lambda year: "项目资产登记台账（移交清单）",
    about="完工项目形成的资产，一个项目一行，按项目类别小计，每年报送",
    section="定期上报",
    permissions=(P.PROJECT_VIEW,),
    source=assets_source,
    list_page="project_list",
    all_years=True,
    unit="元",
    group="order",
    group_name="kind",
    total=True,
    balances=(Balance("完工的写明建成时间", "建成时间", lambda cell: bool(cell("建成时间")), texts=True),),
    columns=(
        Column("编号", "number", Kind.CODE, 21),
        Column("资产名称", "name", width=24),
        Column("类型", "kind", Kind.CODE, 9),
        Column("来源项目", "category", width=26),
        Column("资金", "planned", Kind.YUAN, 14, total=True),
        Column("建成时间", "built", Kind.DATE, 11),
        Column("规模", "scale", width=16),
        Column("价值", "worth", Kind.YUAN, 14, total=True),
        Column("权属单位", _blank, width=12),
        Column("管护人", _blank, width=9),
        Column("收益", _blank, width=10),
        Column("状态", "state", Kind.CODE, 9),
        Column("备注", "remark", width=12),
    ),
)

REPORTS = [PROGRESS, LEDGER, ASSETS]


def _per_household(household_ids, year):
    """{household: number of projects up to `year` that reached it}."""
    rows = Beneficiary.objects.unscoped("hanging").filter(
        household__in=household_ids, project__year__lte=year
    )
    rows = rows.values("household").order_by()
    return dict(rows.annotate(n=Count("project", distinct=True)).values_list("household", "n"))


PER_HOUSEHOLD = [("projects", _per_household)]
