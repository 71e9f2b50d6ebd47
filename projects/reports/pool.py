"""L09 项目台账: one line a project with every column that the import of projects reads, so that it can be read back."""

from collections import defaultdict

from fupin.accounts.roles import Permission as P
from fupin.batched import batched
from fupin.excel import versions
from fupin.excel.reports import Column, Found, Report
from fupin.excel.sheet import Kind
from fupin.regions.models import Region, ancestors_of
from projects import codes
from projects.filters import chips
from projects.imports.pool_columns import FIELDS, SOURCES, amount, count
from projects.imports.pool_standing import stamp_of
from projects.imports.steps import ACCEPTANCE, milestone_words, step_key
from projects.models import FundLine, Milestone, ProjectVillage
from projects.reports.registers import listed, places_of

NATURES, STATES = dict(codes.Nature.choices), dict(codes.State.choices)
CHUNK = 500
SHORT = {
    "number": 21, "year": 7, "province": 9, "city": 12, "county": 9, "town": 10, "village": 10, "project": 24, "lead": 18,
    "resp": 18, "place": 18, "content": 30, "milestone": 36, "documents": 24, "covers": 24, "remark": 18, "unit": 8, "row_version": 34,
}  # fmt: skip
DATES = ("started", "finished", "accepted", "settled")
LONG = ("project", "place", "content", "lead", "resp", "milestone", "documents", "covers", "remark", "source")


def pool_source(asked):
    found = listed(asked)
    rows = found.qs.order_by("region_path", "year", "number")
    note = (
        "列表里的项目，带各级资金（元）和节点。改好后可在“导入”页原样导回；节点的计划时限是基线，导回不改；最右边的“数据版本”"
        "请不要动。"
    )
    return Found(
        rows.order_by().count(), lambda size: _lines(rows, size, places_of(asked)), [chip for chip in chips(found, "") if chip[0] != "region"], note
    )  # fmt: skip


def _lines(rows, size, places):
    for chunk in batched(rows.iterator(chunk_size=min(size, CHUNK)), CHUNK):
        for project, line in zip(chunk, _filled(chunk)):
            yield line | {"touches": places.get(project.pk)}


def _filled(projects):
    """The lines of a chunk of projects: four queries."""
    keys = [project.pk for project in projects]
    covers = defaultdict(list)
    rows = ProjectVillage.objects.unscoped("hanging").filter(project__in=keys).order_by("region_path")
    for key, path in rows.values_list("project", "region_path"):
        covers[key].append(path)
    places = {one.region_path for one in projects} | {path for held in covers.values() for path in held}
    names = Region.objects.names({part for path in places for part in (*ancestors_of(path), path)})
    money, steps = defaultdict(list), defaultdict(list)
    for line in FundLine.objects.filter(project__in=keys).order_by("project", "source"):
        money[line.project_id].append(line)
    for step in Milestone.objects.unscoped("hanging").filter(project__in=keys).order_by("order", "pk"):
        steps[step.project_id].append(step)
    for project in projects:
        yield _line(project, names, money[project.pk], steps[project.pk], covers[project.pk])


def _line(project, names, lines, steps, covered):
    path = project.region_path
    found = {
        "province": names.get(path[:2]), "city": names.get(path[:4]), "county": names.get(path[:6]),
        "town": names.get(path[:9]) if len(path) >= 9 else None,
        "village": names.get(path[:12]) if len(path) >= 12 else None, "number": project.number, "project": project.name,
        "year": project.year, "category": _category(project.category), "nature": NATURES.get(project.nature),
        "place": project.place, "content": project.content, "qty": project.quantity, "unit": project.unit,
        "invest": project.investment, "lead": project.lead_unit, "resp": project.responsible_unit,
        "builder": project.contractor, "manager": project.manager, "manager_phone": project.manager_phone, "start": project.start_text,
        "finish": project.finish_text, "started": project.started_on, "finished": project.finished_on,
        "accepted": project.accepted_on, "settled": project.settled_on,
        "progress": None if project.progress is None else f"{project.progress}%",
        "benefit_hh": project.benefit_households, "benefit_p": project.benefit_persons,
        "state": STATES.get(project.state), "source": project.source, "remark": project.remark,
        "row_version": versions.written(project.number, stamp_of(project, lines, steps)),
    }  # fmt: skip
    return found | _money(lines) | _steps(project, steps) | {"covers": _covers(path, covered, names)}


def _covers(path, covered, names):
    """The villages that a project covers, as 乡镇/村; blank where they are no more than the one it stands in."""
    if covered in ([], [path[:12]]):
        return None
    return "、".join(f"{names.get(one[:9], '')}/{names.get(one, '')}" for one in covered)


def _category(code):
    """The label, or the code where two categories share it."""
    label = codes.CATEGORY_NAMES.get(code, "")
    return label if codes.code_of("category", label) == code else code


def _money(lines):
    held = {line.source: line for line in lines}
    found = {}
    for name, (source, _) in SOURCES.items():
        if line := held.get(source):
            found |= {name: line.planned, f"{name}_allotted": line.allotted, f"{name}_paid": line.paid}
    told = [
        f"{codes.FundSource(line.source).label}：{step_key(line.document)}" for line in lines if line.document
    ]
    return found | {"documents": "；".join(told)}


def _steps(project, steps):
    """The milestones in one cell; 验收 has columns of its own unless it says more than they hold."""
    own = next((step for step in steps if step.name == ACCEPTANCE and step.done_on == project.accepted_on and not step.revised_text), None)  # fmt: skip
    told = [
        milestone_words(step.name, step.planned_text, step.done_on, step.revised_text)
        for step in steps
        if step is not own
    ]
    return {"acceptance": own.planned_text if own else None, "milestone": "；".join(told)}


def _column(item):
    kind = Kind.TEXT if item.name in LONG else Kind.CODE
    if item.clean is amount and item.name != "qty":
        kind = Kind.YUAN
    elif item.name == "qty":
        kind = Kind.AREA
    elif item.clean is count:
        kind = Kind.COUNT
    elif item.name in DATES:
        kind = Kind.DATE
    elif item.name == "year":
        kind = Kind.ORDER
    width = SHORT.get(item.name, 13 if kind is Kind.YUAN else 11)
    return Column(item.label, lambda row: row.get(item.name), kind, width, pii=item.pii)


POOL = Report(
    name="L09",
    label=lambda year: "项目台账",
    about="一行一个项目，各级资金和节点都在，可原样导回",
    section="台账名册",
    permissions=(P.PROJECT_VIEW,),
    source=pool_source,
    list_page="project_list",
    all_years=True,
    unit="元",
    label_at=0,
    columns=tuple(_column(item) for item in FIELDS),
)

REPORTS = [POOL]
