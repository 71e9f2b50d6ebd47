"""Code tables of the household register (domain reference 2.2, 2.5, 2.8), as data in one place.

Stored values are text with leading zeros and never reused. Every source numbers these lists differently, so
files are matched by label and alias, never by position; `ALIASES` holds the spellings seen in real files.
Labels that depend on the era of the data stand in `ERA_LABELS`.
"""

import re
import unicodedata

from django.db import models


class RegistryStatus(models.TextChoices):
    """建档立卡状态. The national system numbers 脱贫标志 otherwise: 0未脱贫 1已脱贫 2预脱贫 3返贫."""

    ORDINARY = "0", "一般农户"
    POOR = "1", "未脱贫"
    LEAVING = "2", "预脱贫"
    OUT = "3", "已脱贫"
    RELAPSED = "4", "返贫"
    CLOSED = "9", "已注销"


class MonitorCategory(models.TextChoices):
    """监测对象类别. 1 only for a household once registered as poor, 2 only for one never registered."""

    NONE = "0", "非监测"
    UNSTABLE = "1", "脱贫不稳定户"
    MARGINAL = "2", "边缘易致贫户"
    SUDDEN = "3", "突发严重困难户"


class RiskState(models.TextChoices):
    NONE = "0", "—"
    OPEN = "1", "风险未消除"
    CLEARED = "2", "风险已消除"
    REOPENED = "3", "风险回退"


class Guarantee(models.TextChoices):
    """兜底类型. A household may hold several."""

    DIBAO = "1", "低保"
    TEKUN_HOME = "2", "特困供养（分散）"
    TEKUN_HOUSE = "3", "特困供养（集中）"
    DIBAO_EDGE = "4", "低保边缘"
    RIGID = "5", "刚性支出困难"
    ORPHAN = "6", "孤儿/事实无人抚养儿童"


class LegacyAttribute(models.TextChoices):
    """贫困户属性, data years up to 2020."""

    ORDINARY = "01", "一般贫困户"
    DIBAO = "02", "低保贫困户"
    WUBAO = "03", "特困供养贫困户"
    WUBAO_HOME = "06", "五保分散供养"
    WUBAO_HOUSE = "07", "集中供养"


class PolicyStatus(models.TextChoices):
    CONTINUED = "1", "继续享受政策"
    ENDED = "2", "脱贫不享受政策"


class Standard(models.TextChoices):
    NATIONAL = "01", "国家标准"
    PROVINCE = "02", "省定标准"
    COUNTY = "03", "市（县）定标准"


class Cause(models.TextChoices):
    """致贫原因 2.8.1. 13 to 15 are local or for 返贫 only; other systems number them otherwise."""

    ILLNESS = "01", "因病"
    DISABILITY = "02", "因残"
    SCHOOLING = "03", "因学"
    DISASTER = "04", "因灾"
    LAND = "05", "缺土地"
    WATER = "06", "缺水"
    SKILL = "07", "缺技术"
    LABOUR = "08", "缺劳力"
    CAPITAL = "09", "缺资金"
    TRANSPORT = "10", "交通条件落后"
    MOTIVATION = "11", "自身发展动力不足"
    OTHER = "12", "其他"
    WEDDING = "13", "因婚"
    INDUSTRY = "14", "产业扶贫失败"
    FUNERAL = "15", "因丧"


class Risk(models.TextChoices):
    """返贫致贫风险 2.8.1b, national codes."""

    ILLNESS = "01", "因病"
    FLOOD = "0201", "因灾-洪涝"
    GEOLOGY = "0202", "因灾-地质灾害"
    DROUGHT = "0203", "因灾-旱灾"
    PESTS = "0204", "因灾-生物灾害"
    WEATHER = "0205", "因灾-气象灾害"
    QUAKE = "0206", "因灾-地震"
    OTHER_DISASTER = "0299", "因灾-其他自然灾害"
    DISABILITY = "03", "因残"
    LABOUR = "04", "缺劳动力"
    ACCIDENT = "05", "意外事故"
    INDUSTRY = "06", "产业项目失败"
    JOB = "07", "务工就业不稳"
    SCHOOLING = "09", "因学"
    OTHER = "99", "其他"


class Relation(models.TextChoices):
    """与户主关系, national registry list; labels of 2021 and later continue at 21 (their codes are ours)."""

    HEAD = "01", "户主"
    SPOUSE = "02", "配偶"
    SON = "03", "之子"
    DAUGHTER = "04", "之女"
    DAUGHTER_IN_LAW = "05", "之儿媳"
    SON_IN_LAW = "06", "之女婿"
    GRANDSON = "07", "之孙子"
    GRANDDAUGHTER = "08", "之孙女"
    GRANDSON_D = "09", "之外孙子"
    GRANDDAUGHTER_D = "10", "之外孙女"
    FATHER = "11", "之父"
    MOTHER = "12", "之母"
    WIFE_FATHER = "13", "之岳父"
    WIFE_MOTHER = "14", "之岳母"
    HUSBAND_FATHER = "15", "之公公"
    HUSBAND_MOTHER = "16", "之婆婆"
    GRANDFATHER = "17", "之祖父"
    GRANDMOTHER = "18", "之祖母"
    GRANDFATHER_M = "19", "之外祖父"
    GRANDMOTHER_M = "20", "之外祖母"
    SIBLING = "21", "之兄弟姐妹"
    GREAT_GRANDSON = "22", "之曾孙子"
    GREAT_GRANDDAUGHTER = "23", "之曾孙女"
    NEPHEW = "24", "之侄儿"
    NIECE = "25", "之侄女"
    BROTHERS_WIFE = "26", "之兄弟媳妇"
    UNCLE = "27", "之叔伯"
    OTHER = "99", "其他"


RELATION_SEX = {
    **dict.fromkeys(("03", "06", "07", "09", "11", "13", "15", "17", "19", "22", "24", "27"), "1"),
    **dict.fromkeys(("04", "05", "08", "10", "12", "14", "16", "18", "20", "23", "25", "26"), "2"),
}
"""The sex that a relation implies; the others say nothing."""


class Sex(models.TextChoices):
    MALE = "1", "男"
    FEMALE = "2", "女"


ETHNIC_NAMES = [
    "汉",
    "蒙古",
    "回",
    "藏",
    "维吾尔",
    "苗",
    "彝",
    "壮",
    "布依",
    "朝鲜",
    "满",
    "侗",
    "瑶",
    "白",
    "土家",
    "哈尼",
    "哈萨克",
    "傣",
    "黎",
    "傈僳",
    "佤",
    "畲",
    "高山",
    "拉祜",
    "水",
    "东乡",
    "纳西",
    "景颇",
    "柯尔克孜",
    "土",
    "达斡尔",
    "仫佬",
    "羌",
    "布朗",
    "撒拉",
    "毛南",
    "仡佬",
    "锡伯",
    "阿昌",
    "普米",
    "塔吉克",
    "怒",
    "乌孜别克",
    "俄罗斯",
    "鄂温克",
    "德昂",
    "保安",
    "裕固",
    "京",
    "塔塔尔",
    "独龙",
    "鄂伦春",
    "赫哲",
    "门巴",
    "珞巴",
    "基诺",
]
ETHNIC = [(f"{code:02}", f"{name}族") for code, name in enumerate(ETHNIC_NAMES, 1)] + [
    ("97", "其他"), ("98", "外国血统中国籍"),
]  # fmt: skip
"""民族, GB/T 3304 numeric codes; 97 and 98 unconfirmed."""


class Education(models.TextChoices):
    ILLITERATE = "01", "文盲或半文盲"
    PRIMARY = "02", "小学"
    JUNIOR = "03", "初中"
    SENIOR = "04", "高中或中专"
    COLLEGE = "05", "大专"
    BACHELOR = "06", "本科及以上"
    PRESCHOOL = "07", "学龄前儿童"


class School(models.TextChoices):
    """在校生状况, the set of 2021 and later; 00 is the older 非在校生."""

    NOT = "00", "非在校生"
    PRESCHOOL = "01", "学龄前儿童"
    KINDERGARTEN = "02", "学前教育"
    PRIMARY = "03", "小学"
    GRADE7 = "04", "七年级"
    GRADE8 = "05", "八年级"
    GRADE9 = "06", "九年级"
    SENIOR1 = "07", "普通高中一年级"
    SENIOR2 = "08", "普通高中二年级"
    SENIOR3 = "09", "普通高中三年级"
    VOCATIONAL1 = "10", "中职一年级"
    VOCATIONAL2 = "11", "中职二年级"
    VOCATIONAL3 = "12", "中职三年级"
    COLLEGE1 = "13", "高职高专一年级"
    COLLEGE2 = "14", "高职高专二年级"
    COLLEGE3 = "15", "高职高专三年级"
    TECHNICIAN = "16", "技师学院"
    BACHELOR1 = "21", "本科一年级"
    BACHELOR2 = "22", "本科二年级"
    BACHELOR3 = "23", "本科三年级"
    BACHELOR4 = "24", "本科四年级"
    BACHELOR5 = "25", "本科五年级"
    MASTER = "26", "硕士研究生及以上"
    HIGHER = "29", "大专及以上"


class Health(models.TextChoices):
    """健康状况, several at once; 健康 excludes the others."""

    HEALTHY = "01", "健康"
    CHRONIC = "02", "长期慢性病"
    SERIOUS = "03", "患有大病"
    DISABLED = "04", "残疾"


class Labour(models.TextChoices):
    ORDINARY = "01", "普通劳动力"
    SKILLED = "02", "技能劳动力"
    LOST = "03", "丧失劳动力"
    NONE = "04", "无劳动力"
    WEAK = "05", "弱劳动力或半劳动力"


WORKING = (Labour.ORDINARY, Labour.SKILLED)
"""Who counts as 劳动力; 弱劳动力 is counted apart."""


class DisabilityKind(models.TextChoices):
    SIGHT = "1", "视力"
    HEARING = "2", "听力"
    SPEECH = "3", "言语"
    LIMB = "4", "肢体"
    INTELLECT = "5", "智力"
    MIND = "6", "精神"
    MULTIPLE = "7", "多重"


class DisabilityLevel(models.TextChoices):
    ONE = "1", "一级"
    TWO = "2", "二级"
    THREE = "3", "三级"
    FOUR = "4", "四级"


class Politics(models.TextChoices):
    PARTY = "01", "中共党员"
    PROBATIONARY = "02", "中共预备党员"
    LEAGUE = "03", "共青团员"
    MINGE = "04", "民革会员"
    MINMENG = "05", "民盟盟员"
    MINJIAN = "06", "民建会员"
    MINJIN = "07", "民进会员"
    NONGGONG = "08", "农工党党员"
    ZHIGONG = "09", "致公党党员"
    JIUSAN = "10", "九三学社社员"
    TAIMENG = "11", "台盟盟员"
    INDEPENDENT = "12", "无党派人士"
    MASSES = "13", "群众"


class WaterKind(models.TextChoices):
    TAP = "1", "自来水（净化处理）"
    SAFE_WELL = "2", "受保护的井水和泉水"
    OPEN_WELL = "3", "不受保护的井水和泉水"
    RIVER = "4", "江河湖泊水"
    RAIN = "5", "收集雨水"
    BARREL = "6", "桶装水"
    OTHER = "9", "其他"


class RoadKind(models.TextChoices):
    EARTH = "01", "泥土路"
    GRAVEL = "02", "砂石路"
    CONCRETE = "03", "水泥路"
    ASPHALT = "04", "沥青路"
    OTHER = "99", "其他"


class Fuel(models.TextChoices):
    WOOD = "01", "柴草"
    DUNG = "02", "干畜粪"
    COAL = "03", "煤炭"
    CLEAN = "04", "清洁能源"
    OTHER = "99", "其他"


class Structure(models.TextChoices):
    CONCRETE = "1", "钢筋混凝土"
    BRICK = "2", "砖混"
    BRICK_WOOD = "3", "砖瓦砖木"
    STONE = "4", "砖石窑洞"
    EARTH = "5", "竹草土坯"
    CAVE = "6", "土窑洞"
    OTHER = "9", "其他"


class DangerLevel(models.TextChoices):
    A = "1", "A 级"
    B = "2", "B 级"
    C = "3", "C 级"
    D = "4", "D 级"
    OTHER = "9", "其他"


UNSAFE = (DangerLevel.C, DangerLevel.D)


class Residence(models.TextChoices):
    """住所类型: the words of the relocation study, and 半山, 平原, 城镇 of ours."""

    DEEP = "1", "深山"
    HIGH = "2", "高山"
    MIDDLE = "3", "半山"
    PLAIN = "4", "平原"
    TOWN = "5", "城镇"


class RelocationMode(models.TextChoices):
    WHOLE_VILLAGE = "01", "行政村整体搬迁"
    WHOLE_HAMLET = "02", "自然村整体搬迁"
    SINGLE = "03", "个别搬迁"
    SWAP = "04", "整村置换"


class Settlement(models.TextChoices):
    TOGETHER = "1", "集中安置"
    SCATTERED = "2", "分散安置"


class SettlementPlace(models.TextChoices):
    """安置地 2.8.13."""

    COUNTY_TOWN = "1", "县城"
    TOWNSHIP = "2", "乡镇"
    OUTSIDE = "3", "县外"
    OTHER_VILLAGE = "4", "村外"
    SAME_VILLAGE = "5", "村内"


class RelocationDifficulty(models.TextChoices):
    """搬迁困难 2.8.13, several at once."""

    MONEY = "1", "缺资金"
    JOB = "2", "找不到工作"
    LIVING = "3", "生活没着落"
    OTHER = "9", "其他"


class WorkArea(models.TextChoices):
    TOWNSHIP = "01", "乡镇内"
    COUNTY = "02", "乡镇外县内"
    PROVINCE = "03", "县外省内"
    OUTSIDE = "04", "省外"
    ABROAD = "99", "其他（境外）"


class JobChannel(models.TextChoices):
    OWN = "1", "自主就业"
    FRIENDS = "2", "亲友介绍"
    GOVERNMENT = "3", "政府组织"
    AGENCY = "4", "劳务公司"
    WORKSHOP = "5", "帮扶车间"
    OTHER = "9", "其他"


class WorkIndustry(models.TextChoices):
    """产业分类 of a job 2.8.14; labels unconfirmed."""

    AGRICULTURE = "1", "第一产业（农业）"
    INDUSTRY = "2", "第二产业（工业、建筑业）"
    SERVICE = "3", "第三产业（服务业）"


class PostKind(models.TextChoices):
    FOREST = "1", "护林员"
    CLEANER = "2", "保洁员"
    ROAD = "3", "护路员"
    WATER = "4", "护水员"
    PATROL = "5", "治安/巡逻员"
    CLERK = "6", "信息员"
    CARER = "7", "护理员"
    OTHER = "9", "其他"


class IdType(models.TextChoices):
    CITIZEN = "01", "身份证"
    OFFICER = "02", "军官证"
    BOOK = "03", "户口簿"
    BIRTH = "04", "出生医学证明"
    PASSPORT = "05", "护照"
    DISABILITY = "09", "残疾人证"
    NONE = "99", "无证"


class Marriage(models.TextChoices):
    SINGLE = "10", "未婚"
    MARRIED = "20", "已婚"
    WIDOWED = "30", "丧偶"
    DIVORCED = "40", "离婚"


class Living(models.TextChoices):
    RESIDENT = "1", "常住"
    AWAY = "2", "外出"
    ELSEWHERE = "3", "户籍不在本村"


class MemberEvent(models.TextChoices):
    DEATH = "01", "死亡"
    MARRIED_OUT = "02", "婚出"
    EMIGRATED = "03", "出国定居"
    PRISON = "04", "判刑收监"
    MARRIED_IN = "05", "婚入"
    BORN = "06", "新生儿"
    OTHER_IN = "07", "其他转入"
    OTHER_OUT = "08", "其他转出"
    MISSING = "09", "失踪"
    ARMY = "10", "参军"


LEAVING_EVENTS = ("01", "02", "03", "04", "08", "09", "10")


class NotExitReason(models.TextChoices):
    """未脱贫原因 2.8.16, 2020 list."""

    GUARANTEES = "01", "收入达标但三保障未实现"
    MEASURES = "02", "措施成效不显著"
    RETURNED = "03", "回头看新纳入"
    DISABLED = "04", "因残无固定收入"
    ILLNESS = "05", "大病治疗中"
    SPENDING = "06", "因病因学支出大于收入"
    UNSTABLE = "07", "收入未稳定超过标准"
    WUBAO = "08", "五保户"
    WEAK = "09", "老弱病残一类低保"
    KEYS = "10", "搬迁户未拿钥匙"


class Need(models.TextChoices):
    """帮扶需求, several at once; the same list codes the needs of a village."""

    INDUSTRY = "1", "产业"
    JOB = "2", "就业"
    EDUCATION = "3", "教育"
    HEALTH = "4", "健康"
    HOUSING = "5", "住房"
    WATER = "6", "饮水"
    FINANCE = "7", "金融"
    MONEY = "8", "资金"
    INFRASTRUCTURE = "A", "基础设施"
    TRAINING = "B", "培训与劳动力转移"
    WHOLE_VILLAGE = "C", "整村推进"
    OTHER = "9", "其他"


class MeasureKind(models.TextChoices):
    """措施类, the fifteen of the monitoring form 2.5 E."""

    DEVELOPMENT = "01", "开发式帮扶"
    INDUSTRY = "02", "产业帮扶"
    JOB = "03", "就业帮扶"
    FINANCE = "04", "金融帮扶"
    POST = "05", "公益性岗位"
    HOUSING = "06", "住房安全保障"
    WATER = "07", "饮水安全保障"
    HEALTH = "08", "健康帮扶"
    SCHOOL = "09", "义务教育保障"
    EDUCATION = "10", "其他教育帮扶"
    SECURITY = "11", "综合保障"
    SOCIAL = "12", "社会帮扶"
    RELOCATION = "13", "搬迁"
    LIVING = "14", "生产生活条件改善"
    INFRASTRUCTURE = "15", "基础设施建设"


class VisitWay(models.TextChoices):
    HOME = "1", "入户"
    PHONE = "2", "电话"
    VIDEO = "3", "视频"
    WECHAT = "4", "微信"
    MEETING = "5", "院坝会"


class VisitPurpose(models.TextChoices):
    POLICY = "1", "政策宣传"
    LEARN = "2", "了解情况"
    SOLVE = "3", "解决问题"
    COLLECT = "4", "信息采集"
    CONDOLE = "5", "慰问"
    PROJECT = "6", "项目推进"
    TOGETHER = "7", "三进三同"


class UnitLevel(models.TextChoices):
    CENTRAL = "01", "中央"
    PROVINCE = "02", "省"
    CITY = "03", "市"
    COUNTY = "04", "县"
    TOWNSHIP = "05", "乡镇"
    ARMY = "06", "部队"
    OTHER = "07", "其他"


class HelperOrder(models.TextChoices):
    FIRST = "1", "第一帮扶责任人"
    SECOND = "2", "第二帮扶责任人"
    MONITOR = "3", "监测联系人"


class TeamDuty(models.TextChoices):
    SECRETARY = "1", "第一书记"
    LEADER = "2", "工作队队长"
    MEMBER = "3", "工作队员"


class DayState(models.TextChoices):
    """What a day of a member of the work team was."""

    UNKNOWN = "0", "未填"
    PRESENT = "1", "在岗"
    LEAVE = "2", "请假"
    AWAY = "3", "公出"
    ABSENT = "4", "缺岗"
    TRAINING = "5", "培训"
    VACATION = "6", "年休"
    HOLIDAY = "7", "法定节假"


DAY_SIGNS = {"1": "√", "2": "△", "3": "○", "4": "×", "5": "培", "6": "休", "7": "节"}
"""How a month sheet writes the states."""

TEAM_DAYS_A_MONTH = 20
"""Days on duty that a month asks for; fewer are pointed out, nothing more."""


class PairingEnd(models.TextChoices):
    MOVED = "1", "调离"
    RETIRED = "2", "退休"
    HOUSEHOLD = "3", "对象变化"
    OTHER = "9", "其他"


class CheckKind(models.TextChoices):
    """What a bureau's list compares (7.3). The numbers are ours."""

    DEATH = "01", "死亡、户籍注销"
    VEHICLE = "02", "车辆"
    PRISON = "03", "服刑"
    DIBAO = "11", "低保"
    TEKUN = "12", "特困供养"
    RELIEF = "13", "低保边缘、临时救助、孤儿"
    DISABILITY = "21", "残疾证"
    INSURANCE = "31", "医保参保"
    MEDICAL = "32", "大额医疗自付、慢病"
    SCHOOL = "41", "在校、失学辍学"
    HOUSING = "51", "危房鉴定、改造"
    WATER = "52", "供水"
    WORK = "61", "务工、失业"
    PENSION = "62", "养老保险"
    ESTATE = "71", "不动产"
    COMPANY = "72", "工商登记"
    PAYROLL = "81", "财政供养"
    DISASTER = "91", "灾害"
    APPEAL = "92", "信访、12317"
    SAME_PERSON = "98", "疑似同一人"
    OTHER = "99", "其他"


CHECK_SOURCES = {
    "公安": ("01", "02", "03"), "民政": ("11", "12", "13"), "残联": ("21",), "医保": ("31", "32"), "教育": ("41",),
    "住建": ("51",), "水利": ("52",), "人社": ("61", "62"), "自然资源": ("71",), "市场监管": ("72",), "财政": ("81",),
    "应急": ("91",), "信访": ("92",), "系统": ("98",), "其他部门": ("99",),
}  # fmt: skip
"""The bureau that a list comes from, and the kinds of list that it gives."""


class CheckResult(models.TextChoices):
    """What looking at the household showed (7.3). 待核实 is the state of a clue that nobody has closed."""

    REAL = "01", "属实需纳入"
    KNOWN = "02", "已在册"
    UNTRUE = "03", "不属实"
    UNFIT = "04", "不符合"
    GONE = "05", "已消除"
    LEFT = "06", "死亡/迁出"
    OPEN = "09", "待核实"


ALIASES = {
    MeasureKind: {
        "产业": "02", "产业扶贫": "02", "就业": "03", "就业扶贫": "03", "务工": "03", "金融": "04", "小额信贷": "04",
        "公益岗": "05", "公益岗位": "05", "公益性岗位": "05", "住房": "06", "住房安全": "06", "危房改造": "06",
        "饮水": "07", "饮水安全": "07", "健康": "08", "健康扶贫": "08", "医疗": "08", "教育": "10", "教育帮扶": "10", "雨露计划": "10",
        "义务教育": "09", "低保": "11", "兜底": "11", "兜底保障": "11", "社会保障": "11", "综合保障(低保、特困、残疾补贴)": "11",
        "社会": "12", "捐赠": "12", "易地搬迁": "13", "易地扶贫搬迁": "13", "生产生活条件": "14", "基础设施": "15",
        "开发式": "01", "实施开发式帮扶措施": "01",
    },
    Risk: {
        **{f"因灾{before}{what}{after}": code for code, what in (("0201", "洪涝"), ("0202", "地质灾害"), ("0203", "旱灾"), ("0204", "生物灾害"), ("0205", "气象灾害"), ("0206", "地震"), ("0299", "其他自然灾害")) for before, after in (("", ""), ("(", ")"), (":", ""), ("—", ""))},
        "因灾": "0299", "因自然灾害": "0299", "洪涝": "0201", "地质灾害": "0202", "旱灾": "0203", "生物灾害": "0204",
        "气象灾害": "0205", "地震": "0206", "缺劳力": "04", "因意外事故": "05", "因产业项目失败": "06", "产业失败": "06",
        "因务工就业不稳": "07", "因就业不稳": "07", "务工不稳": "07", "务工就业不稳定": "07", "其它": "99", "其他风险": "99", "其他原因": "99",
        "因病致贫": "01", "因病返贫": "01", "疾病": "01", "患病": "01", "大病": "01", "重病": "01", "因大病": "01", "因重病": "01", "因患病": "01", "因病支出大": "01", "因病刚性支出较大": "01",
        "残疾": "03", "因残致贫": "03", "因残返贫": "03", "上学": "09", "就学": "09", "因学致贫": "09", "因学返贫": "09", "因学支出大": "09", "子女上学": "09",
        "缺乏劳动力": "04", "缺少劳动力": "04", "无劳动力": "04", "缺乏劳力": "04", "缺少劳力": "04", "无劳力": "04", "劳动力不足": "04", "因缺劳动力": "04", "因缺劳力": "04",
        "灾害": "0299", "自然灾害": "0299", "因灾致贫": "0299", "因灾返贫": "0299", "因自然灾害致贫": "0299", "洪灾": "0201", "水灾": "0201", "因洪灾": "0201", "因水灾": "0201", "因洪涝": "0201", "洪涝灾害": "0201",
        "泥石流": "0202", "滑坡": "0202", "山体滑坡": "0202", "因地质灾害": "0202", "干旱": "0203", "因旱灾": "0203", "因干旱": "0203", "病虫害": "0204", "冰雹": "0205", "雪灾": "0205", "霜冻": "0205", "风灾": "0205", "因地震": "0206",
        "意外": "05", "因意外": "05", "突发意外": "05", "突发意外事故": "05", "意外伤害": "05", "交通事故": "05", "因交通事故": "05", "车祸": "05", "因车祸": "05", "火灾": "05", "因火灾": "05",
        "产业发展失败": "06", "因产业失败": "06", "产业项目经营失败": "06", "就业不稳": "07", "就业不稳定": "07", "务工不稳定": "07", "因就业不稳定": "07", "因务工不稳": "07", "因务工就业不稳定": "07", "失业": "07",
    },
    Cause: {
        "因病致贫": "01", "因病返贫": "01", "因自然灾害": "04", "缺地": "05", "种植技术缺乏": "07", "缺劳动力": "08",
        "缺乏劳力": "08", "缺少劳力": "08", "资金紧缺": "09", "缺乏资金": "09", "交通不便": "10", "基础设施滞后": "10",
        "交通落后": "10", "自身动力不足": "11", "自身发展力不足": "11", "观念陈旧": "11", "其它": "12", "其他原因": "12", "缺乏技术": "07",
        "缺少技术": "07", "无技术": "07", "疾病": "01", "患病": "01", "生病": "01", "大病": "01", "残疾": "02", "因残致贫": "02", "上学": "03", "就学": "03",
        "子女上学": "03", "因学致贫": "03", "灾害": "04", "自然灾害": "04", "因灾致贫": "04", "缺乏劳动力": "08", "缺少劳动力": "08", "无劳动力": "08",
        "缺少资金": "09", "无资金": "09", "缺少土地": "05", "缺乏土地": "05", "发展动力不足": "11", "内生动力不足": "11", "因婚致贫": "13",
    },
    Relation: {
        "本人": "01", "户主本人": "01", "本人或户主": "01", "妻": "02", "妻子": "02", "之妻": "02", "之夫": "02", "夫": "02", "丈夫": "02", "爱人": "02", "老伴": "02", "老婆": "02", "老公": "02", "配偶(夫)": "02", "配偶(妻)": "02", "媳妇": "02",
        "子": "03", "儿子": "03", "长子": "03", "次子": "03", "三子": "03", "四子": "03", "五子": "03", "独生子": "03", "大儿子": "03", "二儿子": "03", "三儿子": "03", "小儿子": "03", "养子": "03", "继子": "03", "养子或继子": "03",
        "女": "04", "女儿": "04", "长女": "04", "次女": "04", "三女": "04", "四女": "04", "五女": "04", "独生女": "04", "大女儿": "04", "二女儿": "04", "三女儿": "04", "小女儿": "04", "养女": "04", "继女": "04", "养女或继女": "04",
        "儿媳": "05", "儿媳妇": "05", "长媳": "05", "次媳": "05", "大儿媳": "05", "二儿媳": "05", "曾孙": "22", "重孙": "22", "重孙子": "22", "曾孙子": "22", "曾孙女": "23", "重孙女": "23", "嫂子": "26", "弟媳": "26", "弟媳妇": "26", "伯父": "27", "叔父": "27", "叔叔": "27", "哥哥": "21", "弟弟": "21", "姐姐": "21", "妹妹": "21", "大哥": "21", "继父": "11", "养父": "11", "继母": "12", "养母": "12", "女婿": "06", "孙子": "07", "孙女": "08", "外孙": "09", "外孙子": "09", "外孙女": "10",
        "父": "11", "父亲": "11", "母": "12", "母亲": "12", "岳父": "13", "岳母": "14", "公公": "15", "婆婆": "16",
        "祖父": "17", "爷爷": "17", "祖母": "18", "奶奶": "18", "外祖父": "19", "外公": "19", "外祖母": "20", "外婆": "20",
        "兄弟姐妹": "21", "兄": "21", "弟": "21", "姐": "21", "妹": "21", "兄弟": "21", "姐妹": "21", "之兄弟": "21", "之姐妹": "21",
        "侄子": "24", "侄儿": "24", "侄女": "25", "叔伯": "27", "其它": "99", "其他亲属": "99", "非亲属": "99", "外甥": "99", "外甥女": "99", "姑父": "99", "舅舅": "99", "孙媳": "99", "孙媳妇": "99", "孙女婿": "99",
    },
    Structure: {
        f"{word}{end}": code
        for code, words in (
            ("1", ("钢筋混凝土", "钢混", "框架", "钢混框架", "钢筋砼")), ("2", ("砖混",)), ("3", ("砖瓦砖木", "砖木", "砖瓦")),
            ("4", ("砖石窑洞", "砖石", "石木", "石砌", "石")), ("5", ("竹草土坯", "土木", "土坯", "土墙", "土", "夯土", "竹草", "茅草")), ("6", ("土窑洞", "土窑")), ("9", ("其它",)),
        )
        for word in words for end in ("", "结构", "房", "结构房", "结构房屋", "结构住房")
    },
    Fuel: {
        "柴": "01", "木柴": "01", "薪柴": "01", "柴火": "01", "秸秆": "01", "牛粪": "02", "畜粪": "02", "干牛粪": "02", "煤": "03", "煤块": "03", "蜂窝煤": "03",
        "电": "04", "电力": "04", "沼气": "04", "液化气": "04", "天然气": "04", "燃气": "04", "煤气": "04", "太阳能": "04", "清洁能源(液化气、电、沼气)": "04", "清洁能源(液化气/电/沼气)": "04", "其它": "99",
    },
    WaterKind: {
        "自来水": "1", "集中供水": "1", "集中式供水": "1", "安全井水": "2", "受保护的井水": "2", "受保护的泉水": "2", "河水": "4", "江水": "4", "湖水": "4", "溪水": "4", "沟水": "4", "塘水": "4", "江河湖泊": "4", "雨水": "5", "窖水": "5", "水窖": "5", "其它": "9",
    },
    JobChannel: {"自主": "1", "自己找": "1", "自发": "1", "亲友": "2", "亲戚朋友介绍": "2", "亲朋介绍": "2", "熟人介绍": "2", "政府": "3", "政府介绍": "3", "中介": "4", "劳务中介": "4", "扶贫车间": "5", "其它": "9"},
    PostKind: {"生态护林员": "1", "保洁": "2", "环卫": "2", "环卫工": "2", "道路养护员": "3", "养路员": "3", "公路养护": "3", "水管员": "4", "管水员": "4", "河道巡查员": "4", "治安员": "5", "巡逻员": "5", "治安巡逻员": "5", "护理": "7", "护工": "7", "其它": "9"},
    PolicyStatus: {"享受": "1", "享受政策": "1", "继续享受": "1", "不享受": "2", "不享受政策": "2", "不再享受": "2", "不再享受政策": "2", "稳定脱贫不再享受政策": "2"},
    Sex: {"男性": "1", "女性": "2", "M": "1", "F": "2"},
    Education: {
        "文盲": "01", "半文盲": "01", "小学毕业": "02", "小学文化": "02", "初中毕业": "03", "初中文化": "03", "高中毕业": "04", "中专毕业": "04", "职高": "04",
        "中职": "04", "大专毕业": "05", "本科毕业": "06", "研究生": "06", "硕士": "06", "高中": "04", "中专": "04", "高中(中专)": "04", "大专及以上": "05", "大学": "06", "本科": "06",
        "学龄前": "07",
    },
    School: {
        "初一": "04", "初二": "05", "初三": "06", "高中一年级": "07", "高中二年级": "08", "高中三年级": "09",
        "高一": "07", "高二": "08", "高三": "09", "高职一年级": "13", "高职二年级": "14", "高职三年级": "15",
        "高职(专科)一年级": "13", "高职(专科)二年级": "14", "高职(专科)三年级": "15", "学前": "02", "幼儿园": "02",
    },
    Health: {"良好": "01", "健康良好": "01", "身体健康": "01", "正常": "01", "慢病": "02", "长期患病": "02", "重病": "03", "重大疾病": "03", "患重病": "03", "慢性病": "02", "长期慢病": "02", "大病": "03", "患大病": "03", "残": "04"},
    Labour: {
        "普通": "01", "技能": "02", "丧失": "03", "无": "04", "弱": "05", "半劳": "05", "弱劳动力": "05", "半劳动力": "05",
        "无劳动能力": "04", "丧失劳动能力": "03", "有劳动力": "01", "有劳动能力": "01", "有": "01", "全劳动力": "01", "全劳": "01", "整劳动力": "01",
        "弱劳动能力": "05", "弱劳力": "05", "半劳力": "05", "弱(半)劳动力": "05", "无劳力": "04", "普通劳力": "01", "技能劳力": "02", "丧失劳力": "03", "正常劳动力": "01", "半劳动能力": "05", "部分丧失劳动能力": "05", "部分丧失": "05",
    },
    DisabilityLevel: {
        word: code
        for code, names in (("1", "一壹ⅠI"), ("2", "二贰Ⅱ"), ("3", "三叁Ⅲ"), ("4", "四肆Ⅳ"))
        for name in (*names, {"1": "I", "2": "II", "3": "III", "4": "IV"}[code])
        for word in (name, f"{name}级", f"{name}级残疾", f"残疾{name}级", f"{code}级", f"{code}级残疾")
    },
    Guarantee: {
        "孤儿": "6", "事实无人抚养儿童": "6", "分散供养": "2", "集中供养": "3", "低保边缘户": "4",
        "刚性支出困难户": "5",
    },
    DisabilityKind: {"视力残疾": "1", "听力残疾": "2", "言语残疾": "3", "肢体残疾": "4", "智力残疾": "5", "精神残疾": "6", "多重残疾": "7"},
    Politics: {"党员": "01", "预备党员": "02", "预备": "02", "团员": "03", "普通居民": "13", "普通公民": "13"},
    RoadKind: {"土路": "01", "泥路": "01", "沙石路": "02", "石子路": "02", "碎石路": "02", "混凝土路": "03", "砼路": "03", "油路": "04", "柏油路": "04", "其它": "99"},
    DangerLevel: {"A": "1", "B": "2", "C": "3", "D": "4", "A级": "1", "B级": "2", "C级": "3", "D级": "4"},
    WorkArea: {"乡镇": "01", "乡内": "01", "镇内": "01", "县内": "02", "省内": "03", "省内县外": "03", "外省": "04", "境外": "99"},
    MonitorCategory: {
        **{f"{label}({word})": code for code, label in (("1", "脱贫不稳定户"), ("2", "边缘易致贫户"), ("3", "突发严重困难户")) for word in ("监测", "监测户", "监测对象")},
        "不稳定户": "1", "脱贫不稳定监测户": "1", "边缘": "2", "边缘易致贫监测户": "2", "突发": "3", "突发户": "3", "突发严重困难监测户": "3",
        "脱贫不稳定": "1", "边缘户": "2", "边缘易致贫": "2", "边缘人口户": "2", "突发严重困难": "3", "突发困难户": "3", "否": "0",
    },
    RiskState: {"否": "1", "是": "2", "未消除": "1", "已消除": "2"},
    LegacyAttribute: {
        "一般户": "01", "低保户": "02", "五保户": "03", "五保贫困户": "03", "特困供养户": "03", "特困户": "03", "特困贫困户": "03",
    },
    VisitWay: {"入户走访": "1", "上门": "1", "上门走访": "1", "实地走访": "1", "实地": "1", "面对面": "1", "电话走访": "2"},
    VisitPurpose: {},
    UnitLevel: {"镇": "05", "乡": "05", "县级": "04", "省级": "02", "市级": "03", "乡镇级": "05"},
    Standard: {"国定": "01", "省定": "02", "市定": "03", "县定": "03"},
}  # fmt: skip
"""Spellings seen in real files, by table, besides the labels themselves."""

ETHNIC_ALIASES = {"僳僳": "20", "达翰尔": "31", "毛难": "36"}

RELATIONS_OF_BOTH = {
    "子女": ("03", "04"), "儿女": ("03", "04"), "孩子": ("03", "04"), "小孩": ("03", "04"), "父母": ("11", "12"), "孙子女": ("07", "08"), "孙辈": ("07", "08"),
    "外孙子女": ("09", "10"), "岳父母": ("13", "14"), "公婆": ("15", "16"), "祖父母": ("17", "18"), "爷爷奶奶": ("17", "18"),
    "外祖父母": ("19", "20"), "侄子女": ("24", "25"), "侄儿女": ("24", "25"), "媳婿": ("06", "05"), "子媳": ("03", "05"),
}  # fmt: skip
"""Relations that a file writes for men and women alike: the code for a man, and for a woman."""
HOUSEHOLD_KINDS = {
    "一般农户": "0", "普通农户": "0", "普通户": "0", "一般户": "0", "非贫困户": "0",
    "脱贫人口": "3", "已脱贫人口": "3", "贫困人口": "1", "农村居民": "0",
    "贫困户": "1", "建档立卡贫困户": "1", "建档立卡户": "1", "未脱贫户": "1", "未脱贫": "1", "BPL": "1",
    "预脱贫户": "2", "预脱贫": "2",
    "脱贫户": "3", "已脱贫户": "3", "稳定脱贫户": "3", "已脱贫": "3", "脱贫": "3", "返贫户": "4", "返贫": "4",
}  # fmt: skip
"""户类型 as written in files, to the registry status. Other axes hidden in the same column are read beside it."""

ERA_LABELS = {
    "object": [(2013, "贫困户"), (2020, "建档立卡贫困户"), (2025, "监测对象"), (9999, "防止返贫致贫对象")],
    "work": [
        (2013, "扶贫开发"),
        (2020, "脱贫攻坚"),
        (2025, "巩固拓展脱贫攻坚成果"),
        (9999, "常态化防止返贫致贫"),
    ],
    "office": [(2020, "扶贫办"), (2025, "乡村振兴局"), (9999, "农业农村局")],
    "money": [(2020, "财政专项扶贫资金"), (2025, "衔接资金"), (9999, "常态化帮扶资金")],
    "out": [(2020, "已脱贫户"), (9999, "脱贫户")],
    "poor": [(2020, "贫困户"), (9999, "在帮扶户")],
    "village": [(2020, "贫困村"), (9999, "脱贫村")],
}
"""One concept, its word by the last data year in which it was used (domain reference 0.2)."""


LAST_POOR_YEAR = 2020
"""After this data year nobody is called 贫困户 on a list."""


def era_label(concept, year):
    """The word for `concept` in data of `year`: never today's word on yesterday's list."""
    return next(word for last, word in ERA_LABELS[concept] if year <= last)


def plain(text):
    """A label reduced to what is compared: width, blanks, number prefixes and brackets' width unified."""
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", str(text or "")))
    return re.sub(r"^\d{1,4}[-.、:](?=\D)", "", text)


def _table(choices):
    labels = {plain(choice.label): choice.value for choice in choices}
    return labels | {plain(alias): code for alias, code in ALIASES.get(choices, {}).items()}


_TABLES = {}
_CODE_BEFORE = re.compile(r"^\(?\d{1,3}\)?(?=[\u4e00-\u9fff])")


def code_of(choices, text):
    """The code for a label, alias or code of the table `choices`; None when it is not in the table."""
    if choices not in _TABLES:
        _TABLES[choices] = _table(choices), frozenset(choices.values)
    labels, values = _TABLES[choices]
    text = plain(text)
    if text in labels:
        return labels[text]
    if text in values:
        return text
    return labels.get(_CODE_BEFORE.sub("", text))


_TAIL = re.compile(r"等(?:原因|情况|问题|风险|因素)?$")
_AND = re.compile(r"[和及与兼加+&]|以及|并且")


MOST_LABELS = 16
"""Options that a finding names."""


def codes_in(choices, text):
    """The codes that one phrase names, in its order: 因病 one, 因病因残, 因病和缺劳力等 two; () where any of it is not in the
    table `choices`."""
    found = _one_or_more(choices, _TAIL.sub("", plain(text)))
    return tuple(dict.fromkeys(found))


def _one_or_more(choices, text):
    if not text:
        return ()
    if code := code_of(choices, text):
        return (code,)
    parts = [part for part in _AND.split(text) if part]
    if len(parts) > 1:
        found = [_one_or_more(choices, part) for part in parts]
        return tuple(code for codes in found for code in codes) if all(found) else ()
    labels = _TABLES[choices][0]
    for cut in range(len(text) - 2, 1, -1):  # two labels without anything between them
        code = labels.get(text[:cut])
        if code and (rest := _one_or_more(choices, text[cut:])):
            return (code, *rest)
    return ()


def some_of(choices):
    """What may be written, as a finding says it: the labels of `choices`."""
    labels = [label for label in choices.labels if label != "—"]
    return f"请用选项里的说法：{'、'.join(labels[:MOST_LABELS])}{'……' if len(labels) > MOST_LABELS else ''}"


_ETHNIC_CODES = (
    {name: f"{code:02}" for code, name in enumerate(ETHNIC_NAMES, 1)}
    | {label: code for code, label in ETHNIC if code > "56"}
    | ETHNIC_ALIASES
)


def ethnic_code(text):
    """GB/T 3304 code for 汉, 汉族, 藏族 and the like; None when it is none of the 56."""
    text = _CODE_BEFORE.sub("", plain(text))
    return _ETHNIC_CODES.get(text[:-1] if text.endswith("族") and len(text) > 1 else text)
