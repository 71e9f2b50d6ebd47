"""村情 forms: one village on a sheet, a column a year, a column a village."""

import pytest

from fupin.accounts.roles import Role
from fupin.excel.reader import Sheet
from households.imports import village_forms
from households.imports.villages import FORM_WORDS
from households.models import VillageProfile
from tests import factories
from tests.workbooks import found, imported, made, uploaded


def read(*rows, name="Sheet1", path="", merges=()):
    """What the forms of a sheet say, a dict each: numbers as they stand there."""
    sheet = Sheet(
        name, "visible", list(range(1, len(rows) + 1)), [list(row) for row in rows], merges=list(merges)
    )
    tables = village_forms.read(FORM_WORDS, sheet, "villages", path)
    return [dict(zip(table.columns, table.rows[0])) for table in tables]


CAPTIONS = (
    ["炉霍县新都镇昌龙村基本情况表（2019年）"],
    ["基本情况", "总户数（户）", 58.0, "总人口（人）", 279.0],
    ["", "劳动力", 123.0, "外出务工人数", "45人"],
    ["贫困人口情况", "户数", 19.0, "人数", 77.0],
    ["外出创业", "户数", 8.0, "人数", 10.0],
    ["学生", "大中专", 4.0, "小学", 14.0],
    ["公共设施", "小学", "1所", "卫生室", "1个"],
)


def test_captions_say_whose_figures_stand_beside_them():
    (said,) = read(*CAPTIONS)

    assert (said["county"], said["town"], said["village"], said["year"]) == (
        "炉霍县",
        "新都镇",
        "昌龙村",
        "2019",
    )
    assert (said["households"], said["population"], said["labour"], said["migrant"]) == (58, 279, 123, "45人")
    assert (said["poor_households"], said["poor_population"]) == (19, 77)
    assert (said["students_college"], said["students_primary"], said["schools"]) == (4, 14, "1所")
    assert 8.0 not in said.values()


@pytest.mark.parametrize(
    "rows",
    [
        (["指标", "单位", "数值"], ["总户数", "户", 58.0], ["总人口", "人", 279.0], ["村集体收入", "万元", 3.5]),
        (["村名：昌龙村", "总户数：58户  总人口：279人"], ["村集体收入", "3.5万元", "主导产业", "花椒"]),
        (["行政村", "户数、人口", "村集体收入（万元）"], ["昌龙村", "58户279人", 3.5], ["党员", "预备党员", "三老"], [11.0, 2.0, 3.0]),
        (["类别", "户数", "人数"], ["总计", 58.0, 279.0], ["低保", 6.0, 20.0], ["村集体收入", "", "3.5万元"]),
    ],
    ids=["list of figures", "colons", "labels over values", "kinds down, counts across"],
)  # fmt: skip
def test_layouts(rows):
    (said,) = read(["昌龙村村情表"], *rows, name="村情")

    assert [float(str(said[name]).rstrip("户人")) for name in ("households", "population")] == [58, 279]
    assert (said["village"], "collective_income" in said or "dibao_households" in said) == ("昌龙村", True)


def test_a_column_a_year_and_a_column_a_village():
    years = read(["昌龙村近年村情"], ["指标", "单位", "2018年", "2019年"], ["总户数", "户", 57.0, 58.0], ["总人口", "人", 275.0, 279.0], ["党员", "人", 10.0, 11.0])  # fmt: skip
    villages = read(["2020年篆塘镇各村村情"], ["项目", "合计", "古歧村", "文胜村"], ["总户数", 185.0, 93.0, 92.0], ["总人口", 690.0, 350.0, 340.0], ["党员", 20.0, 11.0, 9.0])  # fmt: skip

    assert [(one["year"], one["households"], one["village"]) for one in years] == [("2018", 57, "昌龙村"), ("2019", 58, "昌龙村")]  # fmt: skip
    assert [(one["village"], one["population"], one["town"]) for one in villages] == [("古歧村", 350, "篆塘镇"), ("文胜村", 340, "篆塘镇")]  # fmt: skip

    across = read(["2020年村情一览表"], ["行政村", "古歧村", "文胜村", "合计"], ["总户数", 93.0, 92.0, 185.0], ["总人口", 350.0, 340.0, 690.0], ["党员", 11.0, 9.0, 20.0])  # fmt: skip
    assert [(one["village"], one["households"]) for one in across] == [("古歧村", 93), ("文胜村", 92)]
    coded = read(["篆塘镇村情统计表"], ["指标名称", "代码", "2019年", "", "2020年", ""], ["", "", "古歧村", "文胜村", "古歧村", "文胜村"], ["一、人口", "", "", "", "", ""],
                 ["总户数", "01", 92.0, 91.0, 93.0, 92.0], ["总人口", "02", 349.0, 339.0, 350.0, 340.0], ["党员", "03", 11.0, 9.0, 11.0, 9.0])  # fmt: skip
    assert [(one["village"], one["year"], one["households"]) for one in coded] == [("古歧村", "2019", 92), ("文胜村", "2019", 91), ("古歧村", "2020", 93), ("文胜村", "2020", 92)]  # fmt: skip


def test_the_village_stands_in_the_name_of_the_file_or_nowhere():
    rows = (
        ["村情信息采集表"],
        ["总户数", 58.0, "总人口", 279.0],
        ["党员", 11.0, "劳动力", 100.0],
        ["耕地", 9.0, "林地", 9.0],
    )

    assert [read(*rows, path=path)[0].get("village") for path in ("篆塘镇/渡沙村村情表.xlsx", "甲/白坪.xlsx", "表.xlsx")] == ["渡沙村", "白坪", None]  # fmt: skip
    assert read(*rows[:3], path="表.xlsx") == []


def test_forms_below_each_other_and_lists_that_are_none():
    form = lambda village, households: (  # noqa: E731
        [f"{village}村情明白卡"], [f"行政村：{village}"], ["总户数", households, "总人口", 300.0], ["党员", 9.0, "劳动力", 100.0],
    )  # fmt: skip

    assert [one["households"] for one in read(*form("古歧村", 93.0), *form("文胜村", 92.0))] == [93, 92]
    assert read(["行政村基本情况表"], ["村", "总户数", "总人口", "党员"], ["古歧村", 93.0, 350.0, 11.0], ["合计", 93.0, 350.0, 11.0]) == []  # fmt: skip
    assert read(["篆塘镇2020年村情统计表"], ["行政村", "人口情况", "", "耕地"], ["", "总户数", "总人口", "面积"], ["古歧村", 93.0, 350.0, 11.0], ["文胜村", 92.0, 340.0, 9.0]) == []  # fmt: skip
    assert (
        read(["昌龙村农户基本情况表"], ["户编号", "户主姓名", "与户主关系"], ["9001", "李一", "户主"]) == []
    )


@pytest.mark.django_db
def test_from_the_file_to_the_profile(login, settings, tmp_path):
    settings.FILES = tmp_path / "files"
    village = factories.region("990101100201")
    village.name, village.short_name, village.key = "昌龙村", "昌龙村", "昌龙"
    village.save()
    client = login(factories.user(Role.TOWNSHIP_OPERATOR, at="990101100"))
    rows = (
        ("指标", "单位", "数值"), ("总户数", "户", 58), ("总人口", "人", 279), ("劳动力", "人", 300), ("耕地面积", "公顷", 2),
        ("林地面积", "亩", "约30"), ("学生", "人", 31), ("大中专", "人", 4), ("中学", "人", 12), ("小学生", "人", 14), ("贫困发生率", "%", 3.2),
    )  # fmt: skip
    title = "昌龙村2019年村情表"

    batch = uploaded(client, made(*rows, title=title))

    assert (batch.kind, batch.year, found(batch)) == ("villages", 2019, [("village_sum", "C8")])
    assert found(batch, "warning") == [("village_part_over_whole", "C4"), ("number_approximate", "C7")]
    assert [note["label"] for note in batch.report["notes"] if note["code"] == "extra_column_ignored"] == [
        "贫困发生率"
    ]
    done = imported(client, made(*rows[:6], *rows[7:], title=title))
    profile = VillageProfile.objects.get()
    assert (done.report["written"]["rows_new"], profile.year, profile.farmland, profile.forest) == (
        1,
        2019,
        30,
        30,
    )
