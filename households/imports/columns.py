"""The columns of household lists: spellings seen in real files, and what each becomes. Data only.

`into` names the table and column that a value goes to; fields without it are used by the import itself.
"""

import re
from dataclasses import replace
from functools import partial

from fupin.accounts.pii import FieldClass
from fupin.excel import cleaning
from fupin.excel.cleaning import Unreadable, answers_in, compact, text
from fupin.excel.imports import Field, described
from households import codes


def coded(choices, value, unit=1):
    """A code of the table `choices`; None when blank. Raises Unreadable("value_unknown")."""
    found = compact(text(value))
    if found in cleaning.BLANKS:
        return None
    code = codes.code_of(choices, found)
    if code is None:
        if choices is codes.Education and codes.code_of(codes.School, found):
            raise Unreadable("value_unknown", f"“{found}”是在读的年级，请填在“在校生状况”一列")
        raise Unreadable("value_unknown", codes.some_of(choices))
    return code


def table(choices):
    return partial(coded, choices)


def plain(value, unit=1):
    return cleaning.written(value)


def amount(value, unit=1):
    return cleaning.money(value, unit)


@answers_in("亩")
def area(value, unit=1):
    return cleaning.area(value, unit)


@answers_in("㎡")
def floor(value, unit=1):
    return cleaning.area(value, unit, "㎡")


def flag(value, unit=1):
    return cleaning.yes(value)


def count(value, unit=1):
    return cleaning.whole(value)


def year(value, unit=1):
    return cleaning.year(value)


def phone(value, unit=1):
    """The first good number of a cell; `further` says what else stands there, and that goes into 备注."""
    try:
        return cleaning.phone(value)
    except Unreadable as problem:
        if problem.value:
            problem.detail = problem.detail.replace("只记第一个有效的", "记第一个有效的，其余记入备注")
        raise


def remark(value, unit=1):
    """Free text; one in which a number is masked (an export without personal data) says nothing."""
    found = cleaning.written(value)
    if found and "***" in found:
        raise Unreadable("value_masked")
    return found


def date_of(value, unit=1):
    found = cleaning.day(value)
    return found and found[0]


@answers_in("公里")
def kilometres(value, unit=1):
    return cleaning.area(value, unit, "公里")


def attribute(value, unit=1):
    """贫困户属性; None for a word that is a 户类型, which is what some files hold in this column."""
    found = compact(text(value))
    if found in codes.HOUSEHOLD_KINDS or codes.code_of(codes.MonitorCategory, found):
        return None
    return coded(codes.LegacyAttribute, value)


def health(value, unit=1):
    """Codes in table order joined by commas; 健康 stands alone."""
    found = set()
    for part in cleaning.several(value):
        if part not in cleaning.BLANKS:
            found.update(codes.codes_in(codes.Health, part) or (coded(codes.Health, part),))
    if len(found) > 1:
        found.discard("01")
    return ",".join(sorted(found)) or None


def cause_ticked(title, grouped):
    """The cause that a column of ticks stands for: 因病, 缺劳力; 其他 only below 致贫原因."""
    code = codes.code_of(codes.Cause, title) if grouped or re.match(r"[因缺]|交通|自身", title) else None
    return codes.Cause(code).label if code and not title.isdecimal() else ""


def health_ticked(title, grouped):
    """The state of health that a column of ticks below 健康状况 stands for."""
    code = codes.code_of(codes.Health, title) if grouped else None
    return codes.Health(code).label if code and not title.isdecimal() else ""


def monitor_ticked(title, grouped):
    """The kind of monitored household that a column of ticks stands for."""
    code = codes.code_of(codes.MonitorCategory, title) if len(title) > 2 else None
    return codes.MonitorCategory(code).label if code and code != codes.MonitorCategory.NONE else ""


HOUSE = (
    Field("hh_no", "户编号", ("户号", "农户编号", "农户编码", "贫困户编号", "编号", "户ID", "户编码", "家庭编号", "家庭编码", "户代码", "户籍编号")),
    Field("parent_no", "上级户编号", ("原户编号", "分户前户编号")),
    Field("row_version", "数据版本", ()),
    Field("head_id", "户主证件号码", ("户主身份证号", "户主身份证号码", "户主证件号", "户主身份证", "户主公民身份号码"), pii=FieldClass.ID_NUMBER),
    Field("head_name", "户主姓名", ("户主", "贫困户姓名", "户主名", "贫困户户主")),
    Field("size", "家庭人口数", ("人数", "家庭人口", "人口数", "人口", "家庭人数", "户人口", "家庭成员数")),
    Field("hh_type", "户类型", ("农户类型", "脱贫户类型", "农户属性", "脱贫属性", "脱贫状态", "脱贫标志", "建档立卡状态", "户别", "农户类别", "户类别", "对象类别")),
    Field("is_poor", "是否贫困户", ("是否建档立卡贫困户", "是否建档立卡", "建档立卡贫困户", "建档立卡户", "是否建档立卡户", "贫困户", "是否脱贫户")),
    Field("poor_attr", "贫困户属性", ("户属性", "家庭类型", "贫困类型", "贫困属性"), attribute, "household.legacy_attribute"),
    Field("monitor", "监测对象类别", ("监测对象类型", "易返贫致贫户(监测对象)类型", "易返贫致贫户类型", "三类户类型", "监测类型", "监测类别", "监测户类型", "监测户类别"), table(codes.MonitorCategory)),
    Field("risk_cleared", "风险是否消除", ("风险是否已消除", "风险消除情况", "是否消除风险", "是否已消除风险"), flag),
    Field("risk_state", "风险状态", (), table(codes.RiskState)),
    Field("risk_date", "风险识别时间", ("监测识别时间", "监测对象识别时间")),
    Field("cleared_date", "风险消除时间", ("消除时间", "风险消除日期")),
    Field("date_in", "首次识别时间", ("识别时间", "识别日期", "识别年份", "纳入时间", "建档时间", "建档日期", "识别年度", "建档年度", "纳入年度", "首次识别年度", "建档立卡时间", "建档立卡年度")),
    Field("year_out", "脱贫年度", ("脱贫时间", "退出年度", "出列年度", "脱贫年份"), year, "household.exit_year"),
    Field("cause", "主要致贫原因", ("致贫原因", "致贫原因1", "贫困原因", "致贫返贫原因", "致贫主因", "主要贫困原因", "致贫(返贫)原因")),
    Field("causes2", "其他致贫原因", ("其它致贫原因", "次要致贫原因", "致贫原因2", "其他原因")),
    Field("hh_phone", "联系电话", ("户联系电话", "电话", "手机号", "手机", "联系方式", "户主电话", "手机号码", "电话号码", "户主联系电话", "户联系电话"), phone, "household.phone", FieldClass.PHONE),
    Field("address", "家庭住址", ("住址", "详细地址", "家庭地址", "户籍地址"), plain, "household.address"),
    Field("bank_name", "开户银行", ("开户行",), plain, "household.bank_name"),
    Field("bank_account", "银行账号", ("一卡通账号", "银行卡号", "一卡通号", "账号"), plain, "household.bank_account", FieldClass.BANK),
    Field("standard", "识别标准", (), table(codes.Standard), "household.standard"),
    Field("policy", "政策享受", ("政策享受情况", "享受政策情况"), table(codes.PolicyStatus), "household.policy_status"),
    Field("relocation", "是否易地扶贫搬迁", ("易地搬迁户", "是否易地搬迁户", "是否易地搬迁", "易地扶贫搬迁户", "是否搬迁户"), flag, "household.relocated"),
    Field("military_family", "是否军烈属", ("军烈属",), flag, "household.military_family"),
    Field("bottom_line", "是否整户无劳动力兜底保障户", ("整户无劳动力兜底保障户", "兜底保障户"), flag, "household.bottom_line"),
    Field("wage", "工资性收入", ("工资收入", "工资性", "工资性净收入", "工资净收入", "务工收入", "打工收入", "务工工资", "务工工资收入", "工资性收入合计"), amount, "income.wage"),
    Field("oper", "生产经营性收入", ("经营性收入", "经营收入", "经营性", "生产经营收入", "家庭经营收入", "生产经营净收入", "生产经营性净收入", "经营净收入", "经营性净收入", "家庭经营净收入", "家庭经营性收入", "产业收入", "生产收入", "种养收入", "种植养殖收入", "种养殖收入"), amount, "income.operating"),
    Field("prop", "财产性收入", ("财产收入", "财产性", "财产净收入", "财产性净收入"), amount, "income.property"),
    Field("transfer", "转移性收入", ("转移收入", "转移性", "转移净收入", "转移性净收入", "政策性收入", "政策补贴收入", "政策性补贴收入", "转移支付收入"), amount, "income.transfer"),
    Field("expense", "生产经营性支出", ("经营性支出", "经营支出", "生产经营支出", "生产经营费用支出", "生产性支出", "生产支出", "经营费用支出", "家庭经营支出"), amount, "income.expense"),
    Field("net", "家庭纯收入", ("纯收入", "年纯收入", "全年纯收入", "家庭年纯收入", "年家庭纯收入", "纯收入合计", "家庭纯收入合计", "年纯收入合计", "家庭总纯收入"), amount),
    Field("percap", "人均纯收入", ("年人均纯收入", "人均收入", "人均可支配收入", "人均", "家庭人均纯收入", "全年人均纯收入", "全年人均可支配收入", "全年人均收入", "家庭人均收入", "年人均收入", "年人均可支配收入")),
    Field("land", "耕地面积", ("耕地", "承包地面积"), area, "condition.farmland"),
    Field("irrigated", "有效灌溉面积", (), area, "condition.irrigated"),
    Field("forest", "林地面积", ("林地",), area, "condition.forest"),
    Field("returned_forest", "退耕还林面积", ("退耕还林",), area, "condition.returned_forest"),
    Field("orchard", "林果面积", (), area, "condition.orchard"),
    Field("pasture", "牧草地面积", (), area, "condition.pasture"),
    Field("water_surface", "水面面积", (), area, "condition.water_surface"),
    Field("house_area", "住房面积", ("房屋面积", "住房建筑面积"), floor, "condition.house_area"),
    Field("danger", "危房等级", ("危房户", "是否危房", "危房", "是否危房户", "住房等级")),
    Field("structure", "住房结构", ("房屋结构", "主要结构"), table(codes.Structure), "condition.structure"),
    Field("water", "是否解决安全饮用水", ("安全饮用水", "是否安全饮水", "是否解决饮水安全"), flag, "condition.water_solved"),
    Field("water_safe", "是否安全饮用水", ("饮水是否安全", "是否饮水安全", "安全饮水", "饮水安全", "饮水安全情况", "饮水安全是否达标", "是否饮用安全水"), flag, "condition.water_safe"),
    Field("water_difficult", "饮水是否困难", ("是否饮水困难",), flag, "condition.water_difficult"),
    Field("water_kind", "饮水类型", ("饮水情况",), table(codes.WaterKind), "condition.water_kind"),
    Field("power_living", "是否通生活用电", ("通生活用电",), flag, "condition.power_living"),
    Field("power_production", "是否通生产用电", ("通生产用电",), flag, "condition.power_production"),
    Field("broadcast", "是否通广播电视", ("通广播电视",), flag, "condition.broadcast"),
    Field("road_distance", "与村主干路距离", ("离村主干路距离",), kilometres, "condition.road_distance"),
    Field("road_kind", "入户路类型", ("入户路",), table(codes.RoadKind), "condition.road_kind"),
    Field("fuel", "主要燃料类型", ("燃料类型", "燃料", "主要燃料", "做饭燃料", "生活燃料"), table(codes.Fuel), "condition.fuel"),
    Field("toilet", "是否有卫生厕所", ("卫生厕所", "有无卫生厕所"), flag, "condition.toilet"),
    Field("cooperative", "是否加入农民专业合作社", ("是否加入合作社", "加入农民专业合作社"), flag, "condition.cooperative"),
    Field("house_dibao", "是否享受低保政策", ("低保户", "是否低保户"), flag, "condition.dibao"),
    Field("house_tekun", "是否享受特困供养政策", ("特困户", "是否特困户"), flag, "condition.tekun"),
    Field("collected", "采集时间", ("采集日期", "填表日期", "填表时间", "登记日期", "登记时间", "调查日期", "调查时间", "更新日期"), date_of, "condition.collected_on"),
    Field("note", "情况说明", ("年度备注",), plain, "condition.note"),
    Field("remark", "备注", ("户备注",), remark, "household.remark", FieldClass.NOTE),
)  # fmt: skip

MEMBER = (
    Field("name", "姓名", ("成员姓名", "家庭成员姓名", "人员姓名", "家庭成员", "成员", "人口姓名", "户内成员")),
    Field("id", "证件号码", ("身份证号", "身份证号码", "公民身份号码", "公民身份证号码", "居民身份证", "身份证", "证件号", "身份证件号码", "成员身份证号", "居民身份证号码", "居民身份证号", "身份证件号", "公民身份证号", "成员证件号码"), pii=FieldClass.ID_NUMBER),
    Field("relation", "与户主关系", ("关系", "家庭关系", "与户主的关系", "成员关系")),
    Field("sex", "性别", ()),
    Field("birth", "出生日期", ("出生年月", "出生年月日", "出生时间", "生日")),
    Field("ethnicity", "民族", ()),
    Field("member_no", "人口编号", ("人编号", "人员编号"), plain, "member.member_no"),
    Field("member_phone", "成员联系电话", ("人联系电话", "个人联系电话"), phone, "member.phone", FieldClass.PHONE),
    Field("education", "文化程度", ("学历", "受教育程度"), table(codes.Education), "year.education"),
    Field("student", "在校生状况", ("在校生", "在校情况", "就学情况"), table(codes.School), "year.school"),
    Field("dropout", "失学或辍学原因", ("失学辍学原因", "未上学原因"), plain, "year.dropout_reason"),
    Field("health", "健康状况", ("身体状况", "健康", "健康情况", "患病情况"), health, "year.health", FieldClass.HEALTH),
    Field("labour", "劳动技能", ("劳动能力", "劳动力情况", "劳动力状况", "劳动能力状况"), table(codes.Labour), "year.labour"),
    Field("work_place", "务工所在地", ("务工地点", "外出务工地", "务工地"), plain, "year.work_place"),
    Field("work_area", "务工区域", (), table(codes.WorkArea), "year.work_area"),
    Field("work_months", "务工时间", ("务工月数", "务工时间(月)", "外出务工时间", "务工时长", "务工时长(月)", "外出务工月数", "务工月份数"), count, "year.work_months"),
    Field("work_company", "务工企业名称", ("务工企业", "务工单位"), plain, "year.work_company"),
    Field("work_income", "年务工收入", (), amount, "year.work_income"),
    Field("job_channel", "就业渠道", (), table(codes.JobChannel), "year.job_channel"),
    Field("abroad", "是否国外务工", (), flag, "year.abroad"),
    Field("post_kind", "公益性岗位类型", ("公益岗位类型", "公益性岗位"), table(codes.PostKind), "year.post_kind"),
    Field("post_months", "公益性岗位(月数)", ("公益性岗位月数", "公益岗位月数"), count, "year.post_months"),
    Field("politics", "政治面貌", ()),
    Field("standing", "人员状态", ("人员变化", "人员变更", "人员变动", "变更类型", "变动类型", "变动原因", "人员变动情况", "人员变更类型", "自然变更", "人员情况", "在世情况", "户籍状态"), note="不读入：注明死亡、迁出等的给出提醒。"),
    Field("role", "人员类别", ("人员身份",)),
    Field("low_ins", "是否享受低保", ("享受低保", "是否低保", "低保", "低保人口"), flag, "year.dibao"),
    Field("extreme", "是否特困供养人员", ("特困供养人员", "是否特困人员", "特困供养", "特困人员"), flag, "year.tekun"),
    Field("disabled", "是否残疾", ("残疾人", "是否残疾人", "残疾"), flag, pii=FieldClass.HEALTH),
    Field("disab_type", "残疾类别", ("残疾类型",), table(codes.DisabilityKind), "year.disability_kind", FieldClass.HEALTH),
    Field("disab_grade", "残疾等级", ("残疾级别",), table(codes.DisabilityLevel), "year.disability_level", FieldClass.HEALTH),
    Field("disab_no", "残疾证号", ("残疾人证号",), plain, "year.disability_no", FieldClass.ID_NUMBER),
    Field("disab_year", "残疾证办证年度", (), year, "year.disability_year", FieldClass.HEALTH),
    Field("military", "是否现役军人", ("现役军人",), flag, "year.military"),
    Field("medical", "是否参加新型农村合作医疗", ("是否参加城乡居民基本医疗保险", "参加城乡居民基本医疗保险", "新农合", "城乡居民医保", "是否参加居民医保", "参加居民医保", "参加新农合", "是否参加新农合", "是否参加城乡居民医保", "是否参加医保", "参加医保", "医保参保", "是否参保", "参加新型农村合作医疗"), flag, "year.medical_resident"),
    Field("medical_employee", "是否参加城镇职工基本医疗保险", ("城镇职工医保",), flag, "year.medical_employee"),
    Field("medical_critical", "是否参加大病保险", ("大病保险", "参加大病保险"), flag, "year.medical_critical"),
    Field("commercial", "是否参加商业补充医疗保险", (), flag, "year.commercial_insured"),
    Field("pension_paid", "是否缴纳城乡居民基本养老保险", ("是否参加城乡居民基本养老保险", "城乡居民养老保险", "参加新农保", "是否参加新农保", "是否参加新型养老保险", "是否参加新型农村社会养老保险", "新农保"), flag, "year.pension_resident"),
    Field("pension_employee", "是否参加城镇职工基本养老保险", (), flag, "year.pension_employee"),
    Field("pension_received", "是否领取养老金", ("领取养老金",), flag, "year.pension_received"),
    Field("putonghua", "是否会讲普通话", ("会讲普通话",), flag, "year.putonghua"),
    Field("medical_aid", "是否接受大病医疗救助", ("接受医疗救助",), flag, "year.medical_aid", FieldClass.HEALTH),
)  # fmt: skip

SAID = {
    "parent_no": ("", "从别的户分出来的，填原来的户编号；列设为文本。"), "collected": "2026-05-12", "note": "儿子在外务工",
    "hh_no": ("51332700012", "全国系统的户编号；列设为文本。"), "head_name": "扎西", "size": ("1", "只供核对，以成员行数为准。"),
    "hh_type": ("脱贫户", "一般农户、脱贫户，或监测对象的类别。"), "is_poor": "是", "poor_attr": "一般贫困户", "monitor": ("脱贫不稳定户", "脱贫不稳定户须是脱贫户，边缘易致贫户须从未建档立卡。"),
    "risk_cleared": ("否", "只有监测对象填。"), "risk_state": ("风险未消除", "只有监测对象填。"), "risk_date": "2023-05", "cleared_date": ("", "风险已消除的才填，如 2024-06。"), "date_in": ("2014-05", "年月即可。"),
    "year_out": "2018", "cause": ("缺技术", "只填一项。"), "causes2": ("缺资金、缺劳力", "最多两项，用顿号隔开，不能与主要原因相同。"),
    "hh_phone": "13800000000", "address": "新都镇昌龙村二组", "bank_name": "农村信用社", "bank_account": ("6217000000000000000", "列设为文本。"),
    "standard": "国家标准", "policy": ("继续享受政策", "只有脱贫户填。"), "relocation": "否", "military_family": "否", "bottom_line": "否", "wage": ("24000", "元，全户一年。"),
    "oper": ("6000", "元，全户一年。"), "prop": "1200", "transfer": "5200", "expense": "2300", "net": ("34100", "只供核对，由各项收支算出。"),
    "percap": ("34100", "只供核对，由各项收支算出。"), "land": ("4.5", "亩。"), "irrigated": ("2", "亩，不大于耕地。"), "forest": "10", "returned_forest": "3",
    "orchard": "1", "pasture": "0", "water_surface": "0", "house_area": ("96", "平方米。"), "danger": ("A级", "A、B、C、D 级，或填是、否。"), "structure": "砖混",
    "water": "是", "water_safe": "是", "water_difficult": "否", "water_kind": "自来水（净化处理）", "power_living": "是", "power_production": "是",
    "broadcast": "是", "road_distance": ("0.8", "公里；写 800米 也可以。"), "road_kind": "水泥路", "fuel": "清洁能源", "toilet": "是", "cooperative": "是",
    "house_dibao": "否", "house_tekun": "否", "remark": "长年在外，春节回家", "name": ("扎西", "每人一行，户主的关系填户主。"), "id": ("99010119700101001X", "18 位；列设为文本。"),
    "sex": "男", "birth": ("1970-01-01", "只供核对，以证件号码为准。"), "ethnicity": "藏族", "member_no": "5133270001201", "member_phone": "13800000001",
    "education": "小学", "student": "非在校生", "dropout": ("", "6 至 15 岁没有上学的才填，如 因病休学。"), "health": "健康", "labour": "普通劳动力", "work_place": "成都市", "work_area": "县外省内",
    "work_months": ("8", "0 至 12。"), "work_company": "某建筑公司", "work_income": "24000", "job_channel": "亲友介绍", "abroad": "否", "post_kind": ("", "在公益性岗位的才填，如 护林员。"),
    "post_months": ("", "在公益性岗位的才填，0 至 12。"), "politics": "群众", "role": "", "low_ins": "否", "extreme": "否", "disabled": "否", "disab_type": ("", "残疾人才填，如 肢体。"), "disab_grade": ("", "残疾人才填，如 三级。"),
    "disab_no": ("", "残疾人才填，20 位；列设为文本。"), "disab_year": ("", "残疾人才填，如 2019。"), "military": "否", "medical": "是", "medical_employee": "否",
    "medical_critical": "是", "commercial": "否", "pension_paid": "是", "pension_employee": "否", "pension_received": "否", "putonghua": "是", "medical_aid": "否",
}  # fmt: skip
"""What a template says of the columns: an example, and a note where one helps. Invented values."""

CHOICES = {
    "poor_attr": codes.LegacyAttribute, "relation": codes.Relation, "sex": codes.Sex, "health": codes.Health, "danger": codes.DangerLevel, "cause": codes.Cause,
    "causes2": codes.Cause, "politics": codes.Politics,
}  # fmt: skip
"""Code tables of columns that are read by a rule of their own."""

HOUSE = described((replace(item, choices=CHOICES.get(item.name)) for item in HOUSE), SAID)
MEMBER = described(
    (replace(item, choices=CHOICES.get(item.name)) for item in MEMBER), SAID | {"relation": "户主"}
)

MONEY = ("wage", "oper", "prop", "transfer", "expense", "net")
"""Fields that the sums of an import are made of, in order."""

CLERGY = frozenset({"喇嘛", "尼姑", "僧侣", "僧人", "和尚", "道士", "牧师", "阿訇"})
"""Words of 人员类别 that are never stored: religion is sensitive and counted by village only."""
