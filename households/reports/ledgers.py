"""Ledgers that come back by import as they are: L03 走访台账, L04 结对台账, L05 帮扶措施台账.

Their columns are those of the imports (`households.imports`), by the same names, with the row version at the end; a
test holds that what is exported and imported is exported the same again, cell for cell.
"""

from fupin.accounts.roles import Permission as P
from fupin.audit.seen import look
from fupin.batched import batched
from fupin.excel import versions
from fupin.excel.reports import Column, Found, Report
from fupin.excel.sheet import Kind
from households import codes
from households.imports import measures, pairings, visits
from households.models import Measure, Pairing, Visit
from households.reports.rows import Places, filtered, listed
from households.reports.whole import FORMATS

BACK = "改好后可在“导入”页原样导回；最右边的“数据版本”请不要动。"
YES = {True: "是", False: "否", None: ""}
WAYS, KINDS = dict(codes.VisitWay.choices), dict(codes.MeasureKind.choices)
SEXES, LEVELS = dict(codes.Sex.choices), dict(codes.UnitLevel.choices)
OWNER = ("household", "household__number", "household__head_name", "household__region_path")
ORDER = ("household__region_path", "household__number")
NARROW = {"town": 9, "village": 10, "group": 6}
LONG = (
    "content",
    "problem",
    "measure",
    "what",
    "effect",
    "note",
    "location",
    "borders",
    "terrain",
    "water_resource",
)


def column_of(item, formats=None):
    """The column of a report that an import reads as `item`. The row of the report holds it under the same name."""
    kind, width = (formats or {}).get(item.name) or FORMATS.get(item.clean) or (Kind.CODE, 12)
    if item.name == "hh_no":
        width = 20
    elif item.name in LONG:
        kind, width = Kind.TEXT, 24
    return Column(
        item.label, lambda row: row.get(item.name), kind, NARROW.get(item.name, width), pii=item.pii
    )


def columns_of(fields, *, without=(), formats=None):
    """The columns of a report that the import with these fields reads back."""
    left = {"province", "city", "county", *without} - {"row_version"}
    return tuple(
        column_of(item, {"row_version": (Kind.CODE, 26)} | (formats or {})) for item in fields if item.name not in left
    )  # fmt: skip


def source(model_rows, lines, note, *columns):
    """A report of rows that hang on households: those of the list page. `model_rows(asked)`, `lines(row, asked)`."""

    def found(asked):
        homes, chips = listed(asked, filtered(asked, today=True))
        rows = asked.visible(model_rows(asked)).filter(household__in=homes.order_by().values("pk"))
        told = note.replace("{year}", str(asked.year)) + BACK
        return Found(rows.order_by().count(), lambda size: _read(rows, columns, lines, asked, size), chips, told)  # fmt: skip

    return found


def _read(rows, columns, lines, asked, size):
    places = Places()
    for chunk in batched(rows.values(*OWNER, *columns).iterator(chunk_size=min(size, 500)), 500):
        yield from _placed(chunk, places, lines, asked)


def _placed(chunk, places, lines, asked):
    places.read({row["household__region_path"] for row in chunk})
    look([row["household"] for row in chunk])
    for row, line in zip(chunk, lines(chunk, asked)):
        town, village, group = places.of(row["household__region_path"])
        number = row["household__number"]
        line["row_version"] = versions.written(number, line["row_version"])
        yield line | {
            "town": town, "village": village, "group": group, "hh_no": number, "head_name": row["household__head_name"],
            "owner": row["household"], "region_path": row["household__region_path"],
        }  # fmt: skip


# L03


def _visits(asked):
    rows = Visit.objects.unscoped("hanging").filter(on__year=asked.year, cancelled_reason="")
    return rows.order_by(*ORDER, "on", "pk")


def _visit_lines(chunk, asked):
    unnamed = [row["pk"] for row in chunk if not row["visitor_text"]]
    names = visits.visitors_of(Visit.objects.unscoped("hanging").filter(pk__in=unnamed)) if unnamed else {}
    for row in chunk:
        name, unit = names.get(row["pk"], ("", ""))
        yield {
            "date": row["on"], "visitor": row["visitor_text"] or name, "unit": row["visitor_unit"] or unit,
            "way": WAYS.get(row["way"]), "content": row["content"], "problem": row["problem"], "measure": row["handling"],
            "solved": YES[row["solved"]], "money": row["gift_money"], "goods": row["gift_goods"],
            "row_version": visits.stamp_of(row["uid"]),
        }  # fmt: skip


VISITS = Report(
    name="L03",
    label=lambda year: f"走访台账（{year}年度）",
    about="一行一次走访，栏目与导入的相同，可原样导回",
    section="台账名册",
    permissions=(P.HOUSEHOLD_VIEW,),
    source=source(
        _visits, _visit_lines, "{year} 年的走访，作废的不在内。已登记的走访不会重复记，也不能用导入改。",
        "pk", "uid", "on", "visitor_text", "visitor_unit", "way", "content", "problem", "handling", "solved",
        "gift_money", "gift_goods",
    ),
    list_page="visit_list",
    unit="元",
    label_at=0,
    columns=columns_of(visits.FIELDS, formats={"date": (Kind.DATE, 11), "unit": (Kind.TEXT, 18), "goods": (Kind.TEXT, 14)}),
)  # fmt: skip

# L04


def _pairings(asked):
    return Pairing.objects.unscoped("hanging").order_by(
        *ORDER, "starts_on", "order", "helper__name", "helper__unit", "pk"
    )


_HELPER = (
    "helper__name", "helper__unit", "helper__phone", "helper__sex", "helper__unit_kind", "helper__unit_level",
    "helper__rank", "helper__first_secretary", "helper__team_leader", "helper__team_member",
)  # fmt: skip


def _pairing_lines(chunk, asked):
    for row in chunk:
        said = {name.removeprefix("helper__"): row[name] for name in _HELPER}
        yield {
            "helper": said["name"], "helper_sex": SEXES.get(said["sex"]), "unit": said["unit"], "utype": said["unit_kind"],
            "level": LEVELS.get(said["unit_level"]), "rank": said["rank"], "first": YES[said["first_secretary"]],
            "leader": YES[said["team_leader"]], "team": YES[said["team_member"]], "helper_phone": said["phone"],
            "begin": row["starts_on"], "end": row["ends_on"], "quota": row["visits_per_year"],
            "row_version": pairings.stamp_of(row["ends_on"], row["visits_per_year"]),
        }  # fmt: skip


PAIRINGS = Report(
    name="L04",
    label=lambda year: "结对台账",
    about="一行一户一名责任人，过去的也在，可原样导回",
    section="台账名册",
    permissions=(P.HOUSEHOLD_VIEW,),
    source=source(
        _pairings, _pairing_lines, "全部结对，含已结束的。导回能改结束日期、走访次数和责任人的情况。",
        "starts_on", "ends_on", "visits_per_year", *_HELPER,
    ),
    list_page="household_list",
    all_years=True,
    label_at=0,
    columns=columns_of(
        pairings.FIELDS,
        formats={"begin": (Kind.DATE, 11), "end": (Kind.DATE, 11), "unit": (Kind.TEXT, 20), "helper_sex": (Kind.CODE, 6)},
    ),
)  # fmt: skip

# L05


def _measures(asked):
    return Measure.objects.unscoped("hanging").order_by(*ORDER, "kind", "what", "starts_on", "pk")


def _measure_lines(chunk, asked):
    for row in chunk:
        stored = measures.stamped([row[name] for name in measures.COLUMNS])
        yield {
            "kind": KINDS.get(row["kind"]), "what": row["what"], "quantity": row["quantity"], "unit": row["unit"],
            "money": row["money"], "helper": row["helper__name"], "helper_unit": row["helper__unit"],
            "begin": row["starts_on"], "target": row["target_text"], "done": row["done_on"], "effect": row["effect"],
            "row_version": versions.stamp(stored),
        }  # fmt: skip


MEASURES = Report(
    name="L05",
    label=lambda year: "帮扶措施台账",
    about="一行一项措施，栏目与导入的相同，可原样导回",
    section="台账名册",
    permissions=(P.HOUSEHOLD_VIEW,),
    source=source(
        _measures, _measure_lines, "全部措施。类别、内容和开始日期认的是哪一项，改了就是另一项；其余各栏可以改。",
        "kind", "what", "starts_on", *measures.COLUMNS, "helper__name", "helper__unit",
    ),
    list_page="measure_list",
    all_years=True,
    unit="元",
    label_at=0,
    columns=columns_of(
        measures.FIELDS, without=("id",),
        formats={"begin": (Kind.DATE, 11), "done": (Kind.DATE, 11), "helper_unit": (Kind.TEXT, 18), "unit": (Kind.CODE, 8)},
    ),
)  # fmt: skip

REPORTS = [VISITS, PAIRINGS, MEASURES]
