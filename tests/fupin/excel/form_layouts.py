"""Households written as forms of every layout that village offices draw: for the tests of reading them.

`household(r)` invents one, `drawn(r, households)` draws a sheet of them; `r` is a random.Random. The sheet is
`Drawn(cells {(row, column): value}, merges [(row, column, row, column)], stated [names of fields each form states])`.
"""

import io
import itertools
import random
from dataclasses import dataclass, field

import xlsxwriter

from fupin.excel.reader import Sheet
from tests import factories

SURNAMES, GIVEN = "赵钱孙李周吴郑王冯陈锁晏卯祖纳撒", "文武德才荣华富贵平安琼芳兰英杰航梓一远𠮷"
PLACES = [
    ("威宁县", "炉山镇", "茶园村"), ("綦江区", "篆塘镇", "白坪村"), ("炉霍县", "新都镇", "昌龙村"), ("测试县", "岱岭畲族乡", "河边社区"),
]  # fmt: skip
TITLES = [
    "农户“一户一档”信息表", "农户信息采集表", "贫困户登记表", "脱贫户信息采集表", "户卡", "XX县农户家庭基本情况登记表", "建档立卡贫困户信息卡",
    "防返贫监测农户信息采集表（2020年）", "农村住户入户调查表",
]  # fmt: skip
RELATIONS = ["配偶", "之子", "之女", "之父", "之母", "之孙子", "之儿媳"]
SEX = {"之子": "男", "之女": "女", "之父": "男", "之母": "女", "之孙子": "男", "之儿媳": "女"}
KINDS = {"一般农户": "0", "脱贫户": "3", "一般贫困户": "1", "低保贫困户": "1", "普通户": "0"}
CAUSES = {"因病": "01", "因残": "02", "因学": "03", "缺技术": "07", "缺劳力": "08"}

LABELS = {
    "head_name": ["户主姓名", "户主", "户主名字"],
    "hh_type": ["家庭类型", "户类型", "农户类别", "户属性"],
    "size": ["家庭人口数", "家庭人口", "人口数", "家庭总人口", "人数"],
    "hh_phone": ["联系电话", "户主联系电话", "手机号码", "电话"],
    "address": ["家庭住址", "现居住地址", "详细地址", "地址"],
    "cause": ["主要致贫原因", "致贫原因", "贫困原因"],
    "house_area": ["住房面积（平方米）", "住房面积", "住房总面积", "住房概况", "住房情况"],
    "land": ["耕地面积（亩）", "耕地", "土地概况", "土地情况"],
    "danger": ["是否危房", "危房户", "住房安全等级"],
    "water": ["是否解决安全饮用水", "安全饮水"],
    "collected": ["填表日期", "采集时间", "建档/更新日期", "调查时间"],
    "wage": ["工资性收入", "工资性收入（元）", "务工收入"],
    "note": ["情况说明", "家庭情况说明"],
}
PERSON = {
    "name": ["姓名", "成员姓名", "家庭成员姓名"],
    "relation": ["与户主关系", "与户主\n关系", "家庭关系", "称谓"],
    "id": ["身份证号", "证件号码", "身份证号码", "公民身份号码"],
    "sex": ["性别"],
    "ethnicity": ["民族"],
    "education": ["文化程度", "学历"],
    "health": ["健康状况", "身体状况"],
    "politics": ["政治面貌"],
    "member_phone": ["联系电话", "电话"],
    "birth": ["出生年月", "出生日期"],
}
NOISE = ["星级", "户口性质", "照片", "邮编", "备注", "帮扶措施", "幸福指数", "村规民约得分"]


@dataclass
class Drawn:
    cells: dict = field(default_factory=dict)
    merges: list = field(default_factory=list)
    stated: list = field(default_factory=list)

    def sheet(self, name="表", *, merged=True):
        """As the reader gives it."""
        width = max(column for _, column in self.cells) + 1
        numbers, rows = [], []
        for row in range(1, max(row for row, _ in self.cells) + 1):
            cells = [self.cells.get((row, column), "") for column in range(width)]
            if any(cell != "" for cell in cells):
                numbers.append(row)
                rows.append(cells)
        merges = [(a, b + 1, c, d + 1) for a, b, c, d in self.merges] if merged else []
        return Sheet(name, "visible", numbers, rows, merges=merges)

    def write(self, page):
        """Into a worksheet of xlsxwriter."""
        for a, b, c, d in self.merges:
            page.merge_range(a - 1, b, c - 1, d, "")
        for (row, column), value in self.cells.items():
            page.write(row - 1, column, value)

    def workbook(self):
        stream = io.BytesIO()
        with xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_numbers": False}) as book:
            self.write(book.add_worksheet("户档"))
        return stream.getvalue()


_serial = itertools.count(1)


def person(r, relation):
    sex = SEX.get(relation) or r.choice("男女")
    born = f"{r.randint(1940, 2015)}{r.randint(1, 12):02}{r.randint(1, 28):02}"
    return {
        "name": r.choice(SURNAMES) + "".join(r.choice(GIVEN) for _ in range(r.randint(1, 2))),
        "relation": relation,
        "id": factories.id_number(next(_serial), born=born, male=sex == "男"),
        "sex": sex,
        "ethnicity": r.choice(["汉族", "彝族", "藏"]),
        "education": r.choice(["小学", "初中", "文盲或半文盲", "高中"]),
        "health": r.choice(["健康", "长期慢性病", "残疾"]),
        "politics": r.choice(["群众", "中共党员"]),
        "member_phone": f"154{r.randint(0, 99_999_999):08}" if r.random() < 0.5 else "",
        "birth": f"{born[:4]}.{int(born[4:6])}" if r.random() < 0.5 else f"{born[:4]}年{int(born[4:6])}月",
    }


def household(r, place=None):
    county, town, village = place or r.choice(PLACES)
    people = [person(r, "户主"), *(person(r, relation) for relation in r.sample(RELATIONS, r.randint(0, 5)))]
    group = r.randint(1, 12)
    return {
        "county": county, "town": town, "village": village, "group": f"{group}组", "people": people,
        "head_name": people[0]["name"], "hh_type": r.choice(list(KINDS)), "size": len(people),
        "hh_phone": f"154{r.randint(0, 99_999_999):08}", "address": f"{village}{group}组{r.randint(1, 99)}号",
        "cause": r.sample(list(CAUSES), r.randint(1, 2)), "house_area": r.randint(20, 200), "land": r.randint(1, 99) / 10,
        "danger": r.random() < 0.3, "water": r.random() < 0.7, "collected": f"2020.{r.randint(1, 12):02}.{r.randint(10, 28)}",
        "wage": r.randint(0, 50_000), "note": r.choice(["无劳动能力，子女在外", "种养大户", "大棚三个，年年增收"]),
    }  # fmt: skip


def drawn(r, households):
    """A sheet of one form after another, all of one layout."""
    layout, out, row = _Layout(r), Drawn(), 1
    for home in households:
        row = layout.draw(out, row, home) + r.choice([0, 1, 3])
    return out


class _Layout:
    """What all forms of one office have in common."""

    def __init__(self, r):
        self.r = r
        self.title = r.choice(TITLES)
        self.place = r.choice(["line", "cells", "where", "underlined", "title", "address"])
        self.label_width, self.value_width = r.choice([(1, 1), (1, 1), (2, 2), (1, 3), (2, 1)])
        self.across = r.choice([1, 2, 2, 3, 4])
        self.style = r.choice(["beside", "beside", "below", "inside", "line"])
        self.decorate = r.choice([str, str, _spaced, lambda s: f"{s}：", lambda s: f"*{s}", _numbered()])
        self.ticks = r.choice([None, "before", "after", "brackets", "typed"])
        fields = [name for name in LABELS if r.random() < 0.7]
        self.no_title = r.random() < 0.15 and len(fields) > 4
        if self.place == "address" and "address" not in fields:
            fields.append("address")
        r.shuffle(fields)
        self.fields = fields
        self.labels = {name: r.choice(LABELS[name]) for name in LABELS}
        self.above = r.random() < 0.5
        columns = [
            "name",
            "relation",
            "id",
            *(n for n in PERSON if n not in ("name", "relation", "id") and r.random() < 0.6),
        ]
        r.shuffle(columns)
        self.columns = columns
        self.headers = {name: r.choice(PERSON[name]) for name in PERSON}
        self.serial, self.tail, self.blanks = r.random() < 0.7, r.random() < 0.4, r.randint(0, 4)
        self.total, self.signed = r.random() < 0.3, r.random() < 0.6
        self.head_apart = r.random() < 0.25
        self.noise = r.sample(NOISE, r.randint(0, 3))
        self.helper = r.random() < 0.3
        self.caption = r.random() < 0.3

    def draw(self, out, row, home):
        stated = {"village"} | set(self.fields)
        if self.no_title and self.place in ("title",):
            self.place = "line"
        if not self.no_title:
            words = self.title.replace("XX县", home["county"])
            if self.place == "title":
                words = f"{home['county']}{home['town']}{home['village']}{home['group']}{self.title.replace('XX县', '')}"
            out.cells[row, 0] = words
            out.merges.append((row, 0, row, 8))
            row += 1
        if self.place != "address" and self.place != "title":
            row = self.draw_place(out, row, home)
        if self.place != "address":
            stated |= {"group"}
        if self.place in ("line", "cells", "underlined", "title", "where"):
            stated |= {"town"}
        if self.above:
            row = self.draw_block(out, row, home)
            row = self.draw_people(out, row, home)
        else:
            row = self.draw_people(out, row, home)
            row = self.draw_block(out, row, home)
        if self.signed:
            out.cells[row, 0], out.cells[row, 4] = "填表人：李四", "审核人："
            row += 1
        if self.r.random() < 0.2:
            out.cells[row, 0] = "注：本表一式三份，村、乡镇、农户各存一份"
            row += 1
        out.stated.append(stated)
        return row

    def draw_place(self, out, row, home):
        county, town, village, group = home["county"], home["town"], home["village"], home["group"]
        if self.place == "line":
            mark = self.r.choice(["；", "  ", "，"])
            out.cells[row, 0] = mark.join((f"乡镇：{town}", f"村：{village}", f"组：{group[:-1]}"))
            out.merges.append((row, 0, row, 8))
        elif self.place == "cells":
            for at, cell in enumerate(("乡（镇）", town, "行政村", village, "村民小组", group)):
                out.cells[row, at] = cell
        elif self.place == "underlined":
            out.cells[row, 0] = f"所在地：{county}_{town}__{village}_{group}_"
        else:
            out.cells[row, 0], out.cells[row, 2] = "所在地", f"{county}{town}{village}{group}"
            out.merges += [(row, 0, row, 1), (row, 2, row, 6)]
        return row + 1

    # The block of the household

    def value(self, name, home):
        value, label = home[name], self.labels[name]
        if name == "hh_type" and self.ticks:
            return self.options(KINDS, [value])
        if name == "cause":
            return self.options(CAUSES, value) if self.ticks else "、".join(value)
        if name == "danger":
            if label == "住房安全等级":
                return "C级" if value else "A级"
            if self.ticks:
                return self.options(self.r.choice([["是", "否"], ["危房", "非危房"]]), [0 if value else 1])
            return "是" if value else "否"
        if name == "water":
            return self.options(["是", "否"], [0 if value else 1]) if self.ticks else "√" if value else "×"
        if name == "house_area" and label.endswith(("概况", "情况")):
            return f"{value}平方米，砖混"
        if name == "land" and label.endswith(("概况", "情况")):
            return f"耕地{value}亩，林地2亩"
        return value

    def options(self, words, ticked):
        words = list(words)
        chosen = {words[t] if isinstance(t, int) else t for t in ticked}
        full = self.r.choice("☑■√") if self.ticks != "typed" else "√"
        if self.ticks == "before":
            return " ".join(f"{full if w in chosen else '□'}{w}" for w in words)
        if self.ticks == "after":
            return " ".join(f"{w}{full if w in chosen else '□'}" for w in words)
        if self.ticks == "brackets":
            return " ".join(f"{w}（{'√' if w in chosen else ' '}）" for w in words)
        return " ".join(f"□{w}{'√' if w in chosen else ''}" for w in words)

    def draw_block(self, out, row, home):
        pairs = [(self.labels[name], self.value(name, home)) for name in self.fields]
        if self.head_apart:
            head = home["people"][0]
            pairs = [
                ("户主姓名", head["name"]),
                ("性别", head["sex"]),
                ("身份证号", head["id"]),
                ("民族", head["ethnicity"]),
                *pairs,
            ]
        elif self.style != "below":
            pairs += [(word, "") for word in self.noise]
        else:
            pairs += [(word, "甲乙") for word in self.noise if word != "备注"]
        style = self.style
        if style == "below" and self.head_apart:
            style = "beside"
        if self.caption and style in ("beside", "below"):
            out.cells[row, 0] = "户\n情"
            out.merges.append(
                (
                    row,
                    0,
                    row + (len(pairs) + self.across - 1) // self.across * (2 if style == "below" else 1) - 1,
                    0,
                )
            )
        left = 1 if self.caption and style in ("beside", "below") else 0
        for start in range(0, len(pairs), self.across):
            some = pairs[start : start + self.across]
            row = getattr(self, f"draw_{style}")(out, row, left, some)
        if self.helper:
            for at, cell in enumerate(("帮扶责任人", "王五", "单位", "县水务局", "联系电话", "15400000000")):
                out.cells[row, at] = cell
            row += 1
        return row

    def draw_beside(self, out, row, left, pairs):
        at = left
        for label, value in pairs:
            self.put(out, row, at, self.decorate(label), self.label_width)
            self.put(out, row, at + self.label_width, value, self.value_width)
            at += self.label_width + self.value_width
        return row + 1

    def draw_below(self, out, row, left, pairs):
        width = self.label_width
        for index, (label, value) in enumerate(pairs):
            self.put(out, row, left + index * width, self.decorate(label), width)
            self.put(out, row + 1, left + index * width, value, width)
        return row + 2

    def draw_inside(self, out, row, left, pairs):
        for index, (label, value) in enumerate(pairs):
            out.cells[row, index * 3] = f"{label}：{value}"
        return row + 1

    def draw_line(self, out, row, left, pairs):
        out.cells[row, 0] = self.r.choice(["  ", "；", "\n"]).join(
            f"{label}：{value}" for label, value in pairs
        )
        return row + 1

    def put(self, out, row, column, value, width):
        if value != "":
            out.cells[row, column] = value
        if width > 1:
            out.merges.append((row, column, row, column + width - 1))

    # The people

    def draw_people(self, out, row, home):
        at = 1 if self.serial else 0
        if self.serial:
            out.cells[row, 0] = "序号"
        for index, name in enumerate(self.columns):
            label = self.headers[name]
            out.cells[row, at + index] = (
                _spaced(label) if len(label) == 2 and self.r.random() < 0.3 else label
            )
        last = at + len(self.columns)
        if self.tail:
            out.cells[row, last] = "备注"
        row += 1
        people = home["people"][1:] if self.head_apart else home["people"]
        for number, one in enumerate(people, 1):
            if self.serial:
                out.cells[row, 0] = float(number)
            for index, name in enumerate(self.columns):
                if one[name] != "":
                    out.cells[row, at + index] = one[name]
            row += 1
        for number in range(self.blanks):
            if self.serial and self.r.random() < 0.5:
                out.cells[row, 0] = float(len(people) + number + 1)
            row += 1
        if self.total:
            out.cells[row, 0], out.cells[row, at + 1] = "合计", f"{len(people)}人"
            row += 1
        return row


def _spaced(label):
    return "  ".join(label) if len(label) == 2 else label


def _numbered():
    numbers = itertools.count(1)
    return lambda label: f"{next(numbers)}.{label}"


def village(seed, count, place=PLACES[0]):
    """`[(file name, workbook, household)]` of a village, all of one layout, as an office sends it."""
    r = random.Random(seed)
    files = []
    for number in range(1, count + 1):
        home = household(r, place)
        book = drawn(random.Random(seed), [home]).workbook()
        group = home["group"]
        name = f"{group}/{group[:-1]}-{home['hh_type']}-{home['head_name']}-{home['size']}-{home['village']}-{number}.xlsx"
        files.append((name, book, home))
    return files
