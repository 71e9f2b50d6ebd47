"""The second step of an import: what the columns are, corrected by hand, remembered for the unit."""

import io
import re

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from fupin.accounts.roles import Role
from fupin.excel.models import ImportBatch, SavedMapping
from households.models import Income, Member
from tests import factories

pytestmark = pytest.mark.django_db
HEADER = "户编号,村,姓名,身份证号,与户主关系,打工挣的,性别"


@pytest.fixture
def clerk(settings, tmp_path):
    settings.FILES = tmp_path / "files"
    factories.region("99010110020101")
    return factories.user(Role.TOWNSHIP_OPERATOR, at="990101100", name="张三")


def line(n, *, house="H1", relation="之子"):
    village = factories.region("990101100201").short_name
    return f"{house},{village},甲{n},{factories.id_number(n, born='19900101')},{relation},1.5,男"


def upload(client, *lines, header=HEADER, **said):
    file = SimpleUploadedFile("名册2020年.csv", "\n".join([header, *lines]).encode())
    client.post(reverse("import_upload"), {"file": file, **said})
    return ImportBatch.objects.first()


def form_of(html):
    """The fields of the mapping form as a browser would send them."""
    form = html[html.index('<form method="post" id="mapping"') :]
    form += re.search(r'<select[^>]*name="year" form="mapping".*?</select>', html, re.S)[0]
    said = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    for name, options in re.findall(r'<select [^>]*?name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        said[name] = chosen[1] if chosen else ""
    said.pop("csrfmiddlewaretoken", None)
    return said


def columns(client, batch, **query):
    return client.get(reverse("import_columns", args=[batch.uid]), query).content.decode()


def correct(client, batch, **changes):
    said = form_of(columns(client, batch)) | {
        name.replace("_", "-"): value for name, value in changes.items()
    }
    response = client.post(reverse("import_columns", args=[batch.uid]), said)
    batch.refresh_from_db()
    return response


def test_the_page_shows_columns_over_a_sample_and_masks_numbers(login, clerk):
    client = login(clerk)
    batch = upload(client, *(line(n, relation="户主", house=f"H{n}") for n in range(1, 20)))

    html = columns(client, batch)

    assert [
        re.sub("<.*?>", "", head) for head in re.findall(r'<th scope="col" class="fp-smp">(.*?)</th>', html)
    ] == [f"第 {n} 行" for n in range(2, 10)]
    assert "打工挣的" in html
    assert factories.id_number(1, born="19900101") not in html


def test_a_list_whose_title_names_its_township_may_be_corrected_like_any_other(login, clerk):
    client = login(clerk)

    batch = upload(client, HEADER, line(1, relation="户主"), header="炉山镇脱贫户花名册")

    assert 'id="mapping"' in columns(client, batch)


def test_a_column_is_mapped_by_hand_in_wan_and_written(login, clerk):
    client = login(clerk)
    batch = upload(client, line(1, relation="户主"))

    correct(client, batch, f_0_5="wage", u_0_5="wan")
    client.post(reverse("import_commit", args=[batch.uid]))

    assert Income.objects.get().wage == 15000


def test_it_is_remembered_for_the_unit_and_undone_by_one_click(login, clerk):
    client = login(clerk)
    correct(client, upload(client, line(1, relation="户主")), f_0_5="wage")

    batch = upload(client, line(2, relation="户主", house="H2"))

    assert batch.mapping["tables"][0]["columns"]["wage"] == 5
    page = client.get(reverse("import_preview", args=[batch.uid])).content.decode()
    assert re.search(r"用了上次的列对应（张三，\d+月\d+日）", page)
    client.post(reverse("import_mapping_reset", args=[batch.uid]))
    batch.refresh_from_db()
    assert batch.mapping == {"auto": True}
    assert "wage" not in str(batch.columns)
    assert "用了上次的列对应" not in client.get(reverse("import_preview", args=[batch.uid])).content.decode()


def test_another_unit_is_not_offered_it(login, clerk):
    client = login(clerk)
    correct(client, upload(client, line(1, relation="户主")), f_0_5="wage")
    factories.region("99010210020101")

    other = factories.user(Role.TOWNSHIP_OPERATOR, at="990102100")
    client.force_login(other)
    batch = upload(client, line(2, relation="户主"))

    assert batch.mapping == {}


def test_back_to_what_recognition_says_is_not_kept(login, clerk):
    client = login(clerk)
    batch = upload(client, line(1, relation="户主"))
    correct(client, batch, f_0_5="wage")
    assert SavedMapping.objects.count() == 1

    correct(client, batch, f_0_5="")

    assert SavedMapping.objects.count() == 0


def test_two_columns_on_one_field_and_a_missing_one_are_told_and_nothing_is_lost(login, clerk):
    client = login(clerk)
    batch = upload(client, line(1, relation="户主"))

    response = correct(client, batch, f_0_5="name", f_0_0="", f_0_4="")

    text = response.content.decode()
    assert response.status_code == 422
    assert "C、F 列都对应到“姓名”" in text
    assert "缺少“户编号”" in text
    assert form_of(text)["f-0-5"] == "name"
    assert batch.mapping == {}


def test_a_file_without_a_header_of_ours_is_mapped_by_hand(login, clerk):
    client = login(clerk)
    batch = upload(client, line(1, relation="户主"), header="甲,乙,丙,丁,戊,己,庚")
    assert batch.state == "refused"
    page = client.get(reverse("import_preview", args=[batch.uid])).content.decode()
    assert "自己指出表头和列" in page

    said = {
        "kind": "households",
        "f_0_0": "hh_no",
        "f_0_1": "village",
        "f_0_2": "name",
        "f_0_3": "id",
        "f_0_4": "relation",
    }
    correct(client, batch, take_0="1", **said)

    assert batch.state == "checked"
    assert batch.report["good"] == 1
    again = upload(client, line(2, relation="户主", house="H2"), header="甲,乙,丙,丁,戊,己,庚")
    assert again.report["good"] == 1


def test_sheets_that_only_a_running_number_joins_stay_joined(login, clerk):
    client, book = login(clerk), openpyxl.Workbook()
    village, head = factories.region("990101100201").short_name, factories.id_number(1, born="19900101")
    for title, *rows in (
        ("户表", ["序号", "村", "户主姓名", "户类型"], [1, village, "甲", "脱贫户"]),
        (
            "成员表",
            ["序号", "户序号", "姓名", "身份证号", "与户主关系", "念的书"],
            [1, 1, "甲", head, "户主", "小学"],
        ),
    ):
        page = book.create_sheet(title)
        for row in rows:
            page.append(row)
    del book["Sheet"]
    book.save(stream := io.BytesIO())
    client.post(reverse("import_upload"), {"file": SimpleUploadedFile("名册.xlsx", stream.getvalue())})
    batch = ImportBatch.objects.first()

    correct(client, batch, f_1_5="education")

    assert [entry["sheet"] for entry in batch.mapping["tables"]] == ["户表", "成员表"]
    assert (batch.report["good"], [issue["code"] for issue in batch.issues]) == (1, ["household_unnumbered", "sheets_joined"])  # fmt: skip


def test_the_header_stands_lower_than_found(login, clerk):
    client = login(clerk)
    batch = upload(client, HEADER, line(1, relation="户主"))  # the header twice
    html = columns(
        client, batch, **{"try": "1", "kind": "households", "take-0": "1", "header-0": "2", "high-0": "1"}
    )

    client.post(reverse("import_columns", args=[batch.uid]), form_of(html))

    batch.refresh_from_db()
    assert batch.mapping["tables"][0]["header"] == [2]
    assert batch.report["good"] == 1
    client.post(reverse("import_commit", args=[batch.uid]))
    assert Member.objects.count() == 1


def test_the_data_year_is_corrected(login, clerk):
    client = login(clerk)
    batch = upload(client, line(1, relation="户主"))
    assert batch.year == 2020

    correct(client, batch, year="2018")

    assert batch.year == 2018
    assert batch.report["year"] == 2018


def test_what_is_written_is_only_shown(login, clerk):
    client = login(clerk)
    batch = upload(client, line(1, relation="户主"))
    client.post(reverse("import_commit", args=[batch.uid]))

    assert "导入时这样读的" in columns(client, batch)
    client.post(reverse("import_columns", args=[batch.uid]), {"kind": "visits"})

    batch.refresh_from_db()
    assert batch.kind == "households"


def test_queries_do_not_grow_with_columns(login, clerk, django_assert_num_queries):
    client = login(clerk)
    batch = upload(client, line(1, relation="户主"))
    columns(client, batch)

    # session, user, posts, batch
    with django_assert_num_queries(4):
        columns(client, batch)
