"""Measures in columns: a household a row, a column (or a few) for each kind of measure, with ticks, amounts or words.

Every filled cell becomes a row of its own, as in a ledger with one measure a row. What a bare figure means is said by
its header or the title; where neither says it, a big one is money and told, a small one is not kept and told.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache, partial

from fupin.excel import cleaning
from fupin.excel.cleaning import BLANKS, Unreadable, compact, text
from fupin.excel.form_folds import FOLD
from fupin.excel.forms import FormTable
from fupin.excel.header import labels_at, short_texts
from fupin.excel.imports import Field
from fupin.excel.layout import find_tables
from fupin.excel.relabel import Repeats
from fupin.excel.titles import key_of, said_over, unit_of
from households import codes

MOST = 40_000
"""Rows of a sheet above which kinds are not looked for."""
SURELY_MONEY = 100
"""A figure of which nothing says what it is: from here on it is an amount in yuan."""
WORDS = {
    "产业奖补": "02", "产业奖补资金": "02", "产业补助": "02", "产业补贴": "02", "产业扶持": "02", "产业发展": "02", "种植业": "02", "养殖业": "02", "种养殖": "02",
    "光伏": "02", "光伏收益": "02", "入股分红": "02", "种植": "02", "养殖": "02", "庭院经济": "02",
    "就业补助": "03", "就业补贴": "03", "务工奖补": "03", "务工补助": "03", "务工补贴": "03", "务工就业": "03", "交通补贴": "03", "交通补助": "03",
    "一次性交通补贴": "03", "外出务工交通补贴": "03", "稳岗补贴": "03", "技能培训": "03", "就业培训": "03", "帮扶车间": "03", "劳务输出": "03",
    "小额贷款": "04", "扶贫小额信贷": "04", "脱贫人口小额信贷": "04", "信贷": "04", "贴息": "04", "贷款": "04", "富民贷": "04",
    "公益性岗位补贴": "05", "公岗": "05", "护林员": "05", "生态护林员": "05",
    "住房保障": "06", "安全住房": "06", "住房安全有保障": "06", "农房抗震改造": "06", "安全饮水": "07", "饮水保障": "07",
    "医疗救助": "08", "大病救助": "08", "医疗保障": "08", "医保": "08", "家庭医生签约": "08", "签约家庭医生": "08", "医疗补助": "08", "基本医疗": "08", "医保代缴": "08",
    "控辍保学": "09", "教育资助": "10", "教育补助": "10", "助学金": "10", "教育扶持": "10", "教育扶贫": "10", "雨露计划补助": "10", "助学贷款": "10",
    "兜底帮扶": "11", "社会兜底": "11", "特困供养": "11", "特困": "11", "临时救助": "11", "残疾补贴": "11", "残疾人两项补贴": "11", "残疾人补贴": "11",
    "社保兜底": "11", "政策兜底": "11", "养老": "11", "消费帮扶": "12", "社会救助": "12", "爱心捐赠": "12", "慰问": "12", "慰问帮扶": "12",
    "人居环境": "14", "人居环境改善": "14", "改厕": "14", "综合保障": "11",
}  # fmt: skip
"""What columns are called beside the kinds themselves (codes.MeasureKind and its aliases)."""
_ENDS = re.compile(
    r"(?:帮扶|保障|救助|扶持)?(?:政策|措施|类|情况|落实情况|享受情况|方面)$|^(?:是否|享受|落实|实施)"
)
_MONEY = re.compile(r"资金|金额|补助|补贴|奖补|贷款|分红|收益|救助金|助学金|慰问金|发放额|额度|万?元")
_ABOUT = re.compile(r"措施|政策|补助|补贴|奖补|一户一策|享受|受益|扶持|帮扶(?!责任|干部|联系|人|单位|户)")
_STATE = re.compile(r"三保障|排查|核查|问题|安全保障情况|有无保障")
"""Lists of where a household stands, not of what was done: 住房 there is whether its house is safe."""
_OTHER_LISTS = re.compile(
    r"与户主(?:的)?关系|家庭关系|监测对象类[别型]|风险类型|风险(?:是否|状态|消除)|走访|(?:工资|转移|财产|经营|政策|务工|产业|生产|种植|养殖)性?收入|(?:家庭|年|^)纯收入|人均(?:纯|可支配)?收入|结对(?:开始|时间)"
)
MARK = re.compile(r"[√✓✔☑■●◎✅vV∨Yy是有]|已?(?:享受|落实|实施|完成|参加)|有享受|已")
NOT = re.compile(r"[×✗✘xX☒□否无未零]|未(?:享受|落实|实施|参加)|不(?:享受|涉及|符合)|没有|0|无需|不需要")
_QUANTITY = re.compile(
    r"[(:/](?:单位:?)?(只|头|亩|羽|箱|群|株|人|个|次|套|平方米|㎡|米|千克|公斤|斤|吨|辆|台|户)\)?$"
)
_ALONE = re.compile(
    r"(?:约|大约|近|共|计)?(?:[+-]?[\d.,]+|[零〇一二三四五六七八九十百千两]+)(?:余|多|来)?(?:亿|万|千|百)?(?:余|多)?(?:元整?|块钱?)?(?:左右|以上|以内)?"
)
"""A figure that is of money, or of nothing that it names."""
_RAISED = re.compile(
    r"(?:养殖?|饲养|种植?|栽种?)(?:[肉奶黄水牦犏山绵土乌蜜中春冬][\u3400-\u9fff]?)?"
    r"(?:牛|羊|猪|鸡|鸭|鹅|鱼|蜂|兔|马|驴|蚕|家禽|牲畜|青稞|玉米|小麦|水稻|稻谷|土豆|马铃薯|荞麦|大豆|油菜|花椒|辣椒|核桃|板栗|苹果|葡萄|柑橘|梨|桃|李|茶|茶叶|药材|蔬菜|果树|果|烟叶|烤烟|菌|食用菌|木耳)"
    r"(?:数量|头数|只数|面积|亩数|数)?"
)
"""Columns of a kind of animal or crop: 养牛（头）, 种植花椒（亩）."""
_COUNTED = re.compile(r"[(:/](?:单位:?)?(?:只|头|亩|羽|箱|群|株)\)?$")
_NTH = re.compile(r"(?P<word>.+?)[(]?(?P<n>[1-9一二三四五六七八九])[)]?")
_NTH_INSIDE = re.compile(r"(?P<word>(?:帮扶)?措施)[(]?(?P<n>[1-9一二三四五六七八九])[)]?(?P<rest>.+)")
ROLES = ("what", "quantity", "unit", "money", "helper", "helper_unit", "begin", "target", "done", "effect")
MORE_ROLES = {
    "内容": "what", "项目": "what", "项目名称": "what", "名称": "what", "具体": "what", "情况": "what", "落实情况": "what", "补助标准": "",
    "补助": "money", "补贴": "money", "奖补": "money", "额度": "money", "贷款金额": "money", "发放金额": "money", "补助资金": "money", "奖补资金": "money",
    "补贴金额": "money", "奖补金额": "money", "资金": "money", "金额": "money", "规模": "quantity", "是否享受": "what", "享受": "what", "是否落实": "what",
    "贷款时间": "begin", "贷款日期": "begin", "放款时间": "begin", "补助时间": "begin", "发放日期": "begin", "上岗时间": "begin", "享受时间": "begin", "落实时间": "begin", "到位时间": "done", "发放时间": "begin", "兑现时间": "begin", "年月": "begin",
}  # fmt: skip


@dataclass
class Slot:
    """The columns of one measure: its title, the label of its kind ("" where its words tell it), `{role: column}`."""

    title: str
    kind: str
    roles: dict = field(default_factory=dict)


@lru_cache(maxsize=4096)
def kind_of(word):
    """The code of the kind that a title names, None when it names none."""
    key = key_of(word)
    bare = _ENDS.sub("", key)
    for one in (key, bare, f"{bare}帮扶"):
        if one and (code := codes.code_of(codes.MeasureKind, one) or WORDS.get(one)) and not one.isdecimal():
            return code
    return codes.MeasureKind.INDUSTRY.value if _RAISED.fullmatch(key) else None


_KNOWN_TITLES = tuple(dict.fromkeys((*codes.MeasureKind.labels, *codes.ALIASES[codes.MeasureKind], *WORDS)))


def read(spec, sheet, kind, path=""):
    """The tables of such a sheet, a row a measure; [] for any other. `spec` is the kind as one measure a row has it."""
    if not sheet.numbers or len(sheet.numbers) > MOST or not (sheet.titles or _names_kinds(sheet)):
        return []
    titled = Field("kinds", "", _KNOWN_TITLES)
    # its own name: spellings are kept by it
    wide = replace(spec, kind="measure_columns", fields=(*spec.fields, titled), needs=(("hh_no", "id"),), needs_named=())  # fmt: skip
    where = {number: at for at, number in enumerate(sheet.numbers)}
    found = []
    for table in find_tables(sheet, [wide]):
        labels = labels_at(sheet, [where[row] for row in table.header_rows])
        slots = _slots(labels, spec)
        own = {
            name: at for name, at in table.columns.items() if name != "kinds" and at not in _columns(slots)
        }
        words = compact(" ".join((table.title, sheet.name, path, *labels.values())))
        ledger = "what" in own or "kind" in own or "money" in own
        state = _STATE.search(compact(" ".join((table.title, sheet.name, path)))) or _OTHER_LISTS.search(
            words
        )
        if not ledger and (slots if sheet.titles else len(slots) > 1 and _ABOUT.search(words) and not state):
            said = said_over(sheet, where[table.header_rows[0]], spec, own)
            found.append(_Unpivoted(table, labels, slots, own, said, sheet, spec, path).made())
    return found


PAID = re.compile(
    r"(?:补助|补贴|奖补|资助|贷款|信贷|岗|慰问|助学)[^,。;]{0,10}(?:发放|花名册|名册|名单|明细|公示|台账|台帐|统计|登记|一览|表)"
)


def said_in_title(table):
    """What a list of one measure calls it: 产业奖补资金 of 白坪村2024年产业奖补资金发放花名册; "" where its title names none."""
    title = compact(f"{table.title} {table.sheet}" if table.title else table.sheet)
    if not PAID.search(title):
        return ""
    known = [word for word in _KNOWN_TITLES if len(word) > 1 and word in title]
    return max(known, key=len, default="")


def kind_titled(table):
    """The code of the kind of measure that the title of a list names, None for none."""
    word = said_in_title(table)
    return kind_of(word) if word else None


def _names_kinds(sheet):
    for cells in short_texts(sheet):
        words = [compact(cell) for cell in cells if len(cell) > 1]
        if (
            sum(
                1
                for word in words
                if kind_of(word) or ((_NTH.fullmatch(word) or _NTH_INSIDE.fullmatch(word)) and "措施" in word)
            )
            > 1
        ):
            return True
    return False


def _role(word, spec):
    """The role that a title below a measure has, None when it has none."""
    key = key_of(word)
    role = MORE_ROLES.get(key) or spec.spellings.get(key) or _plainer(key, spec)
    return role if role in ROLES else None


def _plainer(key, spec):
    bare = key.removeprefix("帮扶").removeprefix("措施")
    return MORE_ROLES.get(bare) or spec.spellings.get(bare)


def _slots(labels, spec):
    """The Slots of a header, in its order."""
    slots = {}
    for index, label in labels.items():
        parts = [compact(part) for part in label.split("\n")]
        at = next((at for at in reversed(range(len(parts))) if kind_of(parts[at])), None)
        if at is not None:
            role = "" if at == len(parts) - 1 else _role(parts[-1], spec)
            if role is not None:
                code = kind_of(parts[at])
                title = key_of(parts[at])
                slot = slots.setdefault(parts[at], Slot(title, codes.MeasureKind(code).label))
                if role in slot.roles:  # the same title again, further to the right
                    slots[f"{parts[at]}#{index}"] = slots.pop(parts[at])
                    slot = slots[parts[at]] = Slot(title, slot.kind)
                slot.roles[role] = index
            continue
        nth = _NTH.fullmatch(parts[-1]) or _NTH_INSIDE.fullmatch("".join(parts))
        word = nth["word"] + (nth.groupdict().get("rest") or "") if nth else ""
        role = (_role(word, spec) or ("kind" if spec.spellings.get(key_of(word)) == "kind" else None)) if nth else None  # fmt: skip
        if role is not None:
            slot = slots.setdefault(f"#{nth['n']}", Slot("", ""))
            slot.roles.setdefault(role, index)
    whole = {"", "what", "money", "quantity"}
    return [slot for slot in slots.values() if (whole if slot.kind else {"what"}) & slot.roles.keys()]


def _columns(slots):
    return {index for slot in slots for index in slot.roles.values()}


def _year(*words):
    """The year that title, sheet or file name, "" where they name none or more than one."""
    years = set(re.findall(r"(?<!\d)(20\d\d)(?!\d)", compact(" ".join(words))))
    return years.pop() if len(years) == 1 else ""


class _Unpivoted:
    """The table of a sheet with a row for each measure."""

    def __init__(self, table, labels, slots, own, said, sheet, spec, path):
        self.table, self.labels, self.slots, self.sheet = table, labels, slots, sheet
        self.width = max(own.values(), default=-1) + 1
        self.said = said
        begun = "begin" in own
        self.year = "" if begun else _year(table.title, sheet.name, path)
        self.extra = ["kind", "what", *(role for role in ROLES[1:] if self._has(role)), *said]
        self.columns = own | {name: self.width + at for at, name in enumerate(self.extra)}
        self.spec = spec
        self.money = bool(re.search(r"资金|金额|补助|补贴|奖补|单位:?万?元", compact(table.title)))
        self.wan = table.units.get("kinds", 1) == 10_000 or bool(
            re.search(r"单位:?万元", compact(table.title))
        )
        self.ones = {slot.title for slot in slots if self._only_ones(slot)}

    def _has(self, role):
        mains = [slot.roles[role] for slot in self.slots for role in ("", "what") if role in slot.roles]
        if role == "money" and mains:
            return True
        if role in ("quantity", "unit") and any(_QUANTITY.search(compact(self.labels[at])) for at in mains):
            return True
        if role == "begin" and any(
            isinstance(row[at], date) for row in self.table.rows for at in mains if at < len(row)
        ):
            return True
        return role == "begin" and self.year or any(role in slot.roles for slot in self.slots)

    def _only_ones(self, slot):
        """Whether the figures of a column are ticks: 1 for yes, 0 or nothing for no."""
        index = slot.roles.get("", slot.roles.get("what"))
        if index is None or _COUNTED.search(compact(self.labels[index])):
            return False
        figures = {text(row[index]) for row in self.table.rows if index < len(row)} - {""}
        return figures <= {"1", "0"} and "1" in figures

    def made(self):
        used = {*self.columns.values(), *_columns(self.slots)}
        made = {item.name: item.label for item in self.spec.fields if item.name in self.extra}
        out = FormTable.of(self.table, self.spec.kind, self.columns, self.labels, made)
        out.units |= dict.fromkeys(self.extra, 1)
        out.leave_unread(self.labels, {index for index in used if index < self.width or index in _columns(self.slots)})  # fmt: skip
        hidden, uncached = set(), set()
        for row, cells in zip(self.table.numbers, self.table.rows):
            n = 0
            for slot in self.slots:
                measure = self._measure(slot, row, cells)
                if measure is None:
                    continue
                number = row if not n else FOLD * n + row
                n += 1
                self._add(out, number, row, cells, measure, uncached)
                if row in self.table.hidden:
                    hidden.add(number)
        if self.year and out.numbers:
            detail = f"按标题里的年度记为 {self.year} 年 1 月 1 日开始；知道日期的请加一列“开始时间”"
            out.findings.append(("measure_date_assumed", "", "", detail, out.numbers[0]))
        out.hidden, out.uncached = frozenset(hidden), frozenset(uncached)
        return out

    def _add(self, out, number, row, cells, measure, uncached):
        said = {name: (value, None) for name, value in self.said.items()}
        if self.year:
            said["begin"] = (f"{self.year}年", None)
        said |= measure
        out.numbers.append(number)
        out.rows.append(
            [*cells[: self.width], *[""] * (self.width - len(cells)), *(said.get(name, ("", 0))[0] for name in self.extra)]
        )  # fmt: skip
        for name, (_, column) in said.items():
            if column is not None:
                out.stands(number, name, self.sheet, row, column, uncached)
        if finding := self.finding:
            out.findings.append((*finding, number))

    def _measure(self, slot, row, cells):
        """`{field: (value, column)}` of what a household has in a slot, None when nothing; sets `finding`."""
        self.finding = None
        told = {role: (cells[index], index) for role, index in slot.roles.items() if index < len(cells)}
        marked = any((row, index + 1) in self.sheet.errors or (row, index + 1) in self.sheet.uncached for _, index in told.values())  # fmt: skip
        told = {role: found for role, found in told.items() if not _nothing(found[0])}
        if not told and not marked:
            return None
        column = next((index for _, index in told.values()), next(iter(slot.roles.values())))
        made = {name: self._amount(name, *found) for name, found in told.items() if name not in ("", "what")}
        if slot.kind:
            made["kind"] = (slot.kind, column)
        for role in ("", "what"):
            if role in told:
                made |= self._main(slot, *told[role], made)
        made.setdefault("what", (slot.title, column))
        return made

    def _amount(self, name, value, column):
        """A figure of a column of its own, in the unit that its header says."""
        if name == "money":
            label = self.labels[column].replace("\n", "")
            if self._in_wan(label) and _figure(value) is not None:
                return f"{text(value)}万元", column
        return value, column

    def _in_wan(self, label):
        return unit_of(label) == 10_000 or self.wan and "元" not in compact(label)

    def _main(self, slot, value, column, made):
        """What the cell under a measure's own title says."""
        word, label = compact(text(value)), compact(self.labels[column].replace("\n", ""))
        if isinstance(value, date):
            return {"begin": (value, column)}
        if MARK.fullmatch(word) or slot.title in self.ones and word == "1":
            return {}
        figure = _figure(value)
        if figure is None and not (isinstance(value, str) and _ALONE.fullmatch(word)):
            counted = re.match(r"[\d.]+[^\d.]{1,3}$", word)
            return {"what": (f"{slot.title}{word}" if counted else text(value), column)}
        if "money" in slot.roles or "quantity" in slot.roles:
            return {"what": (text(value), column)}
        unit = _QUANTITY.search(label)
        if unit and "元" not in word:
            return {"quantity": (value, column), "unit": (unit[1], column)}
        if self.money or self.wan or "元" in word or _MONEY.search(label):
            return {"money": self._amount("money", value, column)}
        if figure is None or figure >= SURELY_MONEY:
            self.finding = ("measure_amount_assumed", "money", word, "")
            return {"money": (value, column)}
        self.finding = ("measure_figure_unclear", "what", word, "")
        return {}


def _nothing(value):
    if value.__class__ is float:
        return value == 0
    word = compact(text(value))
    return word in BLANKS or bool(NOT.fullmatch(word))


def _figure(value):
    """The number that a cell says, an approximate one too (约3千); None for anything else, 5只 and 8个月 among it."""
    if isinstance(value, bool | date):
        return None
    if isinstance(value, str) and not _ALONE.fullmatch(compact(value)):
        return None
    try:
        return cleaning.number(value, about=True)
    except Unreadable as problem:
        return problem.value


def _find(spec, labels):
    """`{column: (choice, field)}` of the columns of measures; see `relabel.Repeats`."""
    return {
        column: (codes.code_of(codes.MeasureKind, slot.kind), role or "what")
        for slot in _slots(labels, spec) if slot.kind for role, column in slot.roles.items()
    }  # fmt: skip


def repeats(spec):
    """What a user may say of the columns of such a sheet: of which measure they are, and what stands there."""
    labels, kinds = {item.name: item.label for item in spec.fields}, dict(codes.MeasureKind.choices)
    return Repeats(
        "哪类措施", "各类措施", tuple(kinds.items()), frozenset(ROLES), partial(_find, spec),
        lambda choice, name: f"{kinds[choice]}\n{labels[name]}",
    )  # fmt: skip
