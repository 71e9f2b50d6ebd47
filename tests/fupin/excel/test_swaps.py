"""A value that stands wrong in many rows is corrected once, in the preview."""

import re

import pytest

from fupin.excel import corrections
from households.models import Household
from tests import factories
from tests.fupin.excel.test_grid import client, codes_of, commit, line, number, page, save, upload  # noqa: F401

pytestmark = pytest.mark.django_db
MISSPELT = "糊涂村"


def misspelt(n, **more):
    right = factories.region("990101100201").short_name
    return line(n, **more).replace(right, MISSPELT)


def listed(html):
    return re.findall(r'class="what">(.*?)</span>', html)


def test_a_village_misspelt_in_many_households_is_corrected_once(client):  # noqa: F811
    rows = [misspelt(n, house=f"H{n // 2}", relation="户主" if n % 2 == 0 else "之子") for n in range(8)]
    batch = upload(client, *rows, line(9, house="H9", relation="户主"))
    assert (batch.report["good"], batch.report["bad"]) == (1, 8)

    html = page(client, batch, code="region_unknown")
    assert listed(html) == [f"村 <del>{MISSPELT}</del> 4 处"]
    assert not listed(page(client, batch, show="problem")), "only where one kind of problem is looked at"

    right = factories.region("990101100201").short_name
    data = {"code": "region_unknown", "field:0": "village", "wrong:0": MISSPELT, "right:0": f" {right} "}
    assert save(client, batch, data, action="swap").status_code == 302
    assert (batch.report["good"], batch.report["bad"]) == (9, 0)
    assert not {"region_unknown", "household_conflict"} & set(codes_of(batch)), (
        "all rows of a household alike"
    )

    commit(client, batch)
    assert Household.objects.count() == 5
    assert page(client, batch).count(MISSPELT) == 0


def test_only_the_value_that_was_named_and_nothing_personal(client):  # noqa: F811
    rows = [
        line(1, relation="户主", school="念过书"),
        line(2, house="H2", relation="户主", school="上过学"),
        line(3, house="H3", relation="户主", id_number="123"),
    ]
    batch = upload(client, *rows)
    assert listed(page(client, batch, code="value_unknown")) == [
        "文化程度 <del>念过书</del> 1 处", "文化程度 <del>上过学</del> 1 处"
    ]  # fmt: skip
    assert not listed(page(client, batch, code="id_length")), "a number is somebody's own"

    said = {"code": "value_unknown", "field:0": "education", "wrong:0": "念过书", "right:0": "小学"}
    name = re.search(r'name="field:0" value="(\w+)"', page(client, batch, code="value_unknown"))[1]
    save(client, batch, said | {"field:0": name}, action="swap")
    assert [issue["value"] for issue in batch.issues if issue["code"] == "value_unknown"] == ["上过学"]

    forged = {"code": "id_length", "field:0": "id", "wrong:0": "1*3", "right:0": number(3)}
    answer = save(client, batch, forged, action="swap")
    assert answer.status_code == 422 and "正确的写法" in answer.content.decode()
    assert "id_length" in codes_of(batch)


def test_an_empty_list_and_too_many_cells_change_nothing_and_keep_what_was_typed(client, monkeypatch):  # noqa: F811
    batch = upload(client, *(misspelt(n, house=f"H{n}", relation="户主") for n in range(4)))
    data = {"code": "region_unknown", "field:0": "village", "wrong:0": MISSPELT, "right:0": ""}
    assert save(client, batch, data, action="swap").status_code == 422

    monkeypatch.setattr("fupin.excel.swaps.MAX_CELLS", 3)
    answer = save(client, batch, data | {"right:0": "明白村"}, action="swap")
    assert answer.status_code == 422
    assert corrections.TOO_MANY in answer.content.decode() and 'value="明白村"' in answer.content.decode()
    assert batch.report["bad"] == 4 and not batch.corrections.count
