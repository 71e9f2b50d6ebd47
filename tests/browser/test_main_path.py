"""The main job, end to end, in a real browser: one official, one township workbook, every step with clicks and keys."""

import re
from datetime import date

import openpyxl
import pytest
from playwright.sync_api import expect

from fupin.accounts.models import Post, User
from fupin.accounts.roles import Role
from fupin.jobs.worker import Worker
from fupin.regions import tree
from fupin.regions.models import Region
from households import kept, stats
from households.models import Household, Member, PovertyLine, Visit
from projects.models import Project
from tests.fupin.excel import samples

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "Zhen-mima-2026"


@pytest.fixture
def official():
    """乡镇经办 of 篆塘镇, on the official regions."""
    tree.load()
    PovertyLine.objects.create(year=2021, kind="3", value=6000)
    user = User.objects.create_user("zhen", PASSWORD, name="李秀兰")
    town = Region.objects.get(path="500110117")
    Post.objects.create(user=user, role=Role.TOWNSHIP_OPERATOR, region=town, starts_on=date(2020, 1, 1))
    return user


@samples.needed
def test_from_the_workbook_to_the_report(official, browser_page, tmp_path):
    page = browser_page()
    page.set_default_timeout(60_000)  # a township is imported on a machine that runs other tests too

    # logs in
    page.goto("/")
    page.get_by_label("账号").fill("zhen")
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="工作台")).to_be_visible()

    # imports the township's workbook
    page.get_by_role("navigation", name="主导航").get_by_text("Excel 导入").click()
    page.locator("input[type=file]").set_input_files(samples.FOLDER / "02_township_zhuantang.xlsx")
    page.get_by_role("button", name="上传并检查").click()
    expect(page.get_by_text("1,200 户 4,478 人可导入")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="提交 4,478 行").click()
    Worker().loop(once=True)  # above the limit of a request the commit is a job
    page.reload()
    expect(page.get_by_text("新增").first).to_be_visible(timeout=60_000)
    assert Household.objects.count() == 1200
    assert Member.objects.count() == 4478

    # looks a household up
    household = Household.objects.filter(registry_status="3", size=4).order_by("region_path", "pk").first()
    page.goto("/households/")
    page.keyboard.press("/")
    page.keyboard.type(household.head_name)
    page.keyboard.press("Enter")
    page.get_by_role("link", name=household.head_name, exact=True).first.click()
    page.wait_for_url(re.compile(r"/households/\d+/"))
    found = Household.objects.get(pk=int(re.search(r"/households/(\d+)/", page.url).group(1)))
    assert found.head_name == household.head_name

    # corrects it by keyboard
    page.get_by_role("link", name="编辑").first.click()
    page.wait_for_url("**/edit/**")  # read to its end: keys are heard from then on
    field = page.get_by_label("联系电话").first
    field.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("15400001234")
    page.keyboard.press("Control+s")
    page.wait_for_url(re.compile(rf"/households/{found.pk}/$"))
    found.refresh_from_db()
    assert found.phone == "15400001234"

    # records a visit
    page.get_by_role("link", name="记走访").first.click()
    page.wait_for_url("**/visit/**")
    page.get_by_label("情况记录").fill("入户核实收入和住房，饮水正常。")
    page.keyboard.press("Control+s")
    page.wait_for_url(lambda address: not address.endswith("/visit/"))
    visit = Visit.objects.get()
    assert (visit.household_id, visit.by) == (found.pk, official)

    # opens a project
    page.goto("/projects/")
    page.get_by_role("link", name="新建项目").first.click()
    page.wait_for_url("**/projects/new/**")
    page.get_by_label("项目名称").fill("白坪村入户路硬化 330 米")
    page.get_by_label("项目类别").select_option(index=3)
    page.get_by_label("建设地点").fill("白坪村")
    page.get_by_label("计划完工").fill("2020年10月")
    page.keyboard.press("Control+s")
    page.wait_for_url(re.compile(r"/projects/\d+/"))
    assert Project.objects.get().name == "白坪村入户路硬化 330 米"

    # sees who is late
    expect(page.get_by_text("逾期").first).to_be_visible()

    # drills from a dashboard figure to the rows behind it
    Household.objects.filter(pk=found.pk).update(target_end=date(date.today().year, 12, 31))
    kept.refresh([found.pk])
    page.goto("/board/")
    expect(page.locator("[data-chart=bullet] svg")).to_have_count(1)
    expect(page.locator("[data-chart]:not(:has(svg))")).to_have_count(0)
    figure = page.locator("a.fp-fig[data-figure=out]").first
    number = int(figure.inner_text().replace(",", ""))
    assert number == stats.figures_of("500110117")[0]["out"][0] > 0
    figure.click()
    expect(page.get_by_text(f"共 {number:,} 户").first).to_be_visible()

    # downloads the report
    page.get_by_role("button", name="导出 Excel").click()
    page.get_by_role("link", name=re.compile("户级台账")).first.click()
    with page.expect_download() as download:
        page.get_by_role("button", name=re.compile("下载")).first.click()
    path = tmp_path / "r02.xlsx"
    download.value.save_as(path)
    sheet = openpyxl.load_workbook(path).active
    written = {cell.value for row in sheet.iter_rows() for cell in row}
    heads = set(Household.objects.filter(registry_status="3").values_list("head_name", flat=True))
    others = set(Household.objects.exclude(registry_status="3").values_list("head_name", flat=True)) - heads
    assert heads <= written
    assert not others & written
