"""A messy workbook in a real browser: read as the wrong kind, put right, three cells corrected by keyboard, taken home,
written."""

import io
import re
from pathlib import Path

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from playwright.sync_api import expect

from fupin.accounts.roles import Role
from fupin.excel.models import ImportBatch, SavedMapping
from fupin.excel.reader import MARK
from fupin.regions import tree
from households.models import Household, Member
from tests import factories
from tests.fupin.excel import samples

ACCESS = (Path(__file__).parent / "access.js").read_text(encoding="utf-8")
FILE = samples.FOLDER / "06_messy_title_groups.xlsx"
pytestmark = [samples.needed, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(browser_page):
    tree.load()
    opened = browser_page(factories.user(Role.COUNTY_OFFICE, at=""))
    opened.set_default_timeout(60_000)
    expect.set_options(timeout=60_000)
    return opened


def taken_home(page):
    """The workbook that the page gives back."""
    with page.expect_download() as download:
        page.get_by_role("link", name="带问题列的表").or_(
            page.get_by_role("button", name="带问题列的表")
        ).click()
    return openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes()))


def cell(page, row, label):
    return page.get_by_label(re.compile(rf"^第 {row} 行 {label}"))


def test_a_messy_workbook_is_put_right_and_written(page):
    page.goto(reverse("import_list"))
    page.get_by_label("导入内容").select_option(label="走访台账")  # wrong
    page.get_by_label("所属年度").select_option("2020")
    page.locator("input[type=file]").set_input_files(FILE)
    page.get_by_role("button", name="上传并检查").click()
    page.get_by_role("link", name="自己指出表头和列").click()
    page.get_by_label("导入内容").select_option(label="户和成员")  # the page is drawn anew
    unmapped = page.locator("tr.is-soon select[name^=f-]")
    expect(unmapped).to_have_count(3)  # as many once the page is drawn for the other kind
    unmapped.last.select_option(label="家庭住址")
    page.get_by_role("button", name="保存并检查").click()
    expect(page.get_by_text("60 户 244 人可导入")).to_be_visible()
    batch = ImportBatch.objects.get()
    assert "address" in batch.mapping["tables"][0]["columns"]
    assert SavedMapping.objects.count() == 1

    keyboard = page.keyboard
    cell(page, 5, "家庭人口").focus()
    keyboard.type("4")
    keyboard.press("Enter")  # down, as in a spreadsheet
    expect(page.get_by_text("填报人数与表内行数不符")).to_have_count(0)
    cell(page, 137, "主要致贫原因").focus()
    keyboard.press("F2")
    for _ in range(4):
        keyboard.press("Backspace")
    keyboard.type("自身发展动力不足")
    keyboard.press("Tab")
    expect(page.get_by_text("致贫原因不在选项里")).to_have_count(0)
    phone = cell(page, 190, "联系电话")
    phone.focus()
    kept = phone.input_value()
    keyboard.type("1")
    keyboard.press("Escape")
    assert phone.input_value() == kept
    keyboard.type("15412345678")
    keyboard.press("ArrowUp")
    expect(page.get_by_text("电话不是 11 位手机号")).to_have_count(0)
    assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith("第 175 行")

    batch.refresh_from_db()
    corrected = batch.corrections.cells["石角镇汇总"]
    assert {corrected[row][name] for row, name in ((5, "size"), (137, "cause"), (190, "hh_phone"))} == {
        "4",
        "自身发展动力不足",
        "15412345678",
    }
    home = taken_home(page)["石角镇汇总"]
    heads = {
        cell.value: cell.column for row in home.iter_rows(min_row=1, max_row=4) for cell in row if cell.value
    }
    assert MARK in heads and home.cell(5, heads["家庭人口"]).value in (4, "4")
    assert home.cell(137, heads["主要致贫原因"]).value == "自身发展动力不足"
    assert home.cell(190, heads["联系电话"]).value in (15412345678, "15412345678")
    assert home["A1"].font.size == openpyxl.load_workbook(FILE)["石角镇汇总"]["A1"].font.size
    warned = next(row for row in range(5, 249) if home.cell(row, heads[MARK]).value)
    assert warned == 76 and "隐藏" in home.cell(76, heads[MARK]).value
    assert "户主" in home["F209"].comment.text and home["F209"].fill.fgColor.rgb == "FFFFEB9B"

    page.get_by_role("button", name="提交 244 行").click()
    expect(page.get_by_text("已写入 244 行").first).to_be_visible()
    assert (Household.objects.count(), Member.objects.count()) == (60, 244)
    assert Household.objects.filter(phone="15412345678").count() == 1
    page.get_by_role("link", name="导入记录").last.click()
    expect(page.get_by_text(re.compile("在预览里更正 \\d+ 格"))).to_be_visible()
    again = taken_home(page)["石角镇汇总"]
    assert again.max_column == home.max_column


def test_a_column_pasted_from_excel_fills_the_cells_below(page):
    page.goto(reverse("import_list"))
    page.get_by_label("所属年度").select_option("2020")
    page.locator("input[type=file]").set_input_files(samples.FOLDER / "06_messy_title_groups.xlsx")
    page.get_by_role("button", name="上传并检查").click()
    page.get_by_role("link", name=re.compile("^全部")).click()
    expect(cell(page, 7, "成员姓名")).to_be_visible()
    cell(page, 6, "成员姓名").focus()
    page.evaluate(
        """text => { const data = new DataTransfer(); data.setData('text/plain', text);
        document.activeElement.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true})); }""",
        "赵一\n赵二\n赵三\n",
    )
    expect(page.get_by_text("已更正 3 格")).to_be_visible()

    assert [cell(page, row, "成员姓名").input_value() for row in (6, 7, 8)] == ["赵一", "赵二", "赵三"]
    assert ImportBatch.objects.get().edits["cells"]["石角镇汇总"] == {
        "6": {"name": "赵一"}, "7": {"name": "赵二"}, "8": {"name": "赵三"},
    }  # fmt: skip


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_the_pages_fit_and_everything_has_a_name(browser_page, client, settings, phone):
    tree.load()
    clerk = factories.user(Role.COUNTY_OFFICE, at="")
    client.force_login(clerk)
    name = "07_messy_ids.xlsx"
    file = SimpleUploadedFile(name, (samples.FOLDER / name).read_bytes())
    address = client.post(reverse("import_upload"), {"file": file, "year": 2020})["Location"]
    page = browser_page(clerk, phone=phone)
    for query in (
        "",
        "?show=all&cols=all",
        "?code=id_check_digit",
        "?show=clash",
        "columns/",
        "columns/?try=1&kind=visits&was=households",
    ):
        page.goto(address + query)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), query
        assert page.evaluate(ACCESS) == [], query
