"""The second step of an import for sheets that are no plain list: labels of forms, columns that repeat."""

import pytest
from django.urls import reverse

from fupin.accounts.roles import Role
from fupin.excel.models import SavedMapping
from households.models import Member, Visit
from tests import factories
from tests.fupin.excel.test_mapping import columns, form_of
from tests.workbooks import found, made, uploaded

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(settings, tmp_path):
    settings.FILES = tmp_path / "files"
    factories.region("99010110020101")
    return factories.user(Role.TOWNSHIP_OPERATOR, at="990101100", name="张三")


def save(client, batch, *, layout, **changes):
    said = form_of(columns(client, batch, layout=layout, **{"try": 1, "was": batch.kind, "kind": batch.kind or "households", "take-0": 1}))  # fmt: skip
    response = client.post(reverse("import_columns", args=[batch.uid]), said | {key.replace("_", "-"): value for key, value in changes.items()})  # fmt: skip
    batch.refresh_from_db()
    return response


def test_a_form_in_words_of_its_own_is_corrected_label_by_label_and_remembered(login, clerk):
    client, village = login(clerk), factories.region("990101100201").short_name

    def form(n):
        people = [(f"甲{n}", "户主", factories.id_number(n, born="19700101")), (f"乙{n}", "妻子", factories.id_number(n + 1, born="19720202"))]  # fmt: skip
        return made(
            ("本村", village, "种地多少", 3.5),
            ("叫什么", "是户主的什么人", "号码"),
            *people,
            title="家底清单",
            name=f"{n}.xlsx",
        )

    batch = uploaded(client, form(1))
    assert (batch.state, batch.kind) == ("refused", "")
    html = columns(client, batch, layout="form", **{"try": 1, "was": "households", "kind": "households"})
    at = {label: html.split(f'value="{label}"')[0].rpartition('name="k-')[2].split('"')[0] for label in ("本村", "种地多少", "叫什么", "是户主的什么人", "号码")}  # fmt: skip
    said = {"本村": "village", "种地多少": "land", "叫什么": "name", "是户主的什么人": "relation"}
    changes = {f"l-{at[label]}": name for label, name in said.items()}
    lacking = save(client, batch, layout="form", **changes | {f"l-{at['叫什么']}": ""})
    response = save(client, batch, layout="form", **changes | {f"l-{at['号码']}": "id"})

    assert (lacking.status_code, response.status_code, batch.state, batch.kind) == (
        422,
        302,
        "checked",
        "households",
    )
    assert "姓名" in lacking.content.decode()
    assert batch.report["households"] == 1 and batch.report["persons"] == 2, batch.issues
    assert factories.id_number(1, born="19700101") not in columns(client, batch)
    again = uploaded(client, form(5))
    assert (again.state, again.mapping["source"]["by"], again.report["persons"]) == ("checked", "张三", 2)
    client.post(reverse("import_commit", args=[again.uid]), {"policy": "good"})
    head = Member.objects.get(name="甲5")
    assert (head.household.conditions.get().farmland, head.household.members.count()) == (3.5, 2)


def test_columns_of_months_are_said_one_by_one(login, clerk):
    client, home = login(clerk), factories.household(at="990101100201")
    rows = (
        ("户编号", "户主", "包联干部", "元月", "花朝月"),
        (home.number, "甲", "李明", "2020-01-05", "看望老人"),
    )
    batch = uploaded(client, made(*rows, title="2020年上门记录"), kind="visits")
    assert batch.state == "refused"
    changes = {"f-0-2": "visitor", "f-0-3": "date", "g-0-3": "month:1", "f-0-4": "date", "g-0-4": "month:1"}

    twice = save(client, batch, layout="wide", **changes)
    save(client, batch, layout="wide", **changes | {"g-0-4": "month:2"})

    assert twice.status_code == 422 and "D、E 列" in twice.content.decode()
    assert (batch.state, batch.kind, found(batch)) == ("checked", "visits", [])
    client.post(reverse("import_commit", args=[batch.uid]), {"policy": "good"})
    assert list(Visit.objects.order_by("on").values_list("on__month", "content")) == [
        (1, ""),
        (2, "看望老人"),
    ]
    assert SavedMapping.objects.get().kind == "visits"
    again = uploaded(client, made(*rows, title="2020年上门记录", name="再来.xlsx"), kind="visits")
    assert (again.state, again.report["written"]["rows_same"]) == ("checked", 2)


def test_columns_of_helpers_are_said_one_by_one(login, clerk):
    client, home = login(clerk), factories.household(at="990101100201")
    rows = (
        ("户编号", "户主", "甲方干事", "甲方", "乙方干事"),
        (home.number, "甲", "李明", "县农业局", "王强"),
    )
    batch = uploaded(client, made(*rows, title="结对表"), kind="pairings")
    assert batch.state == "refused"
    changes = {
        "f-0-2": "helper",
        "g-0-2": "1",
        "f-0-3": "unit",
        "g-0-3": "1",
        "f-0-4": "helper",
        "g-0-4": "2",
    }

    save(client, batch, layout="wide", **changes)

    assert (batch.state, batch.kind, found(batch)) == ("checked", "pairings", [])
    client.post(reverse("import_commit", args=[batch.uid]), {"policy": "good"})
    held = home.pairings.order_by("order").values_list("order", "helper__name", "helper__unit")
    assert list(held) == [("1", "李明", "县农业局"), ("2", "王强", "")]


def test_columns_of_ticks_are_said_one_by_one(login, clerk):
    client, home = login(clerk), factories.household(at="990101100201")
    person = home.members.get()
    rows = (
        ("户编号", "姓名", "身份证号", "与户主关系", "因病", "因残", "病根", "低保√", "备注"),
        (home.number, person.name, person.id_number, "户主", "√", "", "√", "√", "帮扶干部 李明"),
    )
    batch = uploaded(client, made(*rows, title="贫困户花名册"))
    html = columns(client, batch)
    assert 'value="tick:cause:因病" selected' in html  # as it is read: not as columns that mean nothing
    page = client.get(reverse("import_preview", args=[batch.uid])).content.decode()
    assert "没有用到的列：G 列“病根”、H 列“低保√”。" in page
    changes = {
        "f-0-5": "", "g-0-5": "", "f-0-6": "cause", "g-0-6": "tick:cause:缺资金", "f-0-7": "low_ins", "g-0-7": "tick:*:是",
    }  # fmt: skip

    save(client, batch, layout="wide", **changes)

    assert (batch.state, found(batch)) == ("checked", [])
    client.post(reverse("import_commit", args=[batch.uid]), {"policy": "good"})
    assert list(home.causes.order_by("rank").values_list("cause", flat=True)) == ["01", "09"]
    assert person.years.get().dibao is True
