"""Papers: live figures until issued, the five plans' figures in the demo's papers, .docx in official form."""

import io
import json
import re
import zipfile
from datetime import date

import docx
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from hypothesis import given, settings
from hypothesis import strategies as st

from fupin.accounts.roles import Role
from fupin.documents import text, word
from fupin.documents.text import Block, Known, Run, Table
from households.demo import papers as demo_papers
from households.models import Paper, VillageCause, VillageProfile
from households.papers.kinds import KINDS
from tests import factories
from tests.fupin.excel import samples
from tests.parts import one_of

VILLAGE = "990101100201"


def section(text, heading="", level=1):
    return {"level": level, "heading": heading, "text": text}


# The text, without the database


def test_figures_gaps_and_tables_are_told_apart():
    known = Known({"总户数": 58, "面积": None}, {"原因": lambda: Table(("序号",), [["1"]])})

    found = list(
        text.blocks(
            [section("全村{{总户数}}户，{{ 面积 }}亩，〔原文缺失〕年。\n{{表：原因}}", "基本情况")], known
        )
    )

    assert found[0] == Block("heading", (Run("一、基本情况"),), 1)
    assert found[1].runs == (
        Run("全村"), Run("58", "figure", "总户数"), Run("户，"), Run("〔未填〕", "gap", "面积"), Run("亩，"),
        Run("〔原文缺失〕", "gap"), Run("年。"),
    )  # fmt: skip
    assert found[2].table.rows == [["1"]]
    assert text.gaps(found) == 2
    assert text.unknown("{{总户数}}{{没有}}{{表：没有}}{{表：原因}}", known) == ["没有", "表：没有"]
    assert text.from_json(json.loads(json.dumps(text.to_json(found)))) == found


def test_headings_are_numbered_without_gaps():
    sections = [
        section("", "空的"), section("甲", "一"), section("", "有下级"), section("乙", "下级", 2), section("", "空下级", 2),
        section("丙", "三级", 3), section("丁", "末"),
    ]  # fmt: skip

    headings = [block.text for block in text.blocks(sections, Known()) if block.kind == "heading"]
    kept = [
        block.text for block in text.blocks(sections, Known(), keep_empty=True) if block.kind == "heading"
    ]

    assert headings == ["一、一", "二、有下级", "（一）下级", "（二）空下级", "1. 三级", "三、末"]
    assert kept[0] == "一、空的"
    assert [text.chinese(n) for n in (1, 10, 11, 20, 45)] == ["一", "十", "十一", "二十", "四十五"]


@settings(max_examples=60, deadline=None)
@given(st.text(), st.text(alphabet="{}表：一二 \n", max_size=30))
def test_any_text_can_be_written(typed, tokens):
    found = list(text.blocks([section(typed + tokens)], Known({"一": 1}, {"一": lambda: Table(("甲",), [])})))
    shown = "".join(block.text for block in found)
    assert "{{一}}" not in shown or "{{{" in typed + tokens
    assert text.from_json(json.loads(json.dumps(text.to_json(found)))) == found


# Through the pages

pytestmark = pytest.mark.django_db


def profile(**figures):
    village = factories.region(VILLAGE)
    made = VillageProfile.objects.create(
        region=village, region_path=VILLAGE, year=2026, households=58, **figures
    )
    VillageCause.objects.create(profile=made, text="缺技术", codes="07")
    return made


def begun(client, kind="village_plan", **where):
    where = where or {"region": VILLAGE}
    address = reverse("paper_begin") + "?" + "&".join(f"{name}={value}" for name, value in where.items())
    response = client.post(address, {"kind": kind, "year": 2026})
    assert response.status_code == 302, response.content.decode()
    return Paper.objects.first()


def posted(paper, *sections, **more):
    data = {"title": paper.title, "unit": "测试村委会", "version": paper.version, "s-TOTAL_FORMS": len(sections),
            "s-INITIAL_FORMS": 0, "s-MAX_NUM_FORMS": 60, "s-MIN_NUM_FORMS": 0}  # fmt: skip
    for n, (level, heading, body) in enumerate(sections):
        data |= {f"s-{n}-level": level, f"s-{n}-heading": heading, f"s-{n}-text": body, f"s-{n}-ORDER": n + 1}
    return data | more


@pytest.mark.parametrize("kind", one_of(3, [kind.name for kind in KINDS]))
def test_every_kind_starts_with_figures_that_are_answered(login, kind):
    profile(population=279)
    household = factories.household(at=f"{VILLAGE}01", members=2)
    client = login(factories.user())
    made = next(found for found in KINDS if found.name == kind)
    where = (
        {"household": household.pk}
        if made.of_household
        else {"region": {3: "990101", 4: VILLAGE[:9], 5: VILLAGE}[min(made.levels)]}
    )

    paper = begun(client, kind, **where)

    page = client.get(reverse("paper_edit", args=[paper.pk]))
    data = posted(paper, *((row["level"], row["heading"], row["text"]) for row in paper.sections))
    assert client.post(reverse("paper_edit", args=[paper.pk]), data).status_code == 302
    assert "{{" not in paper.title
    assert page.status_code == 200
    for name in ("paper_detail", "paper_print"):
        shown = client.get(reverse(name, args=[paper.pk])).content.decode()
        assert "{{" not in shown


def test_figures_are_live_until_the_paper_is_issued(login):
    row = profile(population=279)
    client = login(factories.user())
    paper = begun(client)
    client.post(
        reverse("paper_edit", args=[paper.pk]),
        posted(paper, (1, "基本情况", "全村{{总户数}}户、{{总人口}}人。")),
    )
    VillageProfile.objects.filter(pk=row.pk).update(population=280)
    before = client.get(reverse("paper_detail", args=[paper.pk])).content.decode()
    paper.refresh_from_db()

    client.post(
        reverse("paper_issue", args=[paper.pk]),
        {"number": "测村发〔2026〕1号", "on": "2026-01-05", "version": paper.version},
    )

    VillageProfile.objects.filter(pk=row.pk).update(population=300)
    after = client.get(reverse("paper_detail", args=[paper.pk])).content.decode()
    assert ">280<" in before
    assert ">280<" in after
    head = '<p class="docno">测试村委会<br>测村发〔2026〕1号</p>'  # as in the .docx
    assert head in after
    assert head in client.get(reverse("paper_print", args=[paper.pk])).content.decode()
    paper.refresh_from_db()
    assert (paper.state, str(paper.issued_on)) == ("issued", "2026-01-05")
    for name in ("paper_edit", "paper_issue"):
        assert client.get(reverse(name, args=[paper.pk])).status_code == 404
        assert client.post(reverse(name, args=[paper.pk]), {}).status_code == 404

    client.post(reverse("paper_revise", args=[paper.pk]))

    later = Paper.objects.get(replaces=paper)
    assert (later.state, later.sections) == ("draft", paper.sections)


def test_the_second_to_save_sees_what_the_first_wrote_and_loses_nothing(login):
    profile()
    client = login(factories.user())
    paper = begun(client)
    client.post(reverse("paper_edit", args=[paper.pk]), posted(paper, (1, "甲", "先保存的")))

    late = client.post(reverse("paper_edit", args=[paper.pk]), posted(paper, (1, "乙", "后保存的")))

    page = late.content.decode()
    assert late.status_code == 422
    assert "先保存的" in page
    assert "后保存的" in page
    paper.refresh_from_db()
    assert paper.sections == [section("先保存的", "甲")]
    assert client.post(
        reverse("paper_edit", args=[paper.pk]), posted(paper, (1, "乙", "后保存的"), version=late.context["version"])
    ).status_code == 302  # fmt: skip


def test_a_paper_is_not_issued_on_a_day_to_come(login):
    profile()
    client = login(factories.user())
    paper = begun(client)

    asked = {"number": "测村发〔2026〕1号", "on": "2999-01-01", "version": paper.version}
    response = client.post(reverse("paper_issue", args=[paper.pk]), asked)

    assert response.status_code == 422
    assert "印发日期不能晚于今天" in response.context["form"].errors["on"][0]
    assert Paper.objects.get().state == "draft"


def test_a_figure_that_nobody_knows_is_named(login):
    profile()
    client = login(factories.user())
    paper = begun(client)

    response = client.post(
        reverse("paper_edit", args=[paper.pk]), posted(paper, (1, "基本情况", "共{{总户}}户"))
    )

    assert response.status_code == 422
    assert "第 1 节“基本情况”里没有“总户”这个数或表" in response.content.decode()
    assert "共{{总户}}户" in response.content.decode()


def test_a_household_paper_is_for_who_sees_the_household(login, client):
    mine = factories.household(at=f"{VILLAGE}01")
    paper = begun(login(factories.user()), "household_plan", household=mine.pk)

    client.force_login(factories.user(Role.VILLAGE_CLERK, at="990101100202"))
    assert client.get(reverse("paper_detail", args=[paper.pk])).status_code == 404
    client.force_login(factories.user(Role.LEADER, at="990101"))
    assert client.get(reverse("paper_detail", args=[paper.pk])).status_code == 404
    client.force_login(factories.user(Role.VILLAGE_CLERK, at=VILLAGE))
    shown = client.get(reverse("paper_detail", args=[paper.pk])).content.decode()
    assert mine.members.get().id_number not in shown


def test_the_list_takes_as_many_queries_for_many(
    login, django_assert_num_queries, django_assert_max_num_queries
):
    profile()
    client = login(factories.user())
    begun(client)
    address = reverse("paper_list") + "?region=990101"
    with django_assert_max_num_queries(20) as few:
        client.get(address)
    number = len(few)
    for _ in range(5):
        begun(client)
    with django_assert_num_queries(number):
        assert len(client.get(address).context["page"].rows) == 6


def test_a_day_reads_in_characters():
    assert text.words("2026-09-04") == "2026年9月4日"
    assert [text.words(other) for other in ("2026年9月", "2026-13-04")] == ["2026年9月", "2026-13-04"]


def test_tables_do_not_touch():
    """Two tables without a paragraph between them are one to Word."""
    paper = Paper(title="标题", unit="")
    table = Block("table", table=Table(("甲", "乙"), [["1", "2"]]))
    book = docx.Document(io.BytesIO(word.write(paper, [table, table, Block("paragraph", (Run("正文"),))])))

    kinds = [child.tag.rpartition("}")[2] for child in book.element.body]
    assert kinds[1:-1] == ["tbl", "p", "tbl", "p"]
    assert book.paragraphs[-1].paragraph_format.space_before > 0


def test_word_has_the_official_form(login):
    profile(population=None)
    client = login(factories.user())
    paper = begun(client)
    client.post(
        reverse("paper_edit", args=[paper.pk]),
        posted(
            paper,
            (1, "基本情况", "全村{{总户数}}户、{{总人口}}人。\x08\n{{表：致贫原因}}"),
            (2, "二级", "字"),
        ),
    )

    response = client.get(reverse("paper_word", args=[paper.pk]))

    book = docx.Document(io.BytesIO(response.content))
    page = book.sections[0]
    assert [
        round(side.mm) for side in (page.top_margin, page.bottom_margin, page.left_margin, page.right_margin)
    ] == [37, 35, 28, 26]
    lines = {paragraph.text: paragraph for paragraph in book.paragraphs}
    body = lines["全村58户、〔未填〕人。"]
    assert body.paragraph_format.line_spacing.pt == 28
    assert body.runs[0].font.size.pt == 16
    assert body.paragraph_format.first_line_indent.pt == 32
    fonts = {
        name: lines[name].runs[0]._r.rPr.rFonts.get(docx.oxml.ns.qn("w:eastAsia"))
        for name in ("一、基本情况", "（一）二级")
    }
    assert fonts == {"一、基本情况": "黑体", "（一）二级": "楷体_GB2312"}
    assert [[cell.text for cell in row.cells] for row in book.tables[0].rows] == [
        ["序号", "致贫原因"],
        ["1", "缺技术"],
    ]
    narrow, wide = (cell.width for cell in book.tables[0].rows[1].cells)
    assert narrow < wide
    assert 'w:altName w:val="仿宋"' in fonts_of(response.content)
    # the page's number stands at the outer side: odd pages right, even ones left
    feet = [page.footer, page.even_page_footer]
    assert book.settings.odd_and_even_pages_header_footer
    assert [foot.paragraphs[0].alignment for foot in feet] == [ALIGN.RIGHT, ALIGN.LEFT]


def test_who_issued_and_when_stands_where_the_text_ends():
    paper = Paper(title="方案", unit="测试镇人民政府", number="测镇〔2026〕1号", issued_on=date(2026, 11, 27))
    book = docx.Document(io.BytesIO(word.write(paper, [Block("paragraph", (Run("正文。"),))])))

    *_, text, _, unit, day = book.paragraphs
    assert [one.text for one in (text, unit, day)] == ["正文。", "测试镇人民政府", "2026年11月27日"]
    assert [one.paragraph_format.right_indent.pt for one in (unit, day)] == [32, 64]
    assert text.paragraph_format.keep_with_next and unit.paragraph_format.keep_with_next


def fonts_of(content):
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return parts.read("word/fontTable.xml").decode()


# The five plans


@samples.needed
def test_every_figure_of_the_plans_stands_in_the_demos_papers(five_plans):
    plans = json.loads((samples.FOLDER / "seed_plans.json").read_text("utf-8"))
    for number, shown in five_plans.items():
        facts = [fact for fact in plans["facts"] if fact["plan"] == number]
        assert facts
        for fact in facts:
            if fact["value"] is not None:
                assert same(fact["literal"]) in same(shown), fact
        masked = sum(fact["value"] is None for fact in facts)
        assert shown.count(text.MISSING) >= masked, number
        assert "未填" not in shown
        for day in re.findall(
            r"\d{4}年|\d+月底?|年内|下半年|去年四月",
            "".join(block["text"] for block in plans["documents"][number - 1]["blocks"]),
        ):
            assert day in shown, (number, day)


def same(words):
    return words.replace(",", "，")


@pytest.fixture
def five_plans():
    """`{plan: its paper's text}` in a register that holds what the plans tell."""
    from fupin.demo import Order
    from fupin.regions import tree
    from households import defaults
    from households.actions.papers import blocks_of
    from households.demo import accounts, changlong
    from projects import demo as project_demo

    tree.load()
    defaults.load()
    from django.utils import timezone

    order = Order(timezone.localdate(), 100, "x", lambda words: None)
    users = accounts.make_accounts(order)
    changlong._profiles(changlong.Region.objects.get(path=changlong.CHANGLONG))
    for plan in project_demo.PLANS:
        if plan.at != changlong.CHANGLONG:
            project_demo._planned(plan, users[plan.by], order.today)
    demo_papers.build(order)
    found = {}
    for number, paper in enumerate(Paper.objects.order_by("pk"), 1):
        found[number] = "\n".join(block.text for block in blocks_of(paper, users["admin"]))
    return found


def test_a_draft_works_out_only_what_its_text_names(login):
    profile(population=279)
    client = login(factories.user())
    paper = begun(client)

    def read(text):
        client.post(reverse("paper_edit", args=[paper.pk]), posted(paper, (1, "基本情况", text)))
        paper.refresh_from_db()
        with CaptureQueriesContext(connection) as found:
            page = client.get(reverse("paper_detail", args=[paper.pk])).content.decode()
        sql = " ".join(query["sql"] for query in found)
        return page, {
            name for name in ("households_visit", "households_measure", "projects_project", "projects_fundline") if f'FROM "{name}"' in sql
        }  # fmt: skip

    page, asked = read("全村{{总户数}}户、{{总人口}}人。")
    assert ">279<" in page and asked == set()
    page, asked = read("走访{{走访次数}}次，项目{{项目个数}}个。")
    assert asked == {"households_visit", "projects_project"} and ">0<" in page


def test_short_columns_of_a_table_stand_in_one_line():
    """A list of projects needs more than the page's width: 状态 keeps its characters, the long ones share what is left."""
    wide = Table(("项目名称", "建设内容", "牵头单位", "状态"), [["一" * 16, "二" * 20, "三" * 9, "待验收"]])
    assert wide.shares[3] == pytest.approx(100 * 4 / 38, abs=0.1)
    assert sum(wide.shares) == pytest.approx(100, abs=0.3)
    assert Table(("序号", "致贫原因"), []).shares == [37.5, 62.5]
