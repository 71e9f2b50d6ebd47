"""The place of a table that has no column for it: in a section row, the sheet's name, or the title."""

import re

from fupin.excel.cleaning import compact

_VILLAGE = re.compile(
    r"(?:[(]?[\d一二三四五六七八九十]{1,3}[).、]|\d{1,3})?(?:.{1,8}(?:镇|乡|街道))?"
    r"(?P<name>[\u3400-\u9fff·]{1,12}?(?:村|社区|居委会|村委会|嘎查|林场|农场))(?:\([^()]*\))?[::]?(?:共?\d+户.*)?"
)
_TITLE_VILLAGE = re.compile(
    r"(?:镇|乡|街道|办事处)(?P<name>[\u3400-\u9fff·]{1,8}?(?:村|社区|嘎查))(?!民|级|情|组)"
)
_SAID_VILLAGE = re.compile(
    r"(?:^|,)(?:行政村|村名|村名称|所在村|所属村|村委会|村):,?(?P<name>[\u3400-\u9fff·]{2,12})(?:,|$)"
)
"""A line over the table that says so: 乡镇：松坪镇  村：白坪村."""
_TITLE_TOWN = re.compile(
    r"(?:^|[,:县区旗市])(?!乡镇|所在|所属|各|全|本)(?P<name>[^,:省县区旗市]{1,8}?(?:镇|乡|街道))(?!村|级)"
)
_TITLE_COUNTY = re.compile(
    r"(?:^|[,:省市州盟])(?P<name>[^,:省市州盟县]{1,8}?(?:县|区|旗|市))(?=[^,:]{0,8}(?:镇|乡|街道))"
)
_TITLE_BEGINS = re.compile(
    r"(?:^|,)(?:20\d\d年度?)?(?P<name>[\u3400-\u9fff·]{1,8}?(?:村|社区|嘎查))(?!民|级|情|组|委|两委|干部)"
)
_NO_VILLAGE = re.compile(
    r"(?:.{0,4})(?:农|乡|山|行政|贫困|脱贫|出列|重点|示范|全|本|各|驻|新农|美丽乡|所在|自然|城中|空心|合并|我|该|每)村|社区"
)
"""What ends like the name of a village in a title's first words and is none."""
_PLACE_NAME = re.compile(r"[\u3400-\u9fff]{2,6}")
_BARE_NAME = re.compile(
    r".*(?:册|单|账|帐|明细|总|登记|统计|表|户|口|人|员|成员|数据|信息|模板|情况|项目|走访|结对|镇|乡|县|区|市|措施|对象|库|收入|支出|记录|监测"
    r"|帮扶|资金|计划|学生|党员|年度|月份?|季度|低保|残疾|特困|五保|死亡|车辆|房产|不动产|就业|健康|教育|医疗|住房|饮水|产业|条件|变更|更新|导入|导出|附件"
    r"|基本|扶贫|脱贫|贫困|汇总|进度|排查|台帐|拨付|节点|收支|任务|方案|公示|问题|整改|打印|附表|封皮|样表|初稿|终稿|定稿|报告|台帐|核查|比对|疑点|村情|行政村|封面|目录|说明)"
)
"""Names of sheets that tell what is in them, not where it belongs."""


def village_in(words):
    """The village that a section title or a sheet's name is, "" when it is none: 二、白坪村（共12户） is 白坪村."""
    found = _VILLAGE.fullmatch(compact(words)) if len(words) <= 40 else None
    return found["name"] if found else ""


def _begins_with(title):
    """The village whose name a line over the table begins with, "" where it begins otherwise."""
    names = (match["name"] for match in _TITLE_BEGINS.finditer(title))
    return next((name for name in names if not _NO_VILLAGE.fullmatch(name)), "")


def village_named(name):
    """The village whose name a sheet bears, with or without 村; "" for one that tells what is in it."""
    name = name.strip()
    bare = _PLACE_NAME.fullmatch(name) and not _BARE_NAME.fullmatch(name)
    return village_in(name) or (name if bare else "")


def name_sections(table, sections):
    """Give the rows below a section title its village, where they name none themselves."""
    if not any(sections):
        return
    index = table.columns.get("village")
    if index is None:
        table.give("village", sections)
        return
    for row, section in zip(table.rows, sections):
        if section and row[index] == "":
            row[index] = section


def locate(table, sheet, specs):
    """The village, and the township, from the sheet's name or the title, where there is no column for them."""
    fields = next({item.name for item in spec.fields} for spec in specs if spec.kind == table.kind)
    if "village" not in fields or not table.rows or table.half:
        return
    title = compact(table.title.replace(" ", ","))
    if "village" not in table.columns:
        name = table.sheet.rpartition("›")[2].strip()
        found = (
            (_SAID_VILLAGE.search(title) or {"name": ""})["name"]
            or village_in(name)
            or (_TITLE_VILLAGE.search(title) or {"name": ""})["name"]
            or _begins_with(title)
            or village_named(name)
        )
        if found:
            table.give("village", [found] * len(table.rows))
    if "town" not in table.columns and "village" in table.columns and "town" in fields:
        found = _TITLE_TOWN.search(title)
        if found:
            table.give("town", [found["name"]] * len(table.rows))
            county = _TITLE_COUNTY.search(title) if "county" in fields - table.columns.keys() else None
            if county:
                table.give("county", [county["name"]] * len(table.rows))
