"""A correction checks only the rows that it concerns, and gives what a check of the whole file would give."""

import copy
import os
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fupin.accounts.roles import Role
from fupin.excel import batches, mapping, recheck, staging
from fupin.excel.corrections import Edits
from fupin.excel.imports import chosen
from fupin.excel.models import ImportBatch
from tests import factories
from tests.fupin.excel.test_form_import import form, packed
from tests.parts import left_out, one_of

pytestmark = pytest.mark.django_db

NUMBERS = [factories.id_number(n, born="19900101") for n in range(1, 9)] + ["990101199001010099", ""]
VALUES = {
    "hh_no": ["H1", "H2", "H3", "H4", ""],
    "village": ["测试村01", "别处村", ""],
    "name": ["甲", "乙", "丙", ""],
    "id": NUMBERS,
    "relation": ["户主", "之子", "邻居", ""],
    "cause": ["因病", "因残", "懒", ""],
    "row_version": ["H1#1", "H2#1", ""],
}
REGISTER = "户编号,村,姓名,身份证号,与户主关系,致贫原因,数据版本"
VISITS = "走访日期,户编号,走访人,走访内容"
VISIT_VALUES = {
    "date": ["2020-05-01", "2020-05-02", "2030-01-01", "五月"],
    "hh_no": ["H1", "H2", "H9", ""],
    "visitor": ["张三", "李四", ""],
    "content": ["看望", "走访", ""],
}
PAIRINGS = "户编号,帮扶责任人,单位,结对开始,结对结束,联系电话,每年走访次数"
PAIRING_VALUES = {
    "hh_no": ["H1", "H2", "H9"],
    "helper": ["张三", "李四", ""],
    "unit": ["农业局", "水利局"],
    "begin": ["2018-03-01", "2019-03-01", ""],
    "end": ["2018-12-31", "2020-12-31", ""],
    "helper_phone": ["15400000001", "15400000002", ""],
    "quota": ["4", "12", ""],
}


def row(values):
    return st.tuples(*(st.sampled_from(choices) for choices in values.values()))


def step(values, rows):
    cell = st.tuples(
        st.just("cell"), st.integers(0, rows - 1),
        st.sampled_from([(name, value) for name, choices in values.items() for value in choices]),
    )  # fmt: skip
    return st.one_of(
        cell, cell, cell, st.tuples(st.sampled_from(["out", "back"]), st.integers(0, rows - 1), st.none()),
        st.tuples(st.just("take"), st.sampled_from(["H1", "H2"]), st.none()),
    )  # fmt: skip


@pytest.fixture
def clerk(settings, tmp_path):
    settings.FILES = tmp_path / "files"
    factories.region("99010110020101")
    for number in ("H1", "H2"):
        household = factories.household(number=number, at="99010110020101", members=0)
        factories.member(household, relation="01", name="甲", id_number=NUMBERS[int(number[1])])
        type(household).objects.filter(pk=household.pk).update(version=5)
    return factories.user(Role.TOWNSHIP_OPERATOR, at="990101100")


def checked(clerk, header, lines, kind):
    text = "\n".join([header, *(",".join(cells) for cells in lines)])
    file = SimpleUploadedFile("名册2020年.csv", text.encode())
    batch = batches.store(file, file.name, by=clerk, year=2020, as_of=factories.date(2020, 12, 31), kind=kind)
    batches.carry_out(batch, by=clerk, dry_run=True)
    return batch


def found(batch):
    """All that a page can show of a check."""
    with staging.opened(batch.stored) as staged:
        positions = staged.positions(limit=1000)
        lines = [
            (line.pos, line.number, line.state, line.key, line.issues, sorted(map(tuple, line.values)))
            for line in staged.lines(positions)
        ]
        links = {}
        for pos, link in staged.db.execute(
            "SELECT r.pos, l.link FROM rows r JOIN links l ON l.unit = r.unit"
        ):
            links.setdefault(pos, set()).add(link)
        return lines, links, staged.groups(), staged.issues(), recheck.figures(staged, {})


def figures(batch):
    return {name: batch.report[name] for name in ("read", "good", "bad", "clash", "written", "found")}


def walk(clerk, header, lines, steps, kind, values):
    batch = checked(clerk, header, lines, kind)
    if batch.state != "checked":
        return
    for what, where, said in steps:
        edits = copy.deepcopy(batch.corrections)
        touched = set()
        if what == "take":
            edits.take ^= {where}
            with staging.opened(batch.stored) as staged:
                touched = set(staged.places_of(staged.rows_of(staged.with_keys([where]))).values())
        elif what == "cell":
            edits.put("csv", where + 2, *said)
            touched = {("csv", where + 2)}
        else:
            edits.leave("csv", where + 2, out=what == "out")
            touched = {("csv", where + 2)}
        recheck.change(batch, edits, batch.version, touched=touched, by=clerk)
    part, said = found(batch), figures(ImportBatch.objects.get(pk=batch.pk))
    batches.carry_out(batch, by=clerk, dry_run=True)
    assert sorted_out(part) == sorted_out(found(batch))
    assert said == figures(batch)


FEW = int(os.environ.get("FUPIN_EXAMPLES", "1"))
"""Examples of each of the other kinds: `FUPIN_EXAMPLES=200` looks closer."""
EXAMPLES = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


BUDGETS = pytest.mark.parametrize("examples", [4, left_out(25)])


def apart(test):
    """Each example leaves the database as it found it."""

    def inner(*arguments):
        with transaction.atomic():
            test(*arguments)
            transaction.set_rollback(True)

    return inner


@BUDGETS
def test_a_household_list_in_part_is_as_the_whole(clerk, examples):
    @settings(EXAMPLES, max_examples=examples)
    @given(st.data())
    def some(data):
        lines = data.draw(st.lists(row(VALUES), min_size=1, max_size=9))
        steps = data.draw(st.lists(step(VALUES, len(lines)), min_size=1, max_size=5))
        apart(walk)(clerk, REGISTER, lines, steps, "households", VALUES)

    some()


@BUDGETS
def test_a_ledger_of_visits_in_part_is_as_the_whole(clerk, examples):
    @settings(EXAMPLES, max_examples=examples)
    @given(st.data())
    def some(data):
        lines = data.draw(st.lists(row(VISIT_VALUES), min_size=1, max_size=8))
        steps = data.draw(st.lists(step(VISIT_VALUES, len(lines)), min_size=1, max_size=4))
        apart(walk)(clerk, VISITS, lines, steps, "visits", VISIT_VALUES)

    some()


@BUDGETS
def test_a_ledger_of_pairings_in_part_is_as_the_whole(clerk, examples):
    @settings(EXAMPLES, max_examples=examples)
    @given(st.data())
    def some(data):
        lines = data.draw(st.lists(row(PAIRING_VALUES), min_size=1, max_size=8))
        steps = data.draw(st.lists(step(PAIRING_VALUES, len(lines)), min_size=1, max_size=4))
        apart(walk)(clerk, PAIRINGS, lines, steps, "pairings", PAIRING_VALUES)

    some()


ONE, TWO = "H1", "H2"
OTHERS = {
    "measures": ("户编号,户主证件号码,措施类别,措施内容,开始日期,完成日期", {
        "hh_no": [ONE, TWO, "H9", ""], "id": [NUMBERS[1], NUMBERS[2], ""], "kind": ["产业帮扶", "怪"], "what": ["养牛", "种菜", ""],
        "begin": ["2019-03-01", ""], "done": ["2020-01-01", "2030-01-01", ""],
    }),
    "yearly": ("户编号,户主证件号码,年度,工资性收入,耕地面积,有效灌溉面积", {
        "hh_no": [ONE, TWO, "H9", ""], "id": [NUMBERS[1], NUMBERS[2], ""], "year": ["2019", "2020", "去年"], "wage": ["100", "约", ""],
        "land": ["5", ""], "irrigated": ["3", "9", ""],
    }),
    "villages": ("村,年度,总户数,总人口,低保户数", {
        "village": ["测试村01", "村01", "别处村"], "year": ["2019", "2020", "去年"], "households": ["100", ""], "population": ["90", "400", ""],
        "dibao_households": ["3", "500", ""],
    }),
    "monitoring": ("户编号,户主证件号码,监测对象类别,风险类型,风险识别时间,风险是否消除,帮扶措施", {
        "hh_no": [ONE, TWO, "H9", ""], "id": [NUMBERS[1], NUMBERS[2], ""], "category": ["突发严重困难户", "边缘易致贫户", ""],
        "risk1": ["因病", "因残", "怪"], "identified": ["2020-05", "五月", ""], "cleared": ["是", "否", ""], "measures": ["产业帮扶", ""],
    }),
    "check_vehicle": ("姓名,证件号码,出生日期,车牌号", {
        "name": ["甲", "乙"], "id": [NUMBERS[1], NUMBERS[2], NUMBERS[5], ""], "birth": ["1990-01-01", ""], "value": ["川A1", "川A2", ""],
    }),
    "funds": ("日期,资金级次,项目编号,项目,金额,下达/拨付/支付", {
        "date": ["2020-05-01", "2030-01-01", ""], "source": ["中央", "县", "村"], "number": ["P-1", ""], "project": ["蓄水池", "道路", "水池"],
        "money": ["100", "60", "-10"], "kind": ["下达", "拨付", "支付", "转"],
    }),
}  # fmt: skip


@pytest.mark.parametrize("kind", one_of(3, OTHERS))
def test_the_other_kinds_in_part_are_as_the_whole(clerk, kind):
    factories.project(name="蓄水池", number="P-1", at="990101100")
    factories.project(name="道路", number="P-2", at="990101100")
    user = factories.user(Role.COUNTY_OFFICE, at="990101")
    header, values = OTHERS[kind]
    batch = checked(user, header, [[choices[0] for choices in values.values()]], kind)
    assert (batch.kind, batch.state, batch.report["read"]) == (kind, "checked", 1)

    @settings(EXAMPLES, max_examples=FEW)
    @given(st.data())
    def some(data):
        lines = data.draw(st.lists(row(values), min_size=2, max_size=7))
        steps = data.draw(st.lists(step(values, len(lines)), min_size=1, max_size=4))
        apart(walk)(user, header, lines, [one for one in steps if one[0] != "take"], kind, values)

    some()


def sorted_out(found):
    """What `found` gives, the links as groups of rows that share one: new numbers of forms may be drawn anew."""
    lines, links, *rest = found
    groups = {}
    for pos, held in links.items():
        for link in held:
            groups.setdefault(link, set()).add(pos)
    return lines, sorted(map(sorted, groups.values())), *rest


def test_a_corrected_form_is_checked_alone(clerk, monkeypatch):
    """Of a zip of forms only the corrected one is looked at, and what comes out is what a check of the whole gives."""
    files = {
        f"村/{n}.xlsx": form((f"甲{n}", "户主", NUMBERS[n] if n != 3 else "99010119900101001"), (f"乙{n}", "之子", factories.id_number(n, born=f"201001{n:02}")))
        for n in range(1, 6)
    }  # fmt: skip
    files["村/3.xlsx"] = form(
        ("甲3", "户主", NUMBERS[3][:-1]), ("乙", "邻居", factories.id_number(3, born="20100101"))
    )
    file = SimpleUploadedFile("村2020年.zip", packed(files))
    batch = batches.store(
        file, file.name, by=clerk, year=2020, as_of=factories.date(2020, 12, 31), kind="households"
    )
    batches.carry_out(batch, by=clerk, dry_run=True)
    with staging.opened(batch.stored) as staged:
        place = next(
            (line.sheet, line.number)
            for line in staged.lines(staged.positions(limit=99))
            if "3.xlsx" in line.sheet
        )
    seen = []
    plan_of = mapping.spec_of("households").plan
    monkeypatch.setattr(
        recheck.mapping, "spec_of",
        lambda kind: replace(chosen("households"), plan=lambda tables, setting: seen.append(sum(bool(table.rows) for table in tables)) or plan_of(tables, setting)),
    )  # fmt: skip
    for value in (NUMBERS[3], NUMBERS[3][:-1], NUMBERS[2], NUMBERS[3]):
        edits = copy.deepcopy(batch.corrections)
        edits.put(*place, "id", value)
        recheck.change(batch, edits, batch.version, touched={place}, by=clerk)
        part, said = found(batch), figures(ImportBatch.objects.get(pk=batch.pk))
        batches.carry_out(batch, by=clerk, dry_run=True)
        assert sorted_out(part) == sorted_out(found(batch))
        assert said == figures(batch)
        batch = ImportBatch.objects.get(pk=batch.pk)
    assert max(seen) < 5


def test_edits_are_kept_as_they_were_read():
    kept = {"cells": {"a": {"3": {"name": "甲"}}}, "out": {"a": [4, 5]}, "take": ["H1"]}

    assert Edits.read(kept).kept() == kept
