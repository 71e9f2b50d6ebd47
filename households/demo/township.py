"""Thousands of invented households with two years of history, written in bulk village by village.

The same bulk writer as the imports; kept columns, tokens and counts by the modules that keep them everywhere. One
village is in memory at a time.
"""

import random
import uuid
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone

from fupin import schedule
from fupin.bulk import insert_rows, take_keys
from fupin.demo import SEED
from fupin.regions.models import Level, Region
from fupin.regions.tree import open_groups
from households import checks, codes, kept, quota, search, stats
from households.demo import words
from households.demo.accounts import COUNTY, TOWN, make_helpers
from households.demo.people import Registry, facts, family
from households.models import (
    Condition,
    FollowUp,
    Household,
    HouseholdCause,
    Income,
    Measure,
    Member,
    MemberYear,
    Pairing,
    SearchToken,
    StatusChange,
    TargetChange,
    Visit,
)

ONE_TOWN = 2000
"""Up to this many households live in 篆塘镇; more are spread over the townships of 綦江区."""

TOGETHER = 500
"""Households whose doubts and kept columns are written at once, over as many villages as that takes."""

HELPER_LOAD = 5

COLUMNS = {
    Household: (
        "id", "number", "region_id", "region_path", "address", "phone", "registry_status", "monitor_category",
        "risk_state", "monitored_on", "cleared_on", "risks", "identified_on", "exit_year", "policy_status",
        "bottom_line", "relocated", "target_text", "target_end", "target_precision", "closed_on", "closed_reason",
        "standard", "needs", "updated_at",
    ),
    Member: (
        "id", "household_id", "region_path", "order", "name", "relation", "id_number", "sex", "birth",
        "ethnic", "phone",
    ),
    MemberYear: (
        "member_id", "year", "education", "school", "labour", "health", "disability_kind", "disability_level",
        "disability_no", "medical_resident", "medical_employee", "pension_resident", "pension_received", "politics",
        "marriage", "work_area", "work_months", "work_place", "work_income", "job_channel", "post_kind",
        "post_months", "living", "dibao", "tekun", "dropout_reason",
    ),
    Condition: (
        "household_id", "year", "residence", "farmland", "irrigated", "forest", "power_living", "broadcast",
        "water_difficult", "water_safe", "water_solved", "water_kind", "road_distance", "road_kind", "house_area",
        "structure", "dangerous", "danger_level", "toilet", "fuel", "cooperative", "dibao", "tekun",
    ),
    Income: ("household_id", "year", "wage", "operating", "property", "transfer", "expense", "persons"),
    HouseholdCause: ("household_id", "year", "rank", "cause"),
    Pairing: (
        "household_id", "region_path", "helper_id", "order", "starts_on", "ends_on", "end_reason", "visits_per_year",
    ),
    Visit: (
        "id", "uid", "household_id", "region_path", "on", "visitor_text", "visitor_unit", "way", "purposes",
        "content", "problem", "handling", "solved", "confirmed", "counts", "by_id", "at",
    ),
    Visit.helpers.through: ("visit_id", "helper_id"),
    FollowUp: (
        "visit_id", "household_id", "region_path", "what", "helper_id", "due_text", "due_end", "due_precision",
        "closed_on", "result", "by_id",
    ),
    Measure: (
        "household_id", "region_path", "kind", "what", "quantity", "unit", "money", "helper_id", "starts_on",
        "target_text", "target_end", "target_precision", "done_on", "effect", "by_id",
    ),
    StatusChange: ("household_id", "step", "before", "after", "on", "reason", "by_id"),
    TargetChange: ("household_id", "before_text", "before_end", "after_text", "after_end", "reason", "by_id"),
    SearchToken: ("token", "region_path", "household_id"),
}  # fmt: skip
"""What is written, parents first."""


class Rows:
    """Rows of one village, by table, before they are written."""

    def __init__(self):
        self.held = defaultdict(list)

    def add(self, model, **values):
        self.held[model].append(values)
        return values

    def write(self):
        """Give keys to households, members and visits, put them where they are pointed to, and insert."""
        for model in (Household, Member, Visit):
            rows = self.held[model]
            for row, key in zip(rows, take_keys(model, len(rows))):
                row["id"] = key
        for model, columns in COLUMNS.items():
            blank = _blank(model, columns)
            rows = [
                tuple(_key(value) for value in (blank | row).values()) for row in self.held.pop(model, [])
            ]
            insert_rows(model, columns, rows)


def _blank(model, columns):
    fields = {field.attname: field for field in model._meta.concrete_fields}
    return {name: None if fields[name].primary_key else fields[name].get_default() for name in columns}


def _key(value):
    return value["id"] if type(value) is dict and "id" in value else value


def build(order, users, households):
    """`households` of them over the villages of 篆塘镇, or of all 綦江区 when they are many."""
    chance = random.Random(SEED)  # noqa: S311 (nothing secret: the same demo every time)
    registry = Registry(chance, first=1000)
    under = TOWN if households <= ONE_TOWN else COUNTY
    villages = list(
        Region.objects.filter(level=Level.VILLAGE).within(under).select_related("parent").order_by("path")
    )
    shares = [chance.uniform(0.6, 1.5) for _ in villages]
    done, given, helpers, town, made = 0.0, 0, [], None, []
    for village, share in zip(villages, shares):
        done += share
        count = round(households * done / sum(shares)) - given
        given += count
        lead = None
        if village.parent != town:
            town, own = village.parent, [users["bangfu"]] if village.parent.path == TOWN else []
            helpers = make_helpers(
                chance, registry, town, max(6, round(0.09 * households * _part(villages, town))), own
            )
            lead = helpers[0] if own else None  # the account has households in the first village
        made += _village(chance, registry, order, village, count, helpers, users, lead)
        if len(made) >= TOGETHER or village is villages[-1]:
            ids = checks.check(made, today=order.today)
            kept.refresh(ids, today=order.today, names=False, counts=False)
            made = []
    stats.recount_all(today=order.today, under=under)


def _part(villages, town):
    return sum(village.parent_id == town.pk for village in villages) / len(villages)


def _village(chance, registry, order, village, count, helpers, users, lead):
    """One village, with `lead` (or None) among its officials; returns the ids of its households."""
    rows = Rows()
    names = {(village.path, f"{n}组") for n in range(1, max(3, min(9, count // 14 + 1)) + 1)}
    groups = sorted(open_groups(names).values(), key=lambda group: group.path)
    team = chance.sample(helpers, min(len(helpers), max(3, count * 3 // 10 // HELPER_LOAD + 1)))
    if lead and lead not in team:
        team[0] = lead
    zeal = chance.uniform(0.72, 0.98)  # how reliably this village's officials visit
    for n in range(count):
        _household(chance, registry, order, rows, groups[n * len(groups) // count], n, team, zeal, users)
    made = rows.held[Household]
    rows.write()
    return [row["id"] for row in made]


def _household(chance, registry, order, rows, group, n, team, zeal, users):
    today = order.today
    state = _state(chance, today)
    people = family(chance, registry, today)
    poor = state["registry_status"] != "0" or state["monitor_category"] != "0"
    rough = state["risk_state"] in ("1", "3") or state["registry_status"] in "124"
    household = rows.add(
        Household, number=f"{group.path[:12]}{n + 1:05}", region_id=group.pk, region_path=group.path,
        address=f"{group.parent.short_name}{group.short_name}{chance.randint(1, 120)}号", phone=registry.phone(),
        relocated=chance.random() < 0.03, updated_at=timezone.now(), **state,
    )  # fmt: skip
    years = _members(chance, rows, household, people, today, poor=poor, rough=rough)
    household["bottom_line"] = rough and all(facts["labour"] in ("03", "04") for facts in years) or None
    _causes(chance, rows, household, years, today, poor)
    _conditions(chance, rows, household, years, today, rough)
    _incomes(chance, rows, household, years, len(people), today, rough)
    if state["registry_status"] == "9":
        return
    if poor:
        _history(chance, rows, household, team[n % len(team)], today, zeal, rough, users)


def _state(chance, today):
    """The axes of a household and its target date, in the shares of a township of today."""
    found = {"registry_status": "0", "monitor_category": "0", "risk_state": "0"}
    roll = chance.random()
    if roll < 0.26:
        found |= {"registry_status": "3", "exit_year": chance.randint(2015, 2020), "standard": "01"}
        found |= {"policy_status": "1" if chance.random() < 0.8 else "2"}
    elif roll < 0.285:
        found |= {"registry_status": "1", "standard": "01"}
    elif roll < 0.295:
        found |= {"registry_status": "2", "standard": "01"}
    elif roll < 0.30:
        found |= {"registry_status": "4", "standard": "01", "exit_year": 2019}
    elif roll < 0.305:
        found |= {"registry_status": "9", "closed_on": today - timedelta(chance.randint(20, 600))}
        found |= {"closed_reason": chance.choice(["整户迁出", "成员全部死亡"])}
    if found["registry_status"] in "1234":
        found["identified_on"] = date(chance.randint(2014, 2017), chance.randint(1, 12), 15)
    category = {"3": "1", "0": "2"}.get(found["registry_status"])
    if category and chance.random() < (0.18 if category == "1" else 0.045):
        found |= _monitored(chance, today, category if chance.random() < 0.8 else "3")
    if found["registry_status"] in "124" or found["risk_state"] in "13":
        found |= _target(chance, today)
        found["needs"] = chance.choice(["1", "2", "1,2", "4", "5", "2,4"])
    return found


def _monitored(chance, today, category):
    since = today - timedelta(chance.randint(40, 700))
    found = {"monitor_category": category, "risk_state": "1", "monitored_on": since}
    found["risks"] = chance.choices(["01", "04", "03", "07", "0205", "06", "09"], [30, 22, 12, 14, 8, 7, 7])[
        0
    ]
    if (today - since).days > 200 and chance.random() < 0.55:
        cleared = today - timedelta(chance.randint(5, (today - since).days - 185))
        found |= {"risk_state": "2", "cleared_on": cleared}
        end = cleared + timedelta(chance.randint(-30, 90))
        found |= schedule.columns(_typed(chance, end), "target")
    elif chance.random() < 0.06:
        found["risk_state"] = "3"
    return found


def _target(chance, today):
    """A target date as officials type it: some late, some close, most ahead, a few missing."""
    roll = chance.random()
    if roll < 0.03:
        return {}
    days = (
        chance.randint(-200, -1) if roll < 0.13
        else chance.randint(0, 60) if roll < 0.35
        else chance.randint(61, 540)
    )  # fmt: skip
    return schedule.columns(_typed(chance, today + timedelta(days)), "target")


def _typed(chance, day):
    quarter = "一二三四"[(day.month - 1) // 3]
    text = chance.choice(
        [day.isoformat(), f"{day.year}年{day.month}月底前", f"{day.year}年{day.month}月", f"{day.year}年第{quarter}季度",
         f"{day.year}年底前" if day.month > 6 else f"{day.year}年上半年"]
    )  # fmt: skip
    return schedule.parse(text)


def _members(chance, rows, household, people, today, *, poor, rough):
    """Members with two data years; returns the newest year's columns, head first."""
    newest = []
    dibao = poor and chance.random() < 0.35
    for order, person in enumerate(people, 1):
        member = rows.add(
            Member, household_id=household, region_path=household["region_path"], order=order, name=person.name,
            relation=person.relation, id_number=person.number,
            sex="1" if person.male else "2", birth=person.birth, ethnic="01" if chance.random() < 0.96 else "06",
            phone=household["phone"] if order == 1 else "",
        )  # fmt: skip
        own = facts(chance, person, today, weak=0.3 if rough else 0.16 if poor else 0.06)
        own["dibao"], own["tekun"] = dibao, False
        newest.append(own)
    _alone(household, people, newest, today, poor)
    if rough:
        _fit_risk(chance, household, people, newest, today)
    if chance.random() < 0.025:
        _flaw(chance, people, newest, today)
    for person, own, member in zip(people, newest, rows.held[Member][-len(people) :]):
        rows.add(MemberYear, member_id=member, year=today.year, **own)
        if person.age(today) >= 1:
            before = own | ({"school": _grade_before(own["school"])} if own["school"] else {})
            rows.add(MemberYear, member_id=member, year=today.year - 1, **before)
    for pair in search_pieces(people):
        rows.add(SearchToken, token=pair, region_path=household["region_path"], household_id=household)
    return newest


def _flaw(chance, people, newest, today):
    """What the data check must find: nobody's insurance, a child out of school, a date of work without a place."""
    children = [own for person, own in zip(people, newest) if 6 <= person.age(today) < 16]
    if children and chance.random() < 0.5:
        children[0] |= {"school": "00", "education": "02", "dropout_reason": "因厌学"}
    elif chance.random() < 0.7:
        newest[-1] |= {"medical_resident": False}
    else:
        newest[0] |= {"work_area": "03", "work_months": 13, "work_place": ""}


def search_pieces(people):
    return sorted({piece for person in people for piece in search.tokens(person.name)})


def _grade_before(school):
    steps = ["01", "02", "03", "04", "05", "06", "07", "08", "09", "13", "14", "15"]
    return steps[steps.index(school) - 1] if school in steps[3:] else school


def _alone(household, people, newest, today, poor):
    """An old person alone in a poor household is supported as 特困."""
    if poor and len(people) == 1 and people[0].age(today) >= 65:
        newest[0] |= {"tekun": True, "dibao": False}
        for name in (
            "work_area",
            "work_months",
            "work_place",
            "work_income",
            "job_channel",
            "post_kind",
            "post_months",
        ):
            newest[0].pop(name, None)


def _fit_risk(chance, household, people, newest, today):
    """The household that is watched because of an illness has somebody who is ill."""
    adults = [own for person, own in zip(people, newest) if person.age(today) >= 18] or newest
    chosen = chance.choice(adults)
    if household.get("risks") == "01" and all(own["health"] == "01" for own in newest):
        chosen |= {"health": "03", "labour": "05" if chosen["labour"] in codes.WORKING else chosen["labour"]}
    if household.get("risks") == "03" and not any("04" in own["health"] for own in newest):
        household["risks"] = "04"
    if household.get("risks") == "07" and not any(own["labour"] in ("01", "02", "05") for own in newest):
        household["risks"] = "04"


def _causes(chance, rows, household, years, today, poor):
    if not poor or chance.random() < 0.02:
        return
    ill = any(own["health"] in ("02", "03") for own in years)
    disabled = any("04" in own["health"] for own in years)
    main = "01" if ill and chance.random() < 0.75 else "02" if disabled and chance.random() < 0.8 else chance.choices(
        ["07", "08", "09", "03", "11", "04", "10", "05"], [28, 22, 18, 12, 8, 5, 4, 3]
    )[0]  # fmt: skip
    others = [cause for cause in chance.sample(["07", "08", "09", "10", "03"], 2) if cause != main]
    for rank, cause in enumerate([main, *others[: chance.choice([0, 1, 1, 2])]]):
        for year in (today.year - 1, today.year):
            rows.add(HouseholdCause, household_id=household, year=year, rank=rank, cause=cause)


def _conditions(chance, rows, household, years, today, rough):
    farmland = Decimal(chance.randrange(40, 900)) / 100
    facts = {
        "residence": chance.choice("123"), "farmland": farmland, "forest": Decimal(chance.randrange(0, 3000)) / 100,
        "irrigated": (farmland * chance.randrange(0, 9) / 10).quantize(Decimal("0.01")), "power_living": True,
        "broadcast": True, "water_difficult": False, "water_safe": True, "water_kind": chance.choice("112"),
        "road_distance": Decimal(chance.randrange(0, 350)) / 100, "road_kind": chance.choice(["03", "03", "03", "02"]),
        "house_area": Decimal(chance.randrange(55, 210)), "structure": chance.choice("1223"), "dangerous": False,
        "toilet": chance.random() < 0.85, "fuel": chance.choice(["01", "04", "04"]),
        "cooperative": chance.random() < 0.25, "dibao": None, "tekun": None,
    }  # fmt: skip
    now = dict(facts)
    if chance.random() < (0.05 if rough else 0.002):
        now |= {"dangerous": True, "danger_level": chance.choice("34")}
    if chance.random() < (0.05 if rough else 0.002):
        now |= {"water_safe": False, "water_kind": "4"}
    rows.add(Condition, household_id=household, year=today.year - 1, **facts)
    rows.add(Condition, household_id=household, year=today.year, **now)


def _incomes(chance, rows, household, years, persons, today, rough):
    """Wages from the members' work, the rest so that a usual household stands well above the line."""
    wage = sum(own.get("work_income") or 0 for own in years) + sum(
        3600 for own in years if own.get("post_kind")
    )
    able = any(own["labour"] in ("01", "02", "05") for own in years)
    for year, share in ((today.year - 1, 0.93), (today.year, 1)):
        head = chance.gauss(5400 if rough else 9300, 2200) * share
        operating = max(0, round(persons * head * 0.55)) if able else chance.randrange(0, 900)
        old = sum(bool(own.get("pension_received")) for own in years)
        transfer = 1500 * old + (4600 * persons if years[0].get("tekun") or years[0].get("dibao") else 0)
        transfer += chance.randrange(200, 1800) + (0 if able else round(persons * max(head, 2500) * 0.5))
        expense = round(operating * chance.uniform(0.2, 0.4))
        if not rough and chance.random() < 0.96:  # few who are not watched live below the line
            short = max(
                0,
                round(persons * chance.uniform(6600, 10500))
                - round(wage * share)
                - operating
                + expense
                - transfer,
            )
            operating, transfer = (operating + short, transfer) if able else (operating, transfer + short)
        rows.add(
            Income, household_id=household, year=year, wage=Decimal(round(wage * share)), operating=Decimal(operating),
            property=Decimal(chance.choice([0, 0, 120, 300, 860])), transfer=Decimal(transfer),
            expense=Decimal(expense), persons=persons,
        )  # fmt: skip


def _history(chance, rows, household, helper, today, zeal, rough, users):
    """Pairing, visits of two years with what followed from them, measures, the steps of its life."""
    path, start = household["region_path"], today.replace(year=today.year - 2, month=1, day=1)
    if chance.random() < 0.985:
        changed = chance.random() < 0.12
        since = (
            today - timedelta(chance.randint(200, 380))
            if changed
            else start - timedelta(chance.randint(0, 500))
        )
        rows.add(
            Pairing, household_id=household, region_path=path, helper_id=helper.pk, order="1", starts_on=since
        )
        _visits(chance, rows, household, helper, since, today, zeal, users)
    if rough or chance.random() < 0.3:
        for _ in range(chance.choice([1, 1, 2, 3])):
            _measure(chance, rows, household, helper, today, users)
    by = users["zhen"].pk
    if household["risk_state"] != "0":
        rows.add(
            StatusChange, household_id=household, step="monitor", before={"risk_state": "0"},
            after={"risk_state": "1"}, on=household["monitored_on"], reason="村级评议公示无异议", by_id=by,
        )  # fmt: skip
        if household["risk_state"] == "2":
            rows.add(
                StatusChange, household_id=household, step="clear_risk", before={"risk_state": "1"},
                after={"risk_state": "2"}, on=household["cleared_on"], reason="收入稳定，风险消除", by_id=by,
            )  # fmt: skip
    elif household.get("identified_on"):
        rows.add(
            StatusChange, household_id=household, step="identify", before={"registry_status": "0"},
            after={"registry_status": "1"}, on=household["identified_on"], reason="精准识别", by_id=by,
        )  # fmt: skip
    if household.get("target_end") and chance.random() < 0.1:
        before = household["target_end"] - timedelta(90)
        rows.add(
            TargetChange, household_id=household, before_text=before.isoformat(), before_end=before,
            after_text=household["target_text"], after_end=household["target_end"],
            reason=chance.choice(["住院治疗，延期消除", "产业见效慢，延期一季度", "务工收入未稳定"]), by_id=by,
        )  # fmt: skip


def _visits(chance, rows, household, helper, since, today, zeal, users):
    """One visit a period, or none where somebody was lazy; the last periods decide who is late today."""
    months = 1 if household["risk_state"] in ("1", "3") else 3
    first = max(since, today.replace(year=today.year - 2, month=1, day=1))
    start = quota.period(first, months)[0]
    own = zeal if chance.random() < 0.93 else zeal * 0.5
    while start <= today:
        following = quota.after(start, months)
        low, high = max(start, since), min(following - timedelta(1), today)
        if low <= high and chance.random() < own * (0.75 if following > today else 1):
            day = low + timedelta(chance.randint(0, (high - low).days))
            _visit(chance, rows, household, helper, day, today, users)
        start = following


def _visit(chance, rows, household, helper, day, today, users):
    path = household["region_path"]
    purposes, content = words.visit(chance)
    problem, what = words.problem(chance) if chance.random() < 0.16 else ("", "")
    at_home = chance.random() < 0.95
    visit = rows.add(
        Visit, uid=uuid.UUID(int=chance.getrandbits(128), version=4), household_id=household, region_path=path, on=day, visitor_text="", visitor_unit=helper.unit,
        way="1" if at_home else "2", counts=at_home, purposes=purposes, content=content, problem=problem,
        handling="已登记，跟踪办理。" if problem else "", solved=None, confirmed=chance.random() < 0.8,
        by_id=helper.user_id or users["zhen"].pk, at=timezone.now(),
    )  # fmt: skip
    rows.add(Visit.helpers.through, visit_id=visit, helper_id=helper.pk)
    if not problem:
        return
    due = day + timedelta(chance.randint(10, 75))
    target = schedule.parse(due.isoformat() if chance.random() < 0.6 else f"{due.year}年{due.month}月底前")
    late = chance.random() < (0.3 if (today - due).days < 100 else 0.004)  # what is long past was closed
    closed = None if late or due > today else min(today, due - timedelta(chance.randint(0, 8)))
    visit["solved"] = closed is not None
    rows.add(
        FollowUp, visit_id=visit, household_id=household, region_path=path, what=what, helper_id=helper.pk,
        closed_on=closed, result="已办结，户主认可。" if closed else "", by_id=users["zhen"].pk,
        **schedule.columns(target, "due"),
    )  # fmt: skip


def _measure(chance, rows, household, helper, today, users):
    kind, what, unit, most, price = chance.choice(words.MEASURES)
    quantity = chance.randint(1, most)
    start = today - timedelta(chance.randint(30, 640))
    end = start + timedelta(chance.randint(60, 420))
    done = None
    if end <= today and chance.random() < 0.86:
        done = min(today, max(start, end + timedelta(chance.randint(-40, 20))))
    target = _typed(chance, end)
    rows.add(
        Measure, household_id=household, region_path=household["region_path"], kind=kind, what=what,
        quantity=Decimal(quantity), unit=unit, money=Decimal(quantity * price) if price else None, helper_id=helper.pk,
        starts_on=start, done_on=done, effect=chance.choice(words.EFFECTS) if done else "", by_id=users["zhen"].pk,
        **schedule.columns(target, "target"),
    )  # fmt: skip
