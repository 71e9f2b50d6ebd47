"""Forms through the import: a zip of them, households known by their heads, files of every format."""

import io
import random
import zipfile

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from fupin.accounts.roles import Role
from fupin.excel import reader
from fupin.excel.models import ImportBatch, State
from fupin.regions.models import Region, key_for
from households.models import Household, Member
from tests import factories
from tests.fupin.excel import form_layouts
from tests.fupin.excel.test_forms import assert_read
from tests.workbooks import converted

PEOPLE = [["姓名", "与户主关系", "身份证号", "文化程度"]]
NOTHING_NEW = {"households_new": 0, "households_changed": 0, "persons_new": 0, "persons_changed": 0}


def form(*people, village="测试村01", **facts):
    """A workbook with one form: people as `(name, relation, id number)`."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "户档"
    sheet.append(["农户“一户一档”信息表"])
    sheet.append([f"村：{village}；组：1"])
    for row in (
        *PEOPLE,
        *(list(one) for one in people),
        ["户类型", facts.get("kind", "一般农户"), "住房面积", facts.get("area", 90)],
    ):
        sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def head(n, name="张三"):
    return (name, "户主", factories.id_number(n, born="19800101"))


def child(n, name="张小"):
    return (name, "之子", factories.id_number(n, born="20100101"))


def packed(files, *, codec=None):
    """A zip; `codec` writes names as bytes without the UTF-8 mark, as Windows does."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            if codec:
                name = name.encode(codec).decode("cp437")
            entry = zipfile.ZipInfo(name)
            archive.writestr(entry, content)
    data = stream.getvalue()
    if codec:  # what cp437 could not say in ASCII was marked as UTF-8: rename within the bytes
        data = _raw_names(files, codec)
    return data


def _raw_names(files, codec):
    stream = io.BytesIO()
    keep = zipfile.ZipInfo._encodeFilenameFlags
    zipfile.ZipInfo._encodeFilenameFlags = lambda self: (self.filename.encode(codec), self.flag_bits)
    try:
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
    finally:
        zipfile.ZipInfo._encodeFilenameFlags = keep
    return stream.getvalue()


def read(tmp_path, data, name="村.zip"):
    path = tmp_path / "stored"
    path.write_bytes(data)
    return reader.read_all(path, name)


@pytest.mark.parametrize("codec", [None, "gbk", "utf-8"])
def test_names_in_a_zip_read_as_their_owner_wrote_them(tmp_path, codec):
    data = packed(
        {"茶园村/10组/10-张三.xlsx": form(head(1)), "茶园村/2组/2-李四.xlsx": form(head(2))}, codec=codec
    )

    books = read(tmp_path, data)

    assert [book.name for book in books] == ["茶园村/2组/2-李四.xlsx", "茶园村/10组/10-张三.xlsx"]
    assert books[0].sheets[0].name == "户档"


def test_what_systems_leave_in_a_zip_is_not_read(tmp_path):
    junk = [
        "__MACOSX/._张三.xlsx",
        "~$张三.xlsx",
        ".DS_Store",
        "Thumbs.db",
        "说明.docx",
        "照片/张三.jpg",
        "组/.隐藏.xlsx",
    ]
    data = packed({"张三.xlsx": form(head(1))} | dict.fromkeys(junk, b"x"))

    books = read(tmp_path, data)

    assert [(book.name, book.refused) for book in books] == [("张三.xlsx", None)]


def test_a_zip_in_a_zip_is_refused(tmp_path):
    books = read(
        tmp_path, packed({"张三.xlsx": form(head(1)), "旧.zip": packed({"李四.xlsx": form(head(2))})})
    )

    assert [(book.name, book.refused and book.refused.code) for book in books] == [
        ("张三.xlsx", None), ("旧.zip", "file_type_mismatch"),
    ]  # fmt: skip


def test_a_zip_without_tables_is_refused(tmp_path):
    with pytest.raises(reader.Refused) as refused:
        read(tmp_path, packed({"说明.docx": b"x"}))

    assert refused.value.code == "file_type_mismatch"


def test_a_broken_file_does_not_stop_the_others(tmp_path):
    books = read(
        tmp_path,
        packed({"好.xlsx": form(head(1)), "坏.xlsx": b"PK\x03\x04 nothing", "网.xls": b"<html></html>"}),
    )

    assert [(book.name, book.refused and book.refused.code) for book in books] == [
        ("坏.xlsx", "file_corrupt"), ("好.xlsx", None), ("网.xls", "file_type_mismatch"),
    ]  # fmt: skip


def test_a_bomb_among_the_files_is_refused_by_its_name(tmp_path):
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * (30 << 20))
    books = read(tmp_path, packed({"张三.xlsx": form(head(1)), "炸.xlsx": bomb.getvalue()}))

    assert [(book.name, book.refused and book.refused.code) for book in books] == [
        ("张三.xlsx", None), ("炸.xlsx", "file_bomb"),
    ]  # fmt: skip


# Through the pages


@pytest.fixture
def clerk(settings, tmp_path):
    settings.FILES = tmp_path / "files"
    factories.region("99010110020101")
    return factories.user(Role.TOWNSHIP_OPERATOR, at="990101100")


def bring(client, data, name="户档.zip", commit=True):
    response = client.post(reverse("import_upload"), {"file": SimpleUploadedFile(name, data), "year": 2020})
    assert response.status_code == 302
    batch = ImportBatch.objects.first()
    if commit:
        client.post(reverse("import_commit", args=[batch.uid]))
        batch.refresh_from_db()
    return batch


def codes_of(batch):
    return [issue["code"] for issue in batch.issues]


@pytest.mark.django_db
def test_new_households_get_numbers_of_the_village(login, clerk):
    factories.household(at="99010110020101", number="L9901011002010007")

    batch = bring(login(clerk), packed({"1.xlsx": form(head(1), child(2)), "2.xlsx": form(head(3, "李四"))}))

    assert batch.state == State.DONE
    numbers = Household.objects.order_by("number").values_list("number", "head_name")
    assert list(numbers)[1:] == [("L9901011002010008", "张三"), ("L9901011002010009", "李四")]


@pytest.mark.django_db
def test_a_household_is_known_by_its_head(login, clerk):
    held = factories.household(at="99010110020101", number="510100001", members=0)
    factories.member(held, relation="01", name="张三", id_number=head(1)[2])

    batch = bring(login(clerk), form(head(1), child(2)), "张三.xlsx")

    assert batch.issues == []
    assert Household.objects.get() == held
    assert held.members.count() == 2
    assert held.conditions.get().house_area == 90


@pytest.mark.django_db
def test_the_same_zip_twice_changes_nothing(login, clerk):
    client = login(clerk)
    data = packed({"1.xlsx": form(head(1), child(2)), "2.xlsx": form(head(3, "李四"))})
    bring(client, data)
    before = list(Household.objects.values())

    batch = bring(client, data)

    assert NOTHING_NEW.items() <= batch.report["written"].items()
    assert list(Household.objects.values()) == before


@pytest.mark.django_db
def test_one_household_in_two_files_is_told_and_written_once(login, clerk):
    batch = bring(
        login(clerk), packed({"1.xlsx": form(head(1), child(2)), "2.xlsx": form(head(1), child(2))})
    )

    assert {issue["file"] for issue in batch.issues} == {"2.xlsx"}
    assert set(codes_of(batch)) == {"duplicate_person"}
    assert "1.xlsx" in batch.issues[0]["expected"]
    assert Household.objects.count() == 1


@pytest.mark.django_db
def test_a_head_who_is_a_member_elsewhere_is_refused(login, clerk):
    other = factories.household(at="99010110020101", number="510100002")
    factories.member(other, relation="03", id_number=head(1)[2])

    batch = bring(login(clerk), form(head(1)), "张三.xlsx")

    assert codes_of(batch) == ["person_elsewhere"]
    assert "510100002" in batch.issues[0]["expected"]
    assert Household.objects.count() == 1


@pytest.mark.django_db
def test_a_head_registered_outside_the_post_is_refused_without_a_name(login, clerk):
    other = factories.household(at="99010210020101", number="510100003", members=0)
    factories.member(other, relation="01", id_number=head(1)[2])

    batch = bring(login(clerk), form(head(1)), "张三.xlsx")

    assert codes_of(batch) == ["person_elsewhere"]
    assert "510100003" not in str(batch.issues)
    assert "辖区外" in batch.issues[0]["expected"]


@pytest.mark.django_db
def test_a_broken_file_of_a_zip_is_a_located_error(login, clerk):
    client = login(clerk)
    batch = bring(
        client, packed({"好.xlsx": form(head(1)), "2组/坏.xlsx": b"PK\x03\x04 nothing"}), commit=False
    )

    assert [(i["file"], i["code"], i["scope"]) for i in batch.issues] == [
        ("2组/坏.xlsx", "file_corrupt", "file")
    ]
    page = client.get(reverse("import_preview", args=[batch.uid])).content.decode()
    assert "2组/坏.xlsx" in page
    assert "提交 1 行" in page


@pytest.mark.django_db
def test_blank_forms_are_refused_as_empty(login, clerk):
    batch = bring(login(clerk), form(), "空白户卡.xlsx", commit=False)

    assert codes_of(batch) == ["file_empty"]


@pytest.mark.django_db
def test_a_list_that_does_not_say_who_is_head_is_told_what_it_lacks(login, clerk):
    lines = [f"测试村01,张{n},男,{factories.id_number(n)}" for n in range(1, 6)]
    data = "\n".join(["村,姓名,性别,身份证号", *lines]).encode()

    batch = bring(login(clerk), data, "名册.csv", commit=False)

    assert codes_of(batch) == ["header_not_found"]
    assert "与户主关系" in batch.issues[0]["expected"]


@pytest.mark.django_db
def test_a_zip_of_lists_is_read_as_lists(login, clerk):
    head_row = "户编号,村,姓名,与户主关系,身份证号"
    files = {
        f"{n}.csv": f"{head_row}\nH{n},测试村01,张{'甲乙'[n - 1]},户主,{factories.id_number(n)}\n".encode()
        for n in (1, 2)
    }

    batch = bring(login(clerk), packed(files))

    assert batch.issues == []
    assert set(Household.objects.values_list("number", flat=True)) == {"H1", "H2"}


@pytest.mark.django_db
@pytest.mark.parametrize("seed", [11, 12, 13])
def test_a_village_of_forms_in_any_layout(login, clerk, seed):
    place = ("威宁县", "炉山镇", "茶园村")
    for path, name in zip(("990101", "990101100", "990101100201"), place):
        where = Region.objects.get(path=path)
        Region.objects.filter(path=path).update(name=name, short_name=name, key=key_for(where.level, name))
    files = form_layouts.village(seed, 6, place)

    batch = bring(login(clerk), packed({name: book for name, book, _ in files}))

    assert batch.issues == []
    assert batch.report["households"] == 6
    assert Member.objects.count() == sum(home["size"] for _, _, home in files)


@pytest.mark.libreoffice
@pytest.mark.parametrize("suffix", ["xls", "ods", "csv"])
def test_other_formats_of_the_same_form(suffix, tmp_path):
    drawn = {}
    for seed in (3, 8):
        r = random.Random(seed)
        homes = [form_layouts.household(r)]
        drawn[f"form{seed}"] = homes, form_layouts.drawn(r, homes)

    paths = converted(tmp_path, suffix, **{name: drawing.workbook() for name, (_, drawing) in drawn.items()})

    for name, (homes, drawing) in drawn.items():
        assert_read(homes, drawing, reader.read(paths[name]).sheets[0])
