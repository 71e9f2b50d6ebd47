"""The columns of lists of projects: spellings seen in real files, and what each becomes. Data only."""

from dataclasses import replace

from fupin.accounts.pii import FieldClass
from fupin.excel import cleaning, versions
from fupin.excel.cleaning import BLANKS, compact, text
from fupin.excel.imports import Field, described
from fupin.excel.places import PLACE
from projects import codes


def amount(value, unit=1):
    return cleaning.money(value, unit)


def count(value, unit=1):
    return cleaning.whole(value)


def percent(value, unit=1):
    """A share of 0 to 100: 60, 60% and 0.6 (as Excel keeps 60%) are the same."""
    found = compact(text(value))
    if found in BLANKS:
        return None
    number = cleaning.number(found.rstrip("%"))
    if not found.endswith("%") and 0 < number < 1:
        number *= 100
    if not 0 <= number <= 100:
        raise cleaning.Unreadable("number_unreadable")
    return round(number)


def flag(value, unit=1):
    return cleaning.yes(value)


SOURCES = {
    "fund": ("8", ()),
    "central": ("1", ("中央", "中央资金", "中央财政资金", "中央财政")),
    "province_fund": ("2", ("省", "省级", "省级资金", "省级财政资金", "省级财政")),
    "prefecture_fund": ("3", ("市", "市级", "市级资金", "市级财政资金", "市级财政")),
    "county_fund": ("4", ("县", "县级", "县级资金", "县级财政资金", "区县资金", "县级财政")),
    "society": ("5", ("社会", "社会资金", "社会帮扶资金")),
    "own": ("6", ("自筹", "自筹资金", "群众自筹")),
    "loan": ("7", ("信贷", "贷款", "信贷资金", "银行贷款")),
}  # fmt: skip
"""Columns of planned money: their source, and the words that stand before 下达, 拨付, 支付 in other columns."""

FUNDS = {name: source for name, (source, _) in SOURCES.items()}
SPENT = {"allotted": ("拨付", "已拨付", "拨付资金"), "paid": ("支付", "已支付", "支付资金", "支出")}
ALONE = {
    "allotted": ("拨付资金", "已拨付", "累计拨付", "已拨付资金", "拨付金额", "资金拨付", "拨付合计"),
    "paid": ("支付资金", "已支付", "累计支付", "已支付资金", "支付金额", "资金支付", "支付合计", "支出资金"),
}  # fmt: skip
"""Headers of money that was allotted or paid without saying by which level: they go with 财政专项."""


def _spent_fields():
    for name, (_, words) in SOURCES.items():
        for part, ends in SPENT.items():
            headers = [f"{word}{end}" for word in words for end in ends] or list(ALONE[part])
            yield Field(
                f"{name}_{part}",
                headers[0],
                tuple(headers[1:]),
                amount,
                example="60000",
                note="元；表头写明（万元）的按万元。",
            )


DATES = {
    "started": "started_on",
    "finished": "finished_on",
    "accepted": "accepted_on",
    "settled": "settled_on",
}
"""Columns of what happened, to columns of the project."""


def planned_headers(name):
    """Headers of the money that a level gives: its words alone, and with 下达."""
    words = SOURCES[name][1]
    given = [] if name in ("own", "loan", "society") else _GIVEN
    return tuple(word for word in words if len(word) > 1) + tuple(
        f"{word}{end}" for word in words for end in ("下达", "下达资金", "资金下达", *given)
    )


_GIVEN = (
    "衔接资金", "财政衔接资金", "衔接补助资金", "财政衔接补助资金", "财政衔接推进乡村振兴补助资金", "专项资金", "财政专项资金", "配套", "配套资金", "财政配套资金",
    "投入", "投入资金", "补助", "补助资金", "财政补助资金", "常态化帮扶资金",
)  # fmt: skip
"""What stands behind 中央, 省级 and so on in the title of a column of planned money."""
_PLANNED = ("计划实施时间", "实施时间", "计划时间", "建设时间", "建设期限", "计划建设时间", "项目实施时间", "建设周期", "起止时间", "建设起止时间", "计划起止时间", "计划工期", "工期", "计划")  # fmt: skip
_ACTUAL = ("实际", "实际时间", "实际实施时间", "实际建设时间", "实际工期", "实际起止时间")
_BEGIN, _END = ("开工", "开工时间", "开工日期", "开始", "开始时间", "起", "起始时间"), ("完工", "完工时间", "完工日期", "竣工", "竣工时间", "竣工日期", "结束", "结束时间", "止", "完成时间", "终止时间")  # fmt: skip


def grouped(groups, titles):
    """Spellings of columns that stand below a group: 计划实施时间 over 开工."""
    return tuple(f"{group}{title}" for group in groups for title in titles)


FIELDS = (
    *PLACE[:5],
    Field("number", "项目编号", ("项目编码",)),
    Field("project", "项目名称", ("项目", "工程名称", "名称")),
    Field("year", "项目年度", ("年度", "年份", "实施年度")),
    Field("category", "项目类别", ("项目类型", "类别", "项目一级分类")),
    Field("nature", "建设性质", ("项目性质", "性质")),
    Field("place", "建设地点", ("实施地点", "项目实施地点", "项目建设地点", "项目地址", "项目地点", "地点", "建设地址")),
    Field("content", "建设内容及规模", ("建设内容", "建设规模及内容", "建设规模", "建设任务", "项目内容", "主要建设内容")),
    Field("qty", "数量", ("建设数量", "规模数量"), amount),
    Field("unit", "计量单位", ("单位", "数量单位")),
    Field("invest", "计划投资", ("总投资", "投资", "投资估算", "资金规模", "计划总投资", "资金", "项目总投资", "投资规模", "项目预算总投资", "预算总投资", "项目总概算", "概算总投资", "总概算", "投资概算", "项目投资概算", "项目概算", "项目投资估算", "概算投资", "项目投资", "资金总额", "总资金", "资金投入", "项目资金", "投资额", "投资总额", "投资金额", "资金额度"), amount),
    Field("fund", "其中财政专项扶贫资金", ("财政专项扶贫资金", "财政资金", "其中财政资金", "其中衔接资金", "其中财政衔接资金", "衔接资金", "政府补助资金", "财政衔接资金", "下达资金", "已下达", "累计下达", "下达金额", "资金下达", "已下达资金", "下达合计", "衔接资金规模", "财政投资", "财政投入", "财政衔接补助资金", "衔接补助资金", "财政衔接推进乡村振兴补助资金"), amount),
    Field("central", "中央资金", planned_headers("central"), amount, example="120000", note="下达的资金，元；表头写明（万元）的按万元。"),
    Field("province_fund", "省级资金", planned_headers("province_fund"), amount, example="120000", note="下达的资金，元；表头写明（万元）的按万元。"),
    Field("prefecture_fund", "市级资金", planned_headers("prefecture_fund"), amount, example="120000", note="下达的资金，元；表头写明（万元）的按万元。"),
    Field("county_fund", "县级资金", planned_headers("county_fund"), amount, example="120000", note="下达的资金，元；表头写明（万元）的按万元。"),
    Field("society", "社会资金", planned_headers("society"), amount, example="120000", note="下达的资金，元；表头写明（万元）的按万元。"),
    Field("own", "自筹资金", planned_headers("own"), amount, example="120000", note="下达的资金，元；表头写明（万元）的按万元。"),
    Field("loan", "贷款", planned_headers("loan"), amount, example="120000", note="下达的资金，元；表头写明（万元）的按万元。"),
    Field("lead", "牵头单位", ("主管单位", "监管单位", "主管部门", "项目主管单位")),
    Field("builder", "施工单位", ("承建单位", "施工企业", "中标单位")),
    Field("resp", "责任单位", ("实施单位", "建设单位", "责任部门", "项目实施单位", "实施主体")),
    Field("manager", "项目负责人", ("负责人", "项目责任人", "项目负责人姓名", "责任人")),
    Field("manager_phone", "负责人电话", ("负责人联系方式", "联系电话"), pii=FieldClass.PHONE),
    Field("start", "计划开工", ("计划开工时间", "开工时间", "计划开工日期", "计划开始时间", "计划建设时间", *grouped(_PLANNED, _BEGIN))),
    Field("finish", "计划完工", ("计划完工时间", "完工时间", "计划完工日期", "计划完成时间", "完成时限", "计划竣工", "计划竣工时间", "计划竣工日期", *grouped(_PLANNED, _END))),
    Field("period", "建设期限", ("建设起止时间", "起止时间", "实施期限", "建设周期", "项目周期", "计划起止时间", "实施时间", "计划实施时间", "建设时间", "项目实施时间", "建设起止年限", "建设工期", "工期", "计划工期", "建设年限", "实施起止时间", "建设起止年月", "项目建设期限", "项目建设时间"), note="不读入模板：从何时到何时写在一格里的。"),
    Field("levels", "资金来源", ("资金来源渠道", "资金渠道", "资金级次", "资金来源及规模", "资金来源及金额"), note="不读入模板：各级资金分列填写更好。"),
    Field("resp_manager", "责任单位及责任人", tuple(f"{unit}{also}{who}" for unit in ("责任单位", "实施单位", "建设单位", "项目责任单位") for also in ("及", "和", "、", "/", "及其") for who in ("责任人", "负责人", "项目负责人")), note="不读入模板：单位和人分列填写更好。"),
    Field("begun", "是否开工", ("是否已开工", "开工与否"), flag, note="不读入模板：填“完成状态”。"),
    Field("ended", "是否完工", ("是否竣工", "是否完成", "是否已完工", "是否已竣工", "是否建成", "完工与否"), flag, note="不读入模板：填“完成状态”。"),
    Field("checked", "是否验收", ("是否已验收", "是否通过验收", "是否验收合格", "验收与否"), flag, note="不读入模板：填“完成状态”。"),
    *_spent_fields(),
    Field("started", "实际开工", ("实际开工时间", "实际开工日期", "开工日期", *grouped(_ACTUAL, _BEGIN)), example="2026-03-10"),
    Field("finished", "实际完工", ("实际完工时间", "实际完工日期", "竣工时间", "竣工日期", "实际竣工时间", "完工日期", "实际竣工", "实际竣工日期", *grouped(_ACTUAL, _END)), example="2026-09-20"),
    Field("acceptance", "计划验收", ("计划验收时间", "计划验收日期"), example="10月底前", note="记为“验收”节点。"),
    Field("accepted", "验收日期", ("验收时间", "实际验收时间", "实际验收日期"), example="2026-10-15"),
    Field("settled", "结算日期", ("结算时间", "报账时间"), example="2026-11-20"),
    Field("progress", "形象进度", ("进度", "工程进度", "形象进度(%)", "进度(%)", "完成进度"), percent, example="100%"),
    Field("milestone", "进度节点", ("进度安排", "节点", "实施进度", "时间进度")),
    Field("documents", "资金文号", ("下达文号", "资金文件文号", "资金下达文号", "指标文号", "文号")),
    Field("covers", "覆盖村", ("涉及村", "惠及村", "覆盖行政村", "受益村", "项目覆盖村"), place="village"),
    Field("benefit_hh", "受益户数", ("受益户", "受益农户数", "受益贫困户", "受益对象户数", "受益群众户数", "受益总户数", "受益户", "受益脱贫户数", "受益脱贫户", "受益情况户数", "受益范围户数", "覆盖户数", "惠及户数"), count),
    Field("benefit_p", "受益人数", ("受益人口", "受益人口数", "受益贫困人口", "受益对象人数", "受益对象人口", "受益群众人数", "受益总人数", "受益脱贫人口", "受益脱贫人数", "受益情况人数", "受益范围人数", "覆盖人数", "覆盖人口", "惠及人数", "惠及人口"), count),
    Field("state", "完成状态", ("项目状态", "建设状态", "进展情况", "状态", "完成情况", "验收情况", "建设进展", "进展", "项目进展", "项目进展情况", "目前进展", "完工情况", "建设情况")),
    Field("source", "资料来源", ("来源", "数据来源")),
    Field("remark", "备注", ("备注信息", "说明")),
    versions.FIELD,
)  # fmt: skip
FIELDS = described(FIELDS, {
    "number": ("", "已登记的项目填编号；新项目留空，自动编号。"), "project": "人畜饮水工程", "year": "2026", "category": "农村供水", "nature": "新建",
    "place": "炉霍县新都镇昌龙村", "content": "新建蓄水池一座", "qty": "330", "unit": "米", "invest": ("120000", "元；表头写明（万元）的按万元。"),
    "fund": ("100000", "不分级次的财政资金；分得清的填在各级资金里。"), "lead": "县水利局", "resp": "新都镇人民政府", "builder": "", "manager": "李明",
    "manager_phone": "13800000003", "start": ("2026年3月", "如 2026-03-01、3月、3月底前、上半年。"), "finish": ("9月底前", "如 2026-09-30、9月底前、年内。"),
    "milestone": ("4月完成物资采购；4月底前开工；年内完工", "几个节点用分号隔开。"), "documents": ("中央：川财农〔2026〕1号", "几级资金用分号隔开，只有一级的可以不写级次。"), "covers": ("新都镇/昌龙村、新都镇/七湾村", "几个村用顿号隔开。"),
    "benefit_hh": "58", "benefit_p": "279", "state": "已结算", "source": "", "remark": "",
})  # fmt: skip
CHOICES = {"nature": codes.Nature, "state": codes.State}
FIELDS = tuple(replace(item, choices=CHOICES.get(item.name)) for item in FIELDS)
COMPARED = (
    "category", "nature", "state", "lead_unit", "responsible_unit", "contractor", "manager", "manager_phone", "content", "quantity",
    "unit", "start_text", "start_end", "start_precision", "finish_text", "finish_end", "finish_precision",
    "investment", "benefit_households", "benefit_persons", "source", "remark", "started_on", "finished_on",
    "accepted_on", "settled_on", "progress",
)  # fmt: skip
