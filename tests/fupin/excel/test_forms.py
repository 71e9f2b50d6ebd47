"""Forms of any layout give the household that was written into them."""

import random
from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from fupin.excel.imports import Setting
from households import codes
from households.imports import forms
from households.imports.register import RegisterPlan
from tests.fupin.excel import form_layouts

SETTING = Setting(2020, date(2020, 12, 31))


def plan_of(sheet, path=""):
    return RegisterPlan(forms.read(sheet, "households", path), SETTING)


def told(house, stated):
    """What a house of the plan says, in the words of the layouts."""
    values = {
        "village": house.place.village, "town": house.place.town, "group": house.group, "head_name": house.head_name,
        "hh_type": house.family, "size": house.size, "hh_phone": house.values.get("phone"),
        "address": house.values.get("address"), "cause": [code for _, code in house.causes],
        "house_area": house.condition.get("house_area"), "land": house.condition.get("farmland"),
        "danger": house.condition.get("dangerous"), "water": house.condition.get("water_solved"),
        "collected": str(house.condition.get("collected_on")).replace("-", "."), "wage": house.income.get("wage"),
        "note": (house.condition.get("note") or "").removesuffix("；星级：甲乙"),
    }  # fmt: skip
    return {name: value for name, value in values.items() if name in stated}


def written(home, stated):
    values = home | {
        "cause": [form_layouts.CAUSES[word] for word in home["cause"]],
        "house_area": Decimal(home["house_area"]),
        "land": Decimal(str(home["land"])).quantize(Decimal("0.01")),
        "wage": Decimal(home["wage"]),
    }
    return {name: values[name] for name in values if name in stated and name not in ("people", "county")}


def people_of(house):
    return [(p.name, codes.Relation(p.relation).label, p.number) for p in house.people]


def assert_read(homes, drawing, sheet):
    plan = plan_of(sheet)
    assert len(plan.houses) == len(homes)
    for home, house, stated in zip(homes, plan.houses, drawing.stated):
        assert people_of(house) == [(p["name"], p["relation"], p["id"]) for p in home["people"]]
        found = told(house, stated)
        wanted = written(home, stated)
        if "cause" in stated:
            found["cause"], wanted["cause"] = sorted(found["cause"]), sorted(wanted["cause"])
        assert found == wanted
    assert [issue.code for issue in plan.issues if issue.severity == "error"] == []
    assert [issue.code for issue in plan.issues] == []


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 10**9), st.integers(1, 3), st.booleans())
def test_any_layout(seed, count, merged):
    r = random.Random(seed)
    homes = [form_layouts.household(r) for _ in range(count)]
    drawing = form_layouts.drawn(r, homes)

    assert_read(homes, drawing, drawing.sheet(merged=merged))
