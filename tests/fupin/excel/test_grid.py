"""The preview of an import: the grid, cells corrected in it, rows left out, two windows, newer data in the register."""

import io
import re
import stat

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from fupin.accounts.roles import Role
from fupin.excel import recheck, staging
from fupin.excel.models import ImportBatch
from fupin.regions import tree
from households.models import Household, Member
from tests import factories
from tests.fupin.excel import samples
from tests.parts import left_out

pytestmark = pytest.mark.django_db
HEADER = "户编号,村,姓名,身份证号,与户主关系,是否贫困户,致贫原因,文化程度,数据版本"
WRONG = "990101199001010099"


@pytest.fixture
def client(client, settings, tmp_path):
    settings.FILES = tmp_path / "files"
    factories.region("99010110020101")
    client.force_login(factories.user(Role.TOWNSHIP_OPERATOR, at="990101100"))
    return client


def number(n):
    return factories.id_number(n, born="19900101")


def line(
    n, *, house="H1", relation="之子", name=None, id_number=None, cause="因病", school="小学", version=""
):
    name = name or f"甲{n}"
    village = factories.region("990101100201").short_name
    return f"{house},{village},{name},{id_number or number(n)},{relation},是,{cause},{school},{version}"


def upload(client, *lines, header=HEADER):
    file = SimpleUploadedFile("名册2020年.csv", "\n".join([header, *lines]).encode())
    client.post(reverse("import_upload"), {"file": file})
    return ImportBatch.objects.first()


def page(client, batch, **query):
    return client.get(reverse("import_preview", args=[batch.uid]), query).content.decode()


def save(client, batch, data=None, **more):
    said = {"version": batch.version, "show": "all", "action": "save", **(data or {}), **more}
    response = client.post(reverse("import_cells", args=[batch.uid]), said)
    batch.refresh_from_db()
    batch.__dict__.pop("issues", None)
    return response


def commit(client, batch):
    client.post(reverse("import_commit", args=[batch.uid]), {"version": batch.version})
    batch.refresh_from_db()


def codes_of(batch):
    return [issue["code"] for issue in batch.issues]


def rows_of(html):
    return {int(pos): state for pos, state in re.findall(r'<tr id="r-(\d+)" class="[^"]*is-(\w+)"', html)}


def test_a_wrong_number_is_corrected_in_the_grid_and_checked_at_once(client):
    batch = upload(client, line(1, relation="户主"), line(2, id_number=WRONG))
    assert batch.report["good"] == 1

    save(client, batch, {"c:1:id": number(2)})

    assert codes_of(batch) == []
    assert (batch.report["good"], batch.report["bad"]) == (2, 0)
    assert batch.report["found"] == {}
    commit(client, batch)
    assert set(Member.objects.values_list("id_number", flat=True)) == {number(1), number(2)}


def test_what_is_typed_and_still_wrong_stays(client):
    batch = upload(client, line(1, relation="户主"), line(2, id_number=WRONG))

    save(client, batch, {"c:1:relation": "邻居"})
    save(client, batch, {"c:1:id": "12345"})

    assert batch.edits["cells"]["csv"]["3"] == {"relation": "邻居", "id": "12345"}
    assert sorted(codes_of(batch)) == ["id_length", "relation_unknown"]
    assert "邻居" in page(client, batch)


def test_numbers_are_masked_and_a_masked_number_sent_back_changes_nothing(client):
    batch = upload(client, line(1, relation="户主"), line(2, id_number=WRONG))
    html = page(client, batch, show="all", cols="all")
    assert WRONG not in html
    assert number(1) not in html
    shown = re.search(r'name="c:1:id" value="([^"]+)"', html)[1]
    assert "*" in shown

    save(client, batch, {"c:1:id": shown, "c:1:name": "甲2"})

    assert batch.edits == {}
    response = save(client, batch, {"c:1:id": shown[:-1]})
    assert response.status_code == 422
    assert "请填完整的号码" in response.content.decode()


def test_the_cell_of_a_merged_household_moves_a_row_to_another_household(client):
    batch = upload(
        client,
        line(1, relation="户主"),
        line(2, relation="户主"),
        line(3, house="H2", relation="户主"),
        line(4, house="H2"),
    )
    assert codes_of(batch) == ["head_multiple"]

    save(client, batch, {"c:1:hh_no": "H3"})

    assert codes_of(batch) == []
    assert batch.report["written"]["households_new"] == 3


def test_what_all_rows_of_a_household_repeat_is_corrected_in_all(client):
    batch = upload(client, line(1, relation="户主", cause="懒"), line(2, cause="懒"), line(3, cause="因残"))
    assert codes_of(batch) == ["cause_unknown", "household_conflict"]

    save(client, batch, {"c:0:cause": "因病"})

    assert codes_of(batch) == ["household_conflict"]
    assert batch.edits["cells"]["csv"] == {"2": {"cause": "因病"}, "3": {"cause": "因病"}}


def test_the_other_row_of_a_duplicate_is_checked_too(client):
    batch = upload(
        client, line(1, relation="户主"), line(5, house="H2", relation="户主"), line(1, house="H2")
    )
    assert codes_of(batch) == ["duplicate_person"]

    save(client, batch, {"c:0:id": number(9), "c:0:name": "乙"})

    assert codes_of(batch) == []


def test_rows_are_left_out_and_taken_back(client):
    batch = upload(
        client, line(1, relation="户主"), line(2, id_number=WRONG), line(3, house="H2", relation="户主")
    )

    save(client, batch, action="leave", pick=["1", "2"])

    assert codes_of(batch) == []
    assert (batch.report["read"], batch.report["good"], batch.report["out"]) == (1, 1, 2)
    assert rows_of(page(client, batch, show="all")) == {0: "new", 1: "out", 2: "out"}
    save(client, batch, action="back", pick="1")
    assert codes_of(batch) == ["id_check_digit"]
    commit(client, batch)
    assert Household.objects.count() == 1
    assert Member.objects.count() == 1


def test_all_rows_of_a_kind_of_problem_are_left_out(client):
    batch = upload(
        client, line(1, relation="户主"), line(2, id_number=WRONG), line(3, house="H2", relation="户主", id_number=WRONG),
        line(4, house="H2"),
    )  # fmt: skip
    assert "第 3 行等 2 处" in page(client, batch)

    save(client, batch, action="leave-code", code="id_check_digit")

    assert codes_of(batch) == []
    assert batch.edits["out"] == {"csv": [3, 4, 5]}  # with the household that a bad head keeps out
    assert batch.report["good"] == 1


def test_a_change_of_very_many_rows_checks_the_whole(client, monkeypatch):
    monkeypatch.setattr(recheck, "MOST", 3)
    batch = upload(client, *(line(n, house=f"H{n}", relation="户主", id_number=WRONG) for n in range(1, 9)))

    response = save(client, batch, action="leave-code", code="id_check_digit")

    assert response.status_code == 302
    assert codes_of(batch) == []
    assert (batch.report["read"], batch.report["out"]) == (0, 8)
    assert batch.version == 1


def test_a_sheet_of_households_beside_one_of_members_is_corrected_in_both(client):
    village = factories.region("990101100201").short_name
    book = openpyxl.Workbook()
    houses = book.active
    houses.title = "户表"
    houses.append(["户编号", "村", "户主姓名", "致贫原因", "人数"])
    houses.append(["H1", village, "甲1", "懒", 2])
    houses.append(["H2", village, "甲3", "因病", 1])
    members = book.create_sheet("成员表")
    members.append(["户编号", "姓名", "身份证号", "与户主关系"])
    for n, house, relation in ((1, "H1", "户主"), (2, "H1", "之子"), (3, "H2", "户主")):
        members.append([house, f"甲{n}", WRONG if n == 2 else number(n), relation])
    stream = io.BytesIO()
    book.save(stream)
    client.post(reverse("import_upload"), {"file": SimpleUploadedFile("2020年.xlsx", stream.getvalue())})
    batch = ImportBatch.objects.first()
    assert codes_of(batch) == ["cause_unknown", "id_check_digit"]
    assert "out" not in rows_of(page(client, batch, show="all")).values()

    save(client, batch, {"c:0:cause": "因残", "c:3:id": number(2)})

    assert codes_of(batch) == []
    part = {name: batch.report[name] for name in ("read", "good", "bad", "written", "found")}
    client.post(reverse("import_recheck", args=[batch.uid]))
    batch.refresh_from_db()
    assert {name: batch.report[name] for name in part} == part
    commit(client, batch)
    assert Household.objects.get(number="H1").main_cause == "02"
    assert Member.objects.count() == 3


def test_two_windows_do_not_overwrite_each_other(client):
    batch = upload(client, line(1, relation="户主"), line(2, id_number=WRONG))
    save(client, batch, {"c:0:name": "甲甲"})

    response = save(client, batch, {"c:0:name": "乙乙", "c:1:id": number(2)}, version=0)

    text = response.content.decode()
    assert response.status_code == 422
    assert "另一个窗口" in text
    assert 'value="乙乙"' in text and f'value="{number(2)}"' in text  # nothing typed is lost
    assert batch.edits["cells"]["csv"] == {"2": {"name": "甲甲"}}
    assert f'name="version" value="{batch.version}"' in text


def test_htmx_gets_the_rows_it_showed_and_the_figures(client):
    batch = upload(client, line(1, relation="户主"), line(2, id_number=WRONG))

    response = client.post(
        reverse("import_cells", args=[batch.uid]),
        {"version": 0, "show": "problem", "shown": "1", "c:1:id": number(2)}, headers={"HX-Request": "true"},
    )  # fmt: skip

    text = response.content.decode()
    assert text.lstrip().startswith('<div id="check">')
    assert rows_of(text) == {1: "new"}  # it stays in sight though it has no problem any more
    assert "提交 2 行" in text


def test_values_that_would_change_are_shown_old_and_new(client):
    commit(client, upload(client, line(1, relation="户主"), line(2)))
    batch = upload(
        client, line(1, relation="户主", cause="因残"), line(2, cause="", school="初中"), line(3, cause="")
    )

    html = page(client, batch, show="changed")

    assert "<del>因病</del> → <ins>因残</ins>" in html
    assert "文化程度：<del>小学</del> → <ins>初中</ins>" in html
    assert rows_of(page(client, batch, show="all")) == {0: "changed", 1: "changed", 2: "new"}
    assert batch.report["written"]["persons_changed"] == 1


def test_newer_data_in_the_register_is_kept_until_the_user_chooses(client):
    commit(client, upload(client, line(1, relation="户主"), line(2)))
    household = Household.objects.get()
    made_from = f"H1#{household.version}"
    commit(client, upload(client, line(1, relation="户主", cause="因学")))  # somebody changes it meanwhile
    household.refresh_from_db()
    assert household.version == int(made_from[3:]) + 1

    batch = upload(
        client, line(1, relation="户主", cause="因残", version=made_from), line(2, version=made_from)
    )

    html = page(client, batch)
    assert batch.report["clash"] == 2
    assert "登记 <b>因学</b>　表里 <b>因残</b>" in page(client, batch, show="clash")
    assert "保留登记的" in html
    commit(client, batch)
    household.refresh_from_db()
    assert household.main_cause == "03"

    batch = upload(
        client, line(1, relation="户主", cause="因残", version=made_from), line(2, version=made_from)
    )
    save(client, batch, take="H1")
    assert batch.report["clash"] == 0
    commit(client, batch)
    household.refresh_from_db()
    assert household.main_cause == "02"


def test_an_old_version_without_a_difference_is_no_conflict(client):
    commit(client, upload(client, line(1, relation="户主")))
    made_from = f"H1#{Household.objects.get().version}"
    commit(client, upload(client, line(1, relation="户主", cause="因学")))

    batch = upload(client, line(1, relation="户主", cause="因学", version=made_from))

    assert batch.report["clash"] == 0
    assert rows_of(page(client, batch, show="all")) == {0: "same"}


def test_a_version_of_another_household_is_told_and_not_believed(client):
    commit(client, upload(client, line(1, relation="户主")))

    batch = upload(client, line(1, relation="户主", cause="因残", version="H9#1"))

    assert codes_of(batch) == ["row_version_odd"]
    assert batch.report["clash"] == 0


def test_one_name_birth_and_village_with_another_number_is_a_doubt(client):
    commit(client, upload(client, line(1, relation="户主", name="赵强")))

    batch = upload(
        client, line(7, house="H2", relation="户主", name="赵强"), line(8, house="H2", name="赵强")
    )

    assert codes_of(batch) == ["possible_same_person", "possible_same_person"]
    assert batch.report["good"] == 2


def test_the_staged_check_is_private_and_goes_with_its_file(client, django_capture_on_commit_callbacks):
    batch = upload(client, line(1, relation="户主"))
    kept = staging.path_of(batch.stored)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert {path.name for path in kept.parent.iterdir()} == {batch.stored.name, kept.name}

    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("import_discard", args=[batch.uid]))

    assert list(kept.parent.iterdir()) == []


def test_a_staged_check_that_is_gone_is_made_again(client):
    batch = upload(client, line(1, relation="户主"), line(2, id_number=WRONG))
    save(client, batch, {"c:1:id": number(2)})
    staging.remove(batch.stored)

    response = client.get(reverse("import_preview", args=[batch.uid]), follow=True)

    assert "提交 2 行" in response.content.decode()


def test_what_is_written_cannot_be_corrected_any_more(client):
    batch = upload(client, line(1, relation="户主"))
    commit(client, batch)

    save(client, batch, {"c:0:name": "乙"})

    assert batch.edits == {}
    assert Member.objects.get().name == "甲1"


def test_the_page_costs_the_same_queries_however_many_rows(client, django_assert_num_queries):
    small = upload(client, line(1, relation="户主", id_number=WRONG))
    large = upload(client, *(line(n, house=f"H{n}", relation="户主", id_number=WRONG) for n in range(1, 400)))
    page(client, small)

    # session, user, posts, batch, an earlier import of the same file
    for batch in (small, large):
        with django_assert_num_queries(5):
            page(client, batch)
    assert "第 2 行等 399 处" in page(client, large)


def test_pages_follow_each_other_by_key(client):
    batch = upload(client, *(line(n, house=f"H{n}", relation="户主") for n in range(1, 131)))
    seen, address = [], "?show=all"
    while address:
        html = client.get(reverse("import_preview", args=[batch.uid]) + address).content.decode()
        seen += rows_of(html)
        found = re.search(r'href="[^"]*(\?[^"]*after=[^"]*)"[^>]*aria-label="下一页"', html)
        address = found and found[1].replace("&amp;", "&")

    assert seen == list(range(130))


@samples.needed
@pytest.mark.xdist_group("samples")
@pytest.mark.parametrize("first", [1, left_out(99)])
def test_every_sample_gives_what_is_expected_through_the_pages(client, settings, first):
    """One after the other into one register: the first of them, or all."""
    tree.load()
    client.force_login(factories.user(Role.COUNTY_OFFICE, at=""))
    for name, wanted in sorted(samples.EXPECTED.items())[:first]:
        file = SimpleUploadedFile(name, (samples.FOLDER / name).read_bytes())
        client.post(reverse("import_upload"), {"file": file, "year": 2020, "as_of": "2020-12-31"})
        batch = ImportBatch.objects.first()
        while batch.state == "checking":
            work()
            batch = ImportBatch.objects.first()
        assert samples.places(batch.issues) == samples.places(wanted["issues"]), name
        assert client.get(reverse("import_preview", args=[batch.uid])).status_code == 200
        if batch.state == "refused":
            continue
        checked = {key: batch.report[key] for key in ("read", "good", "bad", "written")}
        client.post(reverse("import_commit", args=[batch.uid]), {"version": batch.version})
        work()
        batch.refresh_from_db()
        assert batch.state == "done", name
        assert {key: batch.report.get(key) for key in wanted["expect"]} == wanted["expect"], name
        assert {key: batch.report[key] for key in checked} == checked, name  # as the preview said


def work():
    from fupin.jobs import queue
    from fupin.jobs.worker import Worker

    while (job := queue.claim("test")) is not None:
        Worker().do(job)
