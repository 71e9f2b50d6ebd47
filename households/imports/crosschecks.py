"""Importing a bureau's list (部门比对名单): who of the register stands in it becomes a clue with a deadline.

A list never changes the register, and nothing of people outside it is kept: rows that match nobody are counted.
A person is found by the ID number; where the list has none, or a wrong one, by name and birth date, if only one
person in the user's region fits, and such a clue says that it is weaker.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import salted_hmac

from fupin.accounts.pii import FieldClass, masked
from fupin.accounts.roles import Permission
from fupin.audit.record import bulk
from fupin.bulk import insert_rows, take_keys
from fupin.excel import cleaning
from fupin.excel.changes import NEW, OUT, SAME, Value
from fupin.excel.cleaning import Unreadable, compact, text
from fupin.excel.imports import Field, Import
from fupin.excel.ledger import LedgerPlan, Record
from households import codes, idcard, kept
from households.imports.known import CHUNK
from households.models import CrossCheck, Member

K = codes.CheckKind
COMMON = (
    Field(
        "id", "证件号码",
        ("身份证号", "身份证号码", "公民身份号码", "居民身份证号码", "身份证", "身份证明号码", "有效证件号码", "证件号", "身份证件号码", "所有人证件号码", "车主证件号码",
         "车主身份证号", "车主身份证号码", "权利人证件号", "权利人证件号码", "权利人身份证号", "法定代表人证件号码", "法人身份证号",
         "经营者身份证号", "死者身份证号", "死亡人员身份证号", "学生身份证号", "参保人身份证号", "户主身份证号", "户主证件号码", "保障对象身份证号", "患者身份证号", "救助对象身份证号", "参保人证件号码", "学生身份证号码", "死者身份证号码", "法定代表人身份证号", "法人身份证号码", "社会保障号码", "社会保障号", "社保号", "个人社保号", "公民社会保障号码", "残疾人身份证号", "残疾人身份证号码", "低保对象身份证号", "购房人身份证号", "购房人身份证号码", "产权人身份证号", "产权人身份证号码", "当事人身份证号"),
        pii=FieldClass.ID_NUMBER, example="99010119700101001X", note="18 位；列设为文本。",
    ),
    Field(
        "name", "姓名",
        ("人员姓名", "车主", "车主姓名", "所有人", "机动车所有人", "权利人", "权利人姓名", "权利人名称", "所有权人", "产权人姓名", "产权人", "法定代表人", "法人姓名", "经营者", "经营者姓名",
         "死者姓名", "死亡人员姓名", "学生姓名", "参保人", "参保人姓名", "保障对象", "保障对象姓名", "对象姓名", "患者姓名", "诉求人", "信访人", "投诉人", "受灾户主", "农户姓名", "学生", "救助对象", "救助对象姓名", "残疾人姓名", "残疾人", "低保对象", "低保对象姓名", "购房人", "购房人姓名", "买受人", "投资人", "投资人姓名", "负责人", "当事人", "人员"),
        example="扎西",
    ),
    Field("head_name", "户主姓名", ("户主",), note="不读入模板：有“姓名”的以“姓名”为准。"),
    Field(
        "own_id", "成员证件号码", ("成员身份证号", "成员身份证号码", "家庭成员身份证号", "家庭成员身份证号码", "家庭成员证件号码"), pii=FieldClass.ID_NUMBER,
        note="不读入模板：户主和成员各有一列时，每行是谁的以这一列为准。",
    ),
    Field("own_name", "成员姓名", ("家庭成员姓名", "家庭成员"), note="不读入模板。"),
    Field("sort", "疑点类型", ("预警类型", "问题类型", "线索类型"), note="不读入模板：没有写内容的，以类型为内容。"),
    Field("birth", "出生日期", ("出生年月", "出生年月日", "出生时间"), example="1970-01-01", note="没有证件号码时凭姓名和出生日期比对。"),
    Field("more", "情况说明", ("说明", "备注", "情况", "备注信息"), example="6 月名单"),
)  # fmt: skip
CHOSEN = "名单内容（上传时选定）"
"""What only the user or a title can say: a list that has nothing but names is known by no header."""


@dataclass(frozen=True)
class CheckList:
    """One kind of list. `value` (label, spellings): what it says about a person; `telling`: that header alone says
    which kind of list it is. `private`: the value is shown masked. `once`: one clue a person, whatever the value."""

    kind: codes.CheckKind
    slug: str
    words: str
    value: tuple
    telling: bool = False
    private: bool = True
    once: bool = False


LISTS = [
    CheckList(K.DEATH, "death", "死亡|火化|户籍注销|销户", ("死亡日期", "死亡时间", "火化日期", "火化时间", "户籍注销日期", "户籍注销时间", "死亡注销日期", "注销日期", "注销时间", "死亡年月", "死亡注销时间", "销户日期", "销户时间"), telling=True, private=False, once=True),
    CheckList(K.VEHICLE, "vehicle", "车辆|机动车", ("车牌号", "车牌号码", "号牌号码", "车牌", "机动车号牌", "车辆号牌", "牌照号码"), telling=True),
    CheckList(K.PRISON, "prison", "服刑|收监|判刑", ("收监日期", "判刑日期", "服刑单位", "刑期", "刑期起止", "罪名", "入监时间", "收监时间", "判刑时间"), private=False),
    CheckList(K.DIBAO, "dibao", "低保备案|低保对象|低保人员|低保名单|低保户名单|最低生活保障|低保(?:资金|金)?发放|低保(?:资金|金)|低保花名册|低保人口|低保户花名册|低保在册|在册低保", ("低保证号", "低保证编号", "保障金额", "月保障金额", "低保金额", "保障人口", "救助证号", "月发放金额", "发放金额", "月低保金", "低保金", "月补助金额", "补助水平", "保障类别", "低保类别", "保障类型", "低保类型", "月保障金", "月保障标准", "保障金"), once=True),
    CheckList(K.TEKUN, "tekun", "特困人员|特困供养|特困备案|特困对象|五保", ("特困证号", "供养方式", "供养形式", "供养金额", "救助供养证号", "供养类型", "供养类别", "月供养标准", "供养标准", "照料护理等级"), once=True),
    CheckList(K.RELIEF, "relief", "低保边缘|临时救助|刚性支出|孤儿|事实无人抚养|低收入人口", ("救助类型", "救助类别", "救助金额", "人员类别", "低收入人口类型", "救助事由", "救助原因", "对象类别", "对象类型"), private=False),
    CheckList(K.DISABILITY, "disability", "持证残疾|残疾人名单|残疾证|残疾人花名册|残疾人两项补贴|两项补贴", ("残疾证号", "残疾人证号", "残疾类别", "残疾类型")),
    CheckList(K.INSURANCE, "insurance", "参保|医保缴费|医疗保险", ("参保状态", "参保情况", "参保类型", "未参保原因", "是否参保", "险种", "险种类型"), private=False),
    CheckList(K.MEDICAL, "medical", "医疗自付|大额自付|个人自付|自付费用|费用自付|大额医疗|医疗费用|慢病|慢性病|大病", ("自付金额", "个人自付", "合规自付", "自付费用", "病种", "个人自付金额", "个人自付费用", "自付总额", "自付医疗费用", "病种名称", "疾病名称", "疾病诊断")),
    CheckList(K.SCHOOL, "school", "在校|学籍|失学|辍学|资助", ("就读学校", "学校", "学校名称", "在校状态", "学籍状态", "年级"), private=False),
    CheckList(K.HOUSING, "housing", "危房|住房鉴定|房屋鉴定", ("鉴定等级", "危房等级", "房屋等级", "鉴定结果", "鉴定级别", "危险等级", "房屋危险等级", "房屋安全等级", "危房级别"), private=False),
    CheckList(K.WATER, "water", "供水|饮水", ("供水情况", "饮水情况", "停水情况"), private=False),
    CheckList(K.WORK, "work", "务工|失业|就业", ("务工单位", "务工地点", "失业登记日期", "就业状态", "失业时间", "失业日期", "登记失业时间", "原单位", "原工作单位", "失业原因"), private=False),
    CheckList(K.PENSION, "pension", "养老保险|养老金|养老待遇", ("养老参保状态", "待遇状态", "领取状态", "待遇领取状态", "停保日期", "停发原因", "停发月份", "停发时间", "停发日期", "待遇停发原因", "暂停原因"), private=False),
    CheckList(K.ESTATE, "estate", "不动产|房产|商品房|宅基地|购房|城镇住房|有房户", ("不动产权证号", "不动产单元号", "不动产证号", "不动产权证书号", "房产证号", "房屋产权证号", "房屋坐落", "不动产坐落", "坐落"), telling=True),
    CheckList(K.COMPANY, "company", "工商|市场主体|企业登记|个体工商户", ("统一社会信用代码", "社会信用代码", "工商注册号", "市场主体名称", "企业名称"), telling=True),
    CheckList(K.PAYROLL, "payroll", "财政供养|工资统发", ("财政供养单位", "供养单位", "工作单位", "单位名称", "单位"), private=False),
    CheckList(K.DISASTER, "disaster", "受灾|灾害", ("灾害类型", "受灾类型", "灾种", "受灾情况"), private=False),
    CheckList(K.APPEAL, "appeal", "信访|12317|投诉", ("诉求内容", "信访事项", "投诉内容"), private=False),
    CheckList(K.OTHER, "other", "比对名单|比对结果|核查名单|疑点名单|数据比对|预警信息|预警名单|预警数据|风险预警|大额支出|疑似(?:问题|风险)", ("比对内容", "预警内容", "预警信息", "预警事项", "预警原因", "风险点", "线索", "疑点", "疑点描述", "疑点说明", "疑点情况", "问题描述", "比对结果", "比对情况", "疑点内容", "问题", "内容"), private=False),
]  # fmt: skip
EXAMPLES = {
    "death": "2026-03-01", "vehicle": "渝B00000", "prison": "2025-11-20", "dibao": "990101000001", "tekun": "990101000002", "relief": "临时救助",
    "disability": "99010119700101001X43", "insurance": "未参保", "medical": "26000", "school": "县职业中学", "housing": "C级", "water": "季节性缺水",
    "work": "某建筑公司", "pension": "已停保", "estate": "990101000003", "company": "91990101MA0000000X", "payroll": "县农业农村局", "disaster": "洪涝",
    "appeal": "反映饮水困难", "other": "名下有经营主体",
}  # fmt: skip
"""What a template gives as an example of the column of each list; invented."""
COLUMNS = ("household", "member", "region_path", "title", "fact", "value", "digest", "weak", "id")
SOURCE_OF = {kind: source for source, kinds in codes.CHECK_SOURCES.items() for kind in kinds}


def plain(value, unit=1):
    """What the list says, as text; a date as a date."""
    return text(value)[:120] or None


def fields_of(what):
    label, *headers = what.value
    value = Field(
        "value", label, tuple(headers), plain, pii=FieldClass.CLUE if what.private else None,
        example=EXAMPLES.get(what.slug, ""), note="名单上怎么写就怎么填，记为待核实的线索。",
    )  # fmt: skip
    return (*COMMON, value)


@dataclass(slots=True, kw_only=True)
class CheckRow(Record):
    number: str = ""
    name: str = ""
    birth: date | None = None
    value: str = ""
    more: str = ""
    weak: bool = False
    member: tuple | None = None
    """(member, household, region path) of the person whom the row means, None for nobody of ours."""


class CheckPlan(LedgerPlan):
    """What a bureau's list would do: clues, and nothing else."""

    in_parts = True

    def __init__(self, what, tables, setting):
        self.what, self.fields = what, fields_of(what)
        self.fresh, self.known = [], 0
        super().__init__(tables, setting)

    def read_row(self, rows, number, cells):
        who = "own_id" if rows.word("own_id", cells) else "id"
        named = ("own_name",) if who == "own_id" else ("name", "head_name")
        name = next((found for one in named if (found := rows.cell(one, cells)) != ""), "")
        row = CheckRow(rows=rows, row=number, name=cleaning.name(name)[:40])
        read = idcard.read(rows.cell(who, cells), self.setting.as_of)
        row.number = read.number
        row.birth = read.birth or self._birth(row, cells) or born(read.text)
        row.value = (rows.valued("value", number, cells) or "") if "value" in rows.at else ""
        row.value = row.value or rows.word("sort", cells)[:120]
        if (
            not read.text and self.what.kind == K.DISABILITY
        ):  # the number of a certificate begins with that of its holder
            read = idcard.read(row.value, self.setting.as_of)
            row.number, row.birth = read.number, read.birth or row.birth
        row.more = rows.word("more", cells)[:60]
        if not row.number and not (row.name and row.birth):
            row.refuse(read.problem if read.text else "check_no_person", who, read.text, detail=read.message)
        return row

    def _birth(self, row, cells):
        try:
            found = cleaning.day(row.rows.cell("birth", cells), row.rows.table.epoch)
        except Unreadable:
            return None
        return found[0] if found and found[1] == "day" else None

    def links(self, record):
        """Rows about one person."""
        found = [("id", record.number)] if record.number else []
        if record.name and record.birth:
            found.append(("who", record.name, record.birth))
        if record.member:
            found.append(("member", record.member[0]))
        return tuple(found)

    # With the database

    def resolve(self, by):
        rows = self.kept
        self._by_number([row for row in rows if row.number], by)
        self._by_name([row for row in rows if row.member is None and row.name and row.birth], by)
        found = [row for row in rows if row.member]
        keys = sorted({row.member[0] for row in found})
        held = set()
        for start in range(0, len(keys), CHUNK):
            stored = CrossCheck.objects.filter(member__in=keys[start : start + CHUNK], kind=self.what.kind)
            held |= set(stored.order_by().values_list("member", "digest"))
        for row in found:
            key = (row.member[0], self._digest(row))
            row.state = SAME if key in held else NEW
            if key in held:
                self.known += 1
            else:
                held.add(key)
                self.fresh.append(row)
                row.differences.append(Value(row.row, "待核实线索", "", self._fact(row)))
        for row in rows:
            row.state = row.state or OUT  # nobody of the register

    @staticmethod
    def _reach(by):
        rows = Member.objects.active().visible_to(by, Permission.IMPORT)
        return rows.exclude(household__registry_status=codes.RegistryStatus.CLOSED).order_by()

    def _by_number(self, rows, by):
        numbers = sorted({row.number for row in rows})
        found = {}
        for start in range(0, len(numbers), CHUNK):
            people = self._reach(by).filter(id_number__in=numbers[start : start + CHUNK])
            for number, *member in people.values_list("id_number", "pk", "household", "region_path"):
                found[number] = tuple(member)
        for row in rows:
            row.member = found.get(row.number)

    def _by_name(self, rows, by):
        """The only person of this name and birth date in the user's region. One pass over the people there."""
        wanted = {(row.name, row.birth) for row in rows}
        if not wanted:
            return
        found = {}
        people = self._reach(by).values_list("name", "birth", "pk", "household", "region_path")
        for name, birth, *member in people.iterator(chunk_size=5000):
            if (name, birth) in wanted:
                found.setdefault((name, birth), []).append(tuple(member))
        for row in rows:
            fits = found.get((row.name, row.birth), ())
            if len(fits) == 1:
                row.member, row.weak = fits[0], True

    def _digest(self, row):
        """What makes two rows one clue about a person: the value, or that they are in the list at all."""
        said = "" if self.what.once else compact(row.value).upper()
        return salted_hmac("households.crosscheck", said, algorithm="sha256").hexdigest()[:32]

    def _fact(self, row):
        label = codes.CheckKind(self.what.kind).label
        shown = masked(FieldClass.CLUE, row.value) if self.what.private else row.value
        said = f"{label}：{shown}" if shown else f"{label}：在名单里"
        return f"{said}（{row.more}）"[:200] if row.more else said[:200]

    def _title(self, row):
        """The title over the table, else the file's name."""
        title = row.rows.table.title.strip()
        return (title if 4 <= len(title) <= 60 else re.sub(r"\.\w{2,4}$", "", self.setting.name))[:120]

    def write(self, by, batch):
        rows = [] if self.dropped else self.fresh
        made, events = [], []
        for row, key in zip(rows, take_keys(CrossCheck, len(rows))):
            member, household, path = row.member
            made.append((
                household, member, path, self._title(row), self._fact(row), row.value, self._digest(row), row.weak, key,
            ))  # fmt: skip
            events.append((f"households.crosscheck:{key}", path, {"batch": batch, "household": household}))
        insert_clues(made, events, kind=self.what.kind, by=by)
        kept.refresh({row.member[1] for row in rows}, names=False)
        return {"clues_new": len(rows), "clues_same": 0 if self.dropped else self.known}

    # Figures

    def counts(self):
        """`(rows read, rows about people in the register, rows that cannot be read)`."""
        bad = sum(1 for row in self.records if row.bad)
        return len(self.records), sum(1 for row in self.kept if row.member), bad

    def summary(self):
        rows = self.kept
        matched = [row for row in rows if row.member]
        return {
            "rows": len(self.records),
            "matched": len(matched),
            "matched_weakly": sum(1 for row in matched if row.weak),
            "unmatched": len(rows) - len(matched),
            "households": len({row.member[1] for row in matched}),
            "clues_new": len(self.fresh),
            "clues_same": self.known,
        }  # fmt: skip


def insert_clues(rows, events, *, kind, by):
    """Insert clues, tuples in the order of COLUMNS, due in settings.CROSS_CHECK_DAYS, with their audit events."""
    today = timezone.localdate()
    insert_rows(
        CrossCheck, COLUMNS, rows,
        constants={
            "kind": kind.value, "source": SOURCE_OF[kind.value], "found_on": today,
            "due_end": today + timedelta(days=settings.CROSS_CHECK_DAYS),
        },
    )  # fmt: skip
    bulk("crosscheck.import", events, by=by)


def born(number):
    """The birth date inside an ID number that is wrong elsewhere, or None."""
    digits = re.fullmatch(r"\d{6}(\d{4})(\d\d)(\d\d)[\dXx]{2,4}", number)
    try:
        return date(*map(int, digits.groups())) if digits else None
    except ValueError:
        return None


def _import(what):
    return Import(
        kind=f"check_{what.slug}",
        title=f"比对名单：{what.kind.label}",
        permission=Permission.IMPORT,
        fields=fields_of(what),
        needs=(("id",), ("value",)) if what.telling else (("id",), (CHOSEN,)),
        plan=partial(CheckPlan, what),
        words=rf"{what.words}|{re.escape(f'比对名单：{what.kind.label}')}(?=\s|$)",
        needs_named=(("id", "name", "head_name"),),
        weak=dict.fromkeys(("户主身份证号", "户主证件号码", "车主证件号码"), ""),
        group=f"部门比对名单：{SOURCE_OF[what.kind.value]}",
        note="只生成待核实的线索，不改动档案；不在册的人不保存",
        result_page="crosscheck_list",
        strangers=True,
    )


CROSSCHECKS = [_import(what) for what in LISTS]
