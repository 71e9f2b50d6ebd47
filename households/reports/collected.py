"""What is collected year by year, as tables that come back by import: L06 年度收入和条件, L07 村情, L08 监测对象."""

from functools import partial

from fupin.accounts.roles import Permission as P
from fupin.audit.seen import look
from fupin.batched import batched
from fupin.excel import versions
from fupin.excel.reports import Found, Report, region_of
from fupin.excel.sheet import Kind
from fupin.regions.models import Region, ancestors_of
from households import codes, profile
from households.imports import measure_words, monitoring, store, villages, yearly
from households.lifecycle import ClearingMode
from households.models import Measure, StatusChange, VillageProfile
from households.models.income import net_of
from households.reports.areas import only_places
from households.reports.ledgers import BACK, YES, column_of, columns_of
from households.reports.rows import PLACE, Places, filtered, listed, owners
from households.reports.whole import words_of

CAUSES, DANGERS = dict(codes.Cause.choices), dict(codes.DangerLevel.choices)
MONITORS, RISKS = dict(codes.MonitorCategory.choices), dict(codes.Risk.choices)
MODES = dict(ClearingMode.choices)
CHUNK = 500


def _homes(rows, size, make, *columns):
    """Lines of households in chunks, each with its place and number. `make(chunk)` gives the rest of each line."""
    wanted, places = ("pk", "number", "head_name", "region_path", "size", *columns), Places()
    for chunk in batched(rows.order_by(*PLACE).values(*wanted).iterator(chunk_size=min(size, CHUNK)), CHUNK):
        yield from _placed(chunk, places, make)


def _placed(chunk, places, make):
    places.read({row["region_path"] for row in chunk})
    look([row["pk"] for row in chunk])
    for row, line in zip(chunk, make(chunk)):
        town, village, group = places.of(row["region_path"])
        line["row_version"] = versions.written(row["number"], line["row_version"])
        yield {
            "town": town, "village": village, "group": group, "hh_no": row["number"], "head_name": row["head_name"],
            "owner": row["pk"], "region_path": row["region_path"],
        } | line  # fmt: skip


# L06

_VALUES = [(item, *item.into.split(".")) for item in yearly.FIELDS if item.into]


def _year_source(asked):
    rows, chips = listed(asked, filtered(asked, today=True))
    note = (
        f"{asked.year} 年度的收入、条件、致贫原因和保障，没有采集的户空着，可当采集表填写。"
        "纯收入只供核对，由各项收支算出。"
    )
    return Found(
        rows.order_by().count(),
        lambda size: _homes(rows, size, lambda chunk: _year_lines(chunk, asked.year)),
        chips,
        note + BACK,
    )


def _year_lines(chunk, year):
    incomes, conditions, causes = yearly.facts_of([row["pk"] for row in chunk], year)
    stamps = yearly.stamps_of(incomes, conditions, causes)
    for row in chunk:
        held = {
            "income": dict(zip(store.INCOME, incomes.get(row["pk"], ()))),
            "condition": dict(zip(yearly.CONDITION, conditions.get(row["pk"], ()))),
        }
        line = {item.name: _said(item, held[part].get(column)) for item, part, column in _VALUES}
        money, home = held["income"], held["condition"]
        found = [CAUSES.get(cause, "") for _, cause in causes.get(row["pk"], ())]
        yield line | {
            "year": year, "size": _divisor(money) or row["size"],
            "net": net_of(*(money.get(name) for name in store.INCOME[:6])),
            "danger": DANGERS.get(home.get("danger_level")) or YES[home.get("dangerous")],
            "cause": found[0] if found else None, "causes2": "、".join(found[1:]),
            "row_version": stamps.get(row["pk"]) or versions.stamp(()),
        }  # fmt: skip


def _divisor(money):
    """The people by whom the year's income is divided; None where no amount of it is known."""
    told = any(value is not None for name, value in money.items() if name != "persons")
    return money["persons"] if told else None


def _said(item, value):
    if item.name == "guarantees" and value:
        labels = dict(codes.Guarantee.choices)
        return "、".join(labels[code] for code in value.split(",") if code in labels)
    return words_of(item, value)


YEARLY = Report(
    name="L06",
    label=lambda year: f"年度收入和生产生活条件（{year}年度）",
    about="一户一行，可当采集表填好导回",
    section="台账名册",
    permissions=(P.HOUSEHOLD_VIEW,),
    source=_year_source,
    list_page="household_list",
    unit="元、亩、平方米、公里",
    label_at=0,
    columns=columns_of(
        yearly.FIELDS, without=("id", "percap"),
        formats={"net": (Kind.YUAN, 12), "size": (Kind.COUNT, 6), "year": (Kind.ORDER, 6), "water_kind": (Kind.CODE, 17)},
    ),
)  # fmt: skip

# L07


def _village_source(asked):
    only_places(asked)
    region = region_of(asked)
    rows = asked.visible(VillageProfile.objects.unscoped("hanging").filter(year=asked.year))
    rows = rows.within(region.path) if region else rows.none()
    note = f"{asked.year} 年度填了村情的村，一村一行；空着的是不知道，不是 0。" + BACK
    return Found(rows.order_by().count(), lambda size: _village_lines(rows.order_by("region_path")), [], note)


def _village_lines(rows):
    rows = list(rows)
    names = Region.objects.names({part for row in rows for part in ancestors_of(row.region_path)})
    for row in rows:
        path = row.region_path
        line = {name: _plain(getattr(row, name)) for name in profile.FIELDS}
        yield line | {
            "province": names.get(path[:2]), "city": names.get(path[:4]), "county": names.get(path[:6]),
            "town": names.get(path[:9]), "village": names.get(path), "year": row.year, "region_path": path,
            "row_version": versions.written(names.get(path), villages.stamp_of(row)),
        }  # fmt: skip


def _plain(value):
    return YES[value] if isinstance(value, bool) else value


def _kind(name):
    kind = VillageProfile._meta.get_field(name).get_internal_type()
    return {
        "PositiveIntegerField": (Kind.COUNT, 9), "DecimalField": (Kind.AREA, 11), "BooleanField": (Kind.CODE, 8),
        "PositiveSmallIntegerField": (Kind.ORDER, 8),
    }.get(kind, (Kind.TEXT, 14))  # fmt: skip


VILLAGES = Report(
    name="L07",
    label=lambda year: f"村情台账（{year}年度）",
    about="一村一行，村情的全部栏目，可原样导回",
    section="台账名册",
    permissions=(P.VILLAGE_VIEW,),
    source=_village_source,
    unit="户、人、亩、元",
    label_at=0,
    columns=tuple(
        column_of(item, {name: _kind(name) for name in profile.FIELDS} | {"year": (Kind.ORDER, 8), "row_version": (Kind.CODE, 26)})
        for item in villages.FIELDS
    ),
)  # fmt: skip

# L08


def _monitor_source(asked):
    rows, chips = listed(asked, filtered(asked, today=True))
    rows = rows.exclude(monitor_category="0")
    note = "当前的监测对象，含风险已消除的。导回按状态变更的规矩办理：登记的比表里新的不改。"
    return Found(rows.order_by().count(), lambda size: _homes(rows, size, _monitor_lines, *monitoring.STAMPED), chips, note + BACK)  # fmt: skip


def _monitor_lines(chunk):
    steps = StatusChange.objects.filter(
        household__in=[row["pk"] for row in chunk], step="clear_risk"
    ).order_by("on", "pk")
    modes = {home: after.get("mode", "") for home, after in steps.values_list("household", "after")}
    measures = {}
    held = (
        Measure.objects.unscoped("hanging")
        .filter(household__in=[row["pk"] for row in chunk])
        .order_by("kind", "what", "pk")
    )
    for home, *measure in held.values_list("household", "kind", "what"):
        measures.setdefault(home, []).append(measure)
    for row in chunk:
        cleared = row["risk_state"] == codes.RiskState.CLEARED
        risks = [RISKS[code] for code in row["risks"].split(",") if code in RISKS]
        yield {
            "category": MONITORS[row["monitor_category"]], "was_poor": YES[row["registry_status"] in ("1", "2", "3", "4")],
            **dict(zip(monitoring.RISKS, risks)), "identified": row["monitored_on"],
            "measures": measure_words.written(measures.get(row["pk"], ())), "target": row["target_text"],
            "cleared": YES[cleared], "cleared_on": row["cleared_on"] if cleared else None,
            "mode": MODES.get(modes.get(row["pk"])) if cleared else None,
            "row_version": versions.stamp([row[name] for name in monitoring.STAMPED]),
        }  # fmt: skip


MONITORED = Report(
    name="L08",
    label=lambda year: "监测对象台账",
    about="一户一行，类别、风险、识别和消除的时间，可原样导回",
    section="台账名册",
    permissions=(P.HOUSEHOLD_VIEW,),
    source=_monitor_source,
    start="figure=monitored",
    owners=partial(owners, today=True),
    list_page="household_list",
    all_years=True,
    label_at=0,
    columns=columns_of(
        monitoring.FIELDS, without=("id", "risk_text", "basis", "document"),
        formats={
            "identified": (Kind.DATE, 11), "cleared_on": (Kind.DATE, 11), "target": (Kind.CODE, 14), "measures": (Kind.TEXT, 34),
            **dict.fromkeys(monitoring.RISKS[1:], (Kind.CODE, 10)),
        },
    ),
)  # fmt: skip

REPORTS = [YEARLY, VILLAGES, MONITORED]
