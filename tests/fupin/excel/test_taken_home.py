"""The workbook that a user takes home: his own, with what is wrong in it; put right in a spreadsheet, it comes back."""

import io
import re
import zipfile
from datetime import date

import openpyxl
import pytest
import xlrd
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl.cell.cell import MergedCell

from fupin.accounts.roles import Role
from fupin.audit.models import AuditEvent
from fupin.crypt import boxes
from fupin.excel import import_jobs, reader
from fupin.excel.models import ImportBatch
from fupin.excel.table import letter_of
from fupin.jobs.models import Job
from fupin.jobs.worker import Worker
from households.models import Household, Member
from tests import factories
from tests.fupin.excel import samples
from tests.workbooks import found, imported, uploaded

pytestmark = pytest.mark.django_db
MARK = reader.MARK
HEAD = ["户编号", "村", "姓名", "身份证号", "与户主关系", "性别", "致贫原因", "工资性收入", "家庭住址"]


@pytest.fixture
def client_of(login, settings, tmp_path):
    settings.FILES = tmp_path / "files"
    factories.region("99010110020101")
    return login(factories.user(Role.COUNTY_OFFICE, at="990101100", name="王经办"))


PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000" "1f15c4890000000d4944415478da63fccfc0f01f000505020065b4"
    "0e3b0000000049454e44ae426082"
)  # fmt: skip


def people(*, bad=True):
    """Two households of two; the ID number of H2's head is wrong where `bad`, so H2 stays out."""
    rows = []
    for n, (number, relation) in enumerate(
        (("H1", "户主"), ("H1", "之子"), ("H2", "户主"), ("H2", "之子")), 1
    ):
        id_number = factories.id_number(n, born="19800101")
        if bad and n == 3:
            id_number = id_number[:-1] + ("1" if id_number[-1] != "1" else "2")
        rows.append([number, "测试村01", f"甲{n}", id_number, relation, "男", "因病", 1200, "河边"])
    return rows


def laid_out(rows):
    """An upload with a layout worth keeping: fonts, widths, a title, a formula with its value, notes, another sheet."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        page = book.add_worksheet("花名册")
        title = book.add_format({"font_name": "黑体", "font_size": 18, "align": "center", "bold": True})
        page.merge_range(0, 0, 0, len(HEAD) - 1, "2025年花名册", title)
        page.write_string(1, len(HEAD), "单位：元")  # above the column that will be ours
        page.write_row(2, 0, HEAD, book.add_format({"bold": True, "border": 1}))
        for at, row in enumerate(rows, 3):
            page.write_row(at, 0, row)
            page.write_formula(at, 7, "=600*2", None, 1200)
        for at in (3, 4):
            page.write_string(at, 8, '=HYPERLINK("http://x")')
        page.write_comment(3, 2, "请核对", {"author": "老李"})
        page.set_column(3, 3, 33)
        page.set_row(2, 40)
        page.set_landscape()
        page.set_paper(8)
        page.repeat_rows(2)
        page.freeze_panes(3, 0)
        page.autofilter(2, 0, 6, 8)
        chart = book.add_chart({"type": "pie"})
        chart.add_series({"values": "=花名册!$H$4:$H$7"})
        page.insert_chart(9, 1, chart)
        page.insert_image(9, 6, "章.png", {"image_data": io.BytesIO(PIXEL)})
        other = book.add_worksheet("汇总")
        other.write_formula(0, 0, "=SUM(花名册!H4:H7)", None, 4800)
    return SimpleUploadedFile("花名册2025年.xlsx", stream.getvalue())


def taken(client, batch, **said):
    response = client.get(reverse("import_workbook", args=[batch.uid]))
    assert response.status_code == 200, response
    return response.headers["Content-Disposition"], b"".join(response)


def opened(data, **said):
    return openpyxl.load_workbook(io.BytesIO(data), **said)


def again(book, name):
    stream = io.BytesIO()
    book.save(stream)
    return SimpleUploadedFile(name, stream.getvalue())


def test_the_own_workbook_comes_back_with_its_layout_and_what_is_wrong(client_of, cold_child):
    batch = uploaded(client_of, laid_out(people()))
    client_of.post(
        reverse("import_cells", args=[batch.uid]),
        {"version": batch.version, "c:0:name": "=1+1", "c:2:cause": "缺资金", "show": "all"},
    )

    named, data = taken(client_of, batch)

    book, values = opened(data), opened(data, data_only=True)
    page = book["花名册"]
    assert (
        "%E8%8A%B1%E5%90%8D%E5%86%8C2025%E5%B9%B4%EF%BC%88%E5%B8%A6%E9%97%AE%E9%A2%98%EF%BC%89.xlsx" in named
    )
    assert (page["J3"].value, page["J5"].value) == (MARK, None)
    assert page["J7"].value == "本户别的行有错，整户没有导入"
    assert "证件号码校验位不符" in page["J6"].value and page["J6"].data_type == "s"
    assert page["D6"].fill.fgColor.rgb == "FFFFC7CD" and "校验位" in page["D6"].comment.text
    assert page["C4"].fill.fgColor.rgb == "FFFFEB9B" and "文本以 = + - @ 开头" in page["J4"].value
    assert (page["C4"].value, page["C4"].data_type, page["C4"].quotePrefix) == ("=1+1", "s", True)
    assert (page["I4"].value, page["I4"].data_type) == ('=HYPERLINK("http://x")', "s")
    assert page["G6"].value == "缺资金" and page["G6"].fill.fgColor.rgb == "FFC6EFCD"
    # what was there is there
    assert (page["A1"].value, page["A1"].font.name, page["A1"].font.size) == ("2025年花名册", "黑体", 18)
    assert [str(span) for span in page.merged_cells.ranges] == ["A1:I1"]
    assert page.column_dimensions["D"].width > 33 and page.row_dimensions[3].height == 39.75
    assert (page.page_setup.orientation, page.page_setup.paperSize, page.print_title_rows) == (
        "landscape",
        8,
        "$3:$3",
    )
    assert (page.freeze_panes, page.auto_filter.ref, page["C4"].comment.text[:3]) == ("A4", "A3:I7", "请核对")
    assert book["汇总"]["A1"].value == "=SUM(花名册!H4:H7)" and values["汇总"]["A1"].value == 4800
    assert page["H4"].value == "=600*2" and values["花名册"]["H5"].value == 1200
    event = AuditEvent.objects.get(action="import.export")
    assert event.detail["item"] == "带问题列的表" and event.region_path == "990101100"


def test_what_was_put_right_is_uploaded_and_the_rest_is_not_written_twice(client_of):
    first = imported(client_of, laid_out(people()), year=2025)
    assert set(Household.objects.values_list("number", flat=True)) == {"H1"}
    book = opened(taken(client_of, first)[1])
    book["花名册"]["D6"].value = people(bad=False)[2][3]

    second = imported(client_of, again(book, "改好了.xlsx"), year=2025)

    assert found(second) == [] and [column["label"] for column in second.columns] == HEAD
    assert (
        second.report["written"] | {"persons_new": 2, "households_new": 1, "households_same": 1}
        == second.report["written"]
    )
    assert Member.objects.count() == 4

    rest = opened(taken(client_of, first)[1])
    rest["花名册"].delete_rows(4, 2)  # only the rows of the household that stayed out
    third = imported(client_of, again(rest, "只有问题行.xlsx"), year=2025)
    assert [code for code, _ in found(third)] == ["id_check_digit"] and third.report["read"] == 2
    page = opened(taken(client_of, third)[1])["花名册"]
    assert (
        "校验位" in page["J4"].value and page.max_column == len(HEAD) + 1
    )  # our column again, not another one
    alone = opened(taken(client_of, first)[1])
    alone["花名册"].delete_rows(4, 3)  # one corrected person of a household that is in by now
    fourth = imported(client_of, again(alone, "只有一行.xlsx"), year=2025)
    assert (found(fourth), fourth.report["written"]["persons_same"]) == ([], 1)


def test_a_mapping_that_was_remembered_is_found_for_the_returned_file_too(client_of):
    batch = uploaded(client_of, laid_out(people()))
    with boxes.plain(batch.stored) as stored:
        before = reader.read(stored, batch.name).sheets[0]
    (batch.stored.parent / "home.xlsx").write_bytes(taken(client_of, batch)[1])
    after = reader.read(batch.stored.parent / "home.xlsx", "home.xlsx").sheets[0]

    assert [[cell for cell in row if cell != ""] for row in after.rows] == [
        [cell for cell in row if cell != ""] for row in before.rows
    ]
    assert after.numbers == before.numbers


def test_a_corrected_cell_of_a_text_is_no_formula(client_of):
    lines = [",".join(map(str, row)) for row in (HEAD, *people())]
    batch = uploaded(client_of, SimpleUploadedFile("名册.csv", "\r\n".join(lines).encode()))
    client_of.post(
        reverse("import_cells", args=[batch.uid]),
        {"version": batch.version, "c:0:name": "=1+1", "c:1:name": "-5", "show": "all"},
    )
    back = taken(client_of, batch)[1].decode().split("\r\n")
    assert "'=1+1" in back[1].split(",") and "-5" in back[2].split(",")


@pytest.mark.parametrize(("codec", "mark"), [("gb18030", ","), ("utf-16", "\t"), ("utf-8-sig", ",")])
def test_text_comes_back_in_its_own_coding_with_a_column_more(client_of, codec, mark):
    lines = [mark.join(map(str, row)) for row in (HEAD, *people())]
    lines[1] = lines[1].replace("河边", '"河边, 东"')
    data = "\r\n".join(lines).encode(codec)
    batch = uploaded(client_of, SimpleUploadedFile("名册.csv", data))

    name, made = taken(client_of, batch)

    back = made.decode(codec).split("\r\n")
    assert name.endswith(".csv") and back[1] == lines[1]
    assert back[0] == lines[0] + mark + MARK and back[3].startswith(lines[3]) and "校验位" in back[3]
    right = made.replace(people()[2][3].encode(codec)[-36 if codec == "utf-16" else -18 :], people(bad=False)[2][3].encode(codec)[-36 if codec == "utf-16" else -18 :])  # fmt: skip
    assert found(imported(client_of, SimpleUploadedFile("名册.csv", right))) == []
    assert Household.objects.count() == 2


@samples.needed
def test_an_old_workbook_comes_back_as_a_new_one_that_looks_the_same(client_of):
    data = (samples.FOLDER / "09_messy_dates_money.xls").read_bytes()
    batch = uploaded(client_of, SimpleUploadedFile("旧表.xls", data))

    name, made = taken(client_of, batch)

    old, new = xlrd.open_workbook(file_contents=data, formatting_info=True), opened(made)
    was, now = old.sheet_by_index(0), new.worksheets[0]
    assert name.endswith(".xlsx") and "公式换成了算出的值" in new["填写说明"]["A2"].value
    assert now.max_column > was.ncols
    assert {
        column: round(now.column_dimensions[letter_of(column)].width * 256) for column in was.colinfo_map
    } == {column: info.width for column, info in was.colinfo_map.items()}
    for row in range(0, was.nrows, 7):
        for column in range(was.ncols):
            xf = old.xf_list[was.cell_xf_index(row, column)]
            cell, font = now.cell(row + 1, column + 1), old.font_list[xf.font_index]
            if isinstance(cell, MergedCell):
                continue
            assert (cell.font.name, cell.font.sz, cell.font.b) == (
                font.name,
                font.height / 20,
                bool(font.bold),
            )
            if was.cell_type(row, column) == xlrd.XL_CELL_TEXT:
                assert cell.value == was.cell_value(row, column)
    assert found(uploaded(client_of, SimpleUploadedFile("旧表（带问题）.xlsx", made))) == found(batch)


def ods(rows):
    """A small .ods: a style of its own on the column of ID numbers, blank cells and rows written as repetitions."""
    cell = lambda value: (  # noqa: E731
        f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>{value}</text:p></table:table-cell>'
        if isinstance(value, int) else f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
    )  # fmt: skip
    end = '<table:table-cell table:number-columns-repeated="900"/></table:table-row>'
    content = (
        '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
        + " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{urn}:1.0"' for name, urn in (("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"), ("fo", "xsl-fo-compatible"), ("of", "of")))
        + ' office:version="1.2"><office:automatic-styles><style:style style:name="ce1" style:family="table-cell"><style:text-properties fo:font-weight="bold"/></style:style>'
        '</office:automatic-styles><office:body><office:spreadsheet><table:table table:name="花名册"><table:table-column table:number-columns-repeated="3"/>'
        '<table:table-column table:default-cell-style-name="ce1"/><table:table-column table:number-columns-repeated="900"/>'
        '<table:table-row table:number-rows-repeated="2"><table:table-cell table:number-columns-repeated="904"/></table:table-row>'
        + "".join(f"<table:table-row>{''.join(map(cell, row))}{end}" for row in rows)
        + "</table:table></office:spreadsheet></office:body></office:document-content>"
    )  # fmt: skip
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        book.writestr("content.xml", content)
        book.writestr("Pictures/a.png", PIXEL)
        book.writestr("META-INF/manifest.xml", "<manifest/>")
    return SimpleUploadedFile("名册.ods", stream.getvalue())


def test_an_ods_keeps_its_layout(client_of):
    batch = uploaded(client_of, ods([HEAD, *people()]))

    name, made = taken(client_of, batch)

    held = parts(made)
    content = held["content.xml"].decode()
    assert name.endswith(".ods") and held["Pictures/a.png"] == PIXEL and "xmlns:of=" in content
    assert found(batch) == [("id_check_digit", "D6")] and MARK in content and "校验位" in content
    style = re.search(r'style:name="(fupin\d)"[^>]*><style:table-cell-properties fo:background-color="#FFC7CD" ?/><style:text-properties fo:font-weight="bold"', content)  # fmt: skip
    bad = re.search(r'<table:table-cell[^>]*?table:style-name="(fupin\d)"[^>]*><office:annotation><text:p>[^<]*校验位', content)  # fmt: skip
    assert style and bad and style[1] == bad[1]  # red, and still bold as its column is
    right = made_right(made, people()[2][3], people(bad=False)[2][3])
    assert found(imported(client_of, SimpleUploadedFile("名册.ods", right))) == []
    assert Household.objects.count() == 2


def made_right(data, old, new):
    """The package with a text in its content replaced."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as held, zipfile.ZipFile(stream, "w") as book:
        for entry in held.infolist():
            book.writestr(entry, held.read(entry).replace(old.encode(), new.encode()))
    return stream.getvalue()


def written_otherwise(change):
    """The workbook with its XML changed by `change(name, bytes)`."""
    stream = io.BytesIO()
    with zipfile.ZipFile(laid_out(people())) as old, zipfile.ZipFile(stream, "w") as new:
        for entry in old.infolist():
            new.writestr(entry, change(entry.filename, old.read(entry)))
    return SimpleUploadedFile("另存.xlsx", stream.getvalue())


def parts(data):
    with zipfile.ZipFile(io.BytesIO(data)) as held:
        return {name: held.read(name) for name in held.namelist()}


def test_charts_pictures_and_whatever_else_is_in_it_are_left_as_they_are(client_of):
    file = laid_out(people()).read()
    batch = uploaded(client_of, SimpleUploadedFile("花名册.xlsx", file))

    before, after = parts(file), parts(taken(client_of, batch)[1])

    sheet = "xl/worksheets/sheet1.xml"
    assert {name for name in before if before[name] != after[name]} == {
        sheet, "xl/styles.xml", "xl/comments1.xml", "xl/drawings/vmlDrawing1.vml",
    }  # fmt: skip
    assert "xl/charts/chart1.xml" in before and "xl/media/image1.png" in before
    end = before[sheet].rindex(b"</sheetData>")
    assert after[sheet].endswith(before[sheet][end:])


def test_a_sheet_without_notes_gets_them_in_parts_of_its_own(client_of):
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        page = book.add_worksheet()
        for at, row in enumerate([HEAD, *people()]):
            page.write_row(at, 0, row)
        page.add_table(0, 0, 4, len(HEAD) - 1, {"columns": [{"header": name} for name in HEAD]})
    batch = uploaded(client_of, SimpleUploadedFile("名册.xlsx", stream.getvalue()))

    data = taken(client_of, batch)[1]

    page = opened(data).active
    assert ("校验位" in page["D4"].comment.text, page["J1"].value, len(page.tables)) == (True, MARK, 1)
    sheet = parts(data)["xl/worksheets/sheet1.xml"]
    assert sheet.index(b"<legacyDrawing ") < sheet.index(b"<tableParts")


def prefixed(name, data):
    """The sheets as some libraries write them: every tag with a prefix, cells without references."""
    if "worksheets/sheet" not in name or name.endswith(".rels"):
        return data
    data = re.sub(rb"<(/?)(?=[a-zA-Z])", rb"<\1x:", data.replace(b'xmlns="', b'xmlns:x="'))
    return re.sub(rb"(<x:c) r=\"[A-Z]+\d+\"", rb"\1", data)


def strict(name, data):
    """As Excel saves Strict Open XML: other names of the namespaces and relations, the same boxes of notes."""
    data = data.replace(
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        b"http://purl.oclc.org/ooxml/spreadsheetml/main",
    )
    return data.replace(
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
    )


@pytest.mark.parametrize("change", [
    strict,
    prefixed,
], ids=["strict", "prefixed"])  # fmt: skip
def test_whatever_wrote_the_workbook_its_layout_is_kept(client_of, change):
    batch = uploaded(client_of, written_otherwise(change))

    held = parts(taken(client_of, batch)[1])

    sheet = held["xl/worksheets/sheet1.xml"].decode()
    assert "填写说明" not in held["xl/workbook.xml"].decode() and "xl/charts/chart1.xml" in held
    assert "证件号码校验位不符" in sheet and MARK in sheet and "mergeCell " in sheet
    notes = next(data for name, data in held.items() if "omments" in name).decode()
    assert "校验位" in notes and ("purl.oclc.org" in notes) == (change is strict)


def test_a_workbook_that_is_built_in_an_odd_way_comes_back_plain(client_of):
    odd = written_otherwise(lambda name, data: data.replace(b'<row r="5"', b'<!-- x --><row r="5"'))
    batch = uploaded(client_of, odd)

    book = opened(taken(client_of, batch)[1])

    assert book.sheetnames == ["花名册", "汇总", "填写说明"]
    assert "校验位" in book["花名册"]["J6"].value and "排版没能保留" in book["填写说明"]["A1"].value
    assert book["花名册"]["A1"].value == "2025年花名册" and book["花名册"]["H4"].value == 1200


def test_of_an_archive_the_workbooks_with_problems_come_back(client_of):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as held:
        held.writestr("好/一组.xlsx", laid_out(people()[:2]).read())
        held.writestr("坏/二组.xlsx", laid_out(people()[2:]).read())
        held.writestr("坏/三组.csv", "\n".join(",".join(map(str, row)) for row in (HEAD, ["H9", *people()[0][1:3], "123", *people()[0][4:]])).encode())  # fmt: skip
    batch = uploaded(client_of, SimpleUploadedFile("全村.zip", packed.getvalue()))

    named, data = taken(client_of, batch)

    assert named.endswith(".zip")
    with zipfile.ZipFile(io.BytesIO(data)) as back:
        assert sorted(back.namelist()) == ["坏/三组.csv", "坏/二组.xlsx"]
        kept, text = opened(back.read("坏/二组.xlsx")), back.read("坏/三组.csv").decode()
    assert "校验位" in kept["花名册"]["J4"].value and kept["花名册"]["A1"].font.name == "黑体"
    assert text.splitlines()[0].endswith(MARK) and "位数" in text


def test_a_big_one_is_made_by_the_worker_once(client_of, monkeypatch):
    monkeypatch.setattr(import_jobs, "BIG_CELLS", 0)
    batch = uploaded(client_of, laid_out(people()))
    address = reverse("import_workbook", args=[batch.uid])

    assert client_of.get(address).status_code == 302 and not Job.objects.exists()
    first, second = client_of.post(address)["Location"], client_of.post(address)["Location"]
    assert first == second == reverse("job_detail", args=[Job.objects.get().uid])
    Worker().loop(once=True)

    file = client_of.get(reverse("job_file", args=[Job.objects.get().uid]))
    assert "校验位" in opened(b"".join(file))["花名册"]["J6"].value
    assert 'form="take-home"' in client_of.get(reverse("import_preview", args=[batch.uid])).content.decode()


def test_only_its_owner_or_who_may_take_personal_data_out_gets_a_file(client_of, login):
    batch = uploaded(client_of, laid_out(people()))
    addresses = [reverse(name, args=[batch.uid]) for name in ("import_workbook", "import_file")]
    for role, at, answer in (
        (Role.COUNTY_OFFICE, "990102", 404),
        (Role.TOWNSHIP_OPERATOR, "990101100", 404),
        (Role.AUDITOR, "990101", 404),
        (Role.COUNTY_OFFICE, "990101", 302),  # only with a purpose
    ):
        client = login(factories.user(role, at=at))
        assert [client.get(address).status_code for address in addresses] == [answer] * 2, role
    assert not AuditEvent.objects.filter(action="import.export").exists()

    response = client.post(addresses[1], {"purpose": "核对花名册来源"})

    assert (
        b"".join(response) == b"".join(boxes.pieces(batch.stored))
        and response["Content-Type"] == "application/octet-stream"
    )
    assert (
        opened(b"".join(client.post(addresses[0], {"purpose": "核对花名册来源"})))["花名册"]["J3"].value
        == MARK
    )
    assert [event.detail["purpose"] for event in AuditEvent.objects.filter(action="import.export")] == [
        "核对花名册来源"
    ] * 2


def test_who_left_the_place_does_not_get_the_file_any_more(client_of):
    batch = uploaded(client_of, laid_out(people()))
    batch.user.posts.update(region=factories.region("990102"), ends_on=None, starts_on=date(2020, 1, 1))

    client_of.force_login(batch.user)  # a change of posts ends the session

    assert client_of.get(reverse("import_file", args=[batch.uid])).status_code == 404
    assert ImportBatch.objects.of(batch.user).get() == batch


def test_a_file_of_many_rows_is_checked_again_by_the_worker(client_of, monkeypatch):
    from fupin.excel import grid_views

    batch = uploaded(client_of, laid_out(people()))
    monkeypatch.setattr(grid_views, "BIG_ROWS", 0)

    client_of.post(reverse("import_recheck", args=[batch.uid]))

    batch.refresh_from_db()
    assert batch.state == "checking" and Job.objects.get().params["act"] == "check"
