"""Lines of a bureau's form that are officials: a helper with the households paired with them, a helping unit, a work team,
one of its members. Their rounds are those of R10, their days on duty those of R11; whatever else is counted in a line
is the figure of `households.indicators` over these households.
"""

from collections import defaultdict
from dataclasses import replace

from django.http import QueryDict

from fupin.accounts.pii import FieldClass
from fupin.accounts.roles import Permission as P
from fupin.onetable.vocabulary import Entry, Source, parsed
from fupin.regions.models import Region
from households import codes
from households.indicators import figures
from households.models import Attendance, TeamMember, Visit
from households.models.team import Tally, tally
from households.reports import duties
from households.reports.areas import Area

HELPER, UNIT, TEAM, STATIONED = "helper", "unit", "team", "stationed"
ROUNDS = (
    ("homes", "结对户数", "户", ("帮扶户数", "结对帮扶户数", "联系户数", "包户数", "帮扶户", "结对户", "帮扶对象户数", "户数", "包保户数", "联系农户数", "结对农户数")),
    ("persons", "结对人数", "人", ("帮扶人数", "帮扶人口", "结对人口", "结对帮扶人数", "人数", "帮扶人口数", "帮扶对象人数")),
    ("due", "应走访次数", "次", ("应走访", "应走访户次", "应入户次数")),
    ("done", "按期走访次数", "次", ("按期完成", "完成次数", "已完成次数", "按期完成次数")),
    ("visits", "实际走访次数", "次", ("走访次数", "入户次数", "入户走访次数", "走访户次", "实际走访", "已走访次数", "本年走访次数", "走访", "走访情况次数")),
    ("rate", "走访按期完成率", "%", ("完成率", "走访完成率", "走访率", "按期完成率")),
    ("last", "最后走访日期", "", ("最近走访日期", "最近走访时间", "最近一次走访时间", "最后走访时间", "最近走访")),
    ("never", "本年未走访户数", "户", ("未走访户", "未走访户数")),
    ("problems", "发现问题数", "个", ("发现问题", "问题数", "发现问题个数")),
    ("solved", "已解决问题数", "个", ("已解决", "解决问题数", "已解决问题", "解决问题", "已解决数")),
    ("heads", "结对户户主", "", ("帮扶户户主姓名", "结对户户主姓名", "帮扶对象姓名", "帮扶户户主", "帮扶户姓名", "结对户姓名", "帮扶农户", "所帮扶农户", "帮扶对象", "结对户名单")),
    ("villages", "结对户所在村", "", ("帮扶村", "所在村", "村", "联系村", "行政村", "结对村", "包村", "所联系村", "村名")),
    ("towns", "结对户所在乡镇", "", ("乡镇", "所在乡镇", "联系乡镇", "帮扶乡镇")),
)  # fmt: skip
"""`(key, label, unit, spellings)` of what the lines of helpers and of units have."""
PHONES = (
    "联系电话",
    "电话",
    "手机号码",
    "联系方式",
    "手机",
    "责任人电话",
    "帮扶干部电话",
    "帮扶责任人电话",
    "帮扶责任人联系电话",
)
UNITS = (
    "单位",
    "工作单位",
    "所在单位",
    "单位名称",
    "帮扶单位",
    "帮扶责任人单位",
    "责任人单位",
    "帮扶单位名称",
    "帮扶干部单位",
    "单位全称",
    "结对单位",
    "包保单位",
)
RANKS = ("职务", "职务级别", "帮扶责任人职务", "责任人职务", "职务职级", "职级", "帮扶干部职务")


def _entry(row, key, label, names=(), unit="", pii=None):
    own = "official" if row == HELPER else row  # a household's line has a helper_unit of its own
    parts = (f"{own}_done", f"{own}_due") if key == "rate" else ()
    return Entry(f"{own}_{key}", label, row, names, unit=unit, pii=pii, parts=parts)


ENTRIES = (
    _entry(HELPER, "name", "责任人姓名", ("帮扶责任人", "责任人", "帮扶干部", "帮扶人", "结对干部", "包户干部", "帮扶责任人姓名", "姓名", "干部姓名", "帮扶干部姓名", "联系人", "帮扶联系人", "结对帮扶干部", "结对帮扶责任人", "包保干部", "帮扶人姓名", "结对干部姓名")),
    _entry(HELPER, "unit", "责任人所在单位", UNITS),
    _entry(HELPER, "rank", "责任人职务级别", RANKS),
    _entry(HELPER, "sex", "责任人性别", ("性别",)),
    _entry(HELPER, "politics", "责任人政治面貌", ("政治面貌",)),
    _entry(HELPER, "phone", "责任人联系电话", PHONES, pii=FieldClass.PHONE),
    *(_entry(HELPER, key, f"责任人{label}", (label, *names), unit) for key, label, unit, names in ROUNDS),
    _entry(UNIT, "name", "结对单位名称", UNITS),
    _entry(UNIT, "helpers", "结对单位责任人数", ("责任人数", "帮扶责任人数", "帮扶干部数", "干部人数", "帮扶干部人数", "参与帮扶干部人数", "结对干部人数", "干部数", "帮扶责任人人数"), "人"),
    *(_entry(UNIT, key, f"结对单位{label}", (label, *names), unit) for key, label, unit, names in ROUNDS),
    _entry(TEAM, "name", "驻村工作队名称", ("驻村工作队", "工作队", "工作队名称")),
    _entry(TEAM, "village", "工作队驻村", ("村", "驻村", "所驻村", "派驻村", "行政村", "村名", "帮扶村")),
    _entry(TEAM, "town", "工作队所在乡镇", ("乡镇", "所在乡镇")),
    _entry(TEAM, "units", "工作队派出单位", ("派出单位", "选派单位", "帮扶单位", "组建单位", "牵头单位")),
    _entry(TEAM, "size", "工作队人数", ("队员人数", "驻村干部人数", "队员数", "人数", "工作队员人数", "驻村人数"), "人"),
    _entry(TEAM, "secretary", "工作队第一书记", ("第一书记", "驻村第一书记", "第一书记姓名")),
    _entry(TEAM, "leader", "工作队队长姓名", ("队长", "工作队队长", "队长姓名", "工作队长")),
    _entry(TEAM, "members", "工作队队员姓名", ("队员", "工作队员", "队员姓名", "工作队成员", "成员姓名")),
    _entry(STATIONED, "name", "驻村干部姓名", ("姓名", "队员姓名", "驻村干部", "驻村队员", "第一书记姓名")),
    _entry(STATIONED, "village", "驻村干部所驻村", ("村", "驻村", "所驻村", "派驻村", "行政村", "村名", "帮扶村", "驻村村名", "任职村", "所在村")),
    _entry(STATIONED, "town", "驻村干部所在乡镇", ("乡镇", "所在乡镇", "所驻乡镇")),
    _entry(STATIONED, "unit", "驻村干部派出单位", ("派出单位", "选派单位", "工作单位", "单位", "原单位", "所在单位", "派出单位名称")),
    _entry(STATIONED, "duty", "驻村干部队内职务", ("职务", "驻村职务", "队内职务", "工作队职务", "担任职务", "身份")),
    _entry(STATIONED, "since", "驻村干部进驻日期", ("进驻日期", "驻村时间", "任职时间", "到任时间", "起始时间", "进驻时间", "到村时间", "驻村起始时间", "选派时间")),
    _entry(STATIONED, "phone", "驻村干部联系电话", ("联系电话", "电话", "手机号码", "联系方式", "手机"), pii=FieldClass.PHONE),
    _entry(STATIONED, "visits", "驻村干部本年走访户次", ("走访户次", "入户次数", "走访次数", "入户走访次数"), "次"),
    *(
        _entry(row, key, f"{who}{label}", names, unit)
        for row, who in ((TEAM, "工作队"), (STATIONED, "驻村干部"))
        for key, label, unit, names in (
            ("present", "本年在岗天数", "天", ("在岗天数", "驻村天数", "累计驻村天数", "在村天数", "本年在岗天数", "累计在岗天数", "本年驻村天数")),
            ("month", "本月在岗天数", "天", ("本月在岗天数", "本月驻村天数", "当月在岗天数", "当月驻村天数")),
            ("leave", "本年请假天数", "天", ("请假天数", "请假", "本年请假天数")),
            ("absent", "本年缺岗天数", "天", ("缺岗天数", "脱岗天数", "缺岗")),
            ("diaries", "本年日记篇数", "篇", ("日记篇数", "民情日记", "民情日记篇数", "工作日志篇数")),
        )
    ),
)  # fmt: skip


def listed(asked, kind, texts, path, *, only=None):
    """`(key, {text: value})` for each line of a kind in the place `path`."""
    own = {text: parsed(text).entry.partition("_")[2] for text in texts if text.startswith("@")}
    wanted = [text for text in texts if text not in own]
    lines = (
        _by_pairing(asked, kind, path, wanted)
        if kind in (HELPER, UNIT)
        else _by_team(asked, kind, path, wanted)
    )
    for key, said, counted in lines:
        yield key, {text: said.get(name) for text, name in own.items()} | counted


# Helpers and units


def _by_pairing(asked, kind, path, wanted):
    """`(key, what is said of it, {text: figure over its households})` of the helpers, or the units, of a place."""
    asked = replace(asked, query=QueryDict(f"region={path}"), base=())
    groups = {}
    for place, _, helper, one in duties.in_order(Area(asked), asked):
        key = (helper.unit or "", helper.pk if kind == HELPER else 0)
        groups.setdefault(key, []).append((place, helper, one))
    homes = {key: {one.household for *_, one in mine} for key, mine in groups.items()}
    figured, heads = _over(asked, path, homes, [*wanted, "p|"])
    names = Region.objects.names(
        {place[:width] for mine in groups.values() for place, *_ in mine for width in (9, 12)}
    )
    for key in sorted(groups, key=lambda key: (key[0] or "~", groups[key][0][1].name, key[1])):
        mine = groups[key]
        once = (
            {one.household: one for *_, one in mine}.values() if kind == UNIT else [one for *_, one in mine]
        )
        helper = mine[0][1]
        said = duties.summed(list(once)) | {
            "name": helper.name if kind == HELPER else helper.unit or "（未填单位）", "unit": helper.unit, "rank": helper.rank,
            "sex": helper.get_sex_display() if helper.sex else "", "phone": helper.phone, "helpers": len({one.pk for _, one, _ in mine}),
            "politics": helper.get_politics_display() if helper.politics else "", "persons": figured[key]["p|"],
            "heads": "、".join(heads[one] for one in sorted(homes[key]) if one in heads),
            "villages": _joined(names, mine, 12), "towns": _joined(names, mine, 9),
        }  # fmt: skip
        yield key, said, {text: figured[key][text] for text in wanted}


def _joined(names, mine, width):
    return "、".join(
        dict.fromkeys(names.get(place[:width], "") for place, *_ in sorted(mine, key=lambda one: one[0]))
    )


def _over(asked, path, homes, texts):
    """`({key: {text: figure over its households}}, {household: its head})`: one pass over the households of the place."""
    owners = defaultdict(list)
    for key, held in homes.items():
        for one in held:
            owners[one].append(key)
    counting, sums, heads = figures.Grouped(asked, texts), {key: {} for key in homes}, {}

    def of(home):
        mine = owners.get(home.row["id"], ())
        if mine:
            heads[home.row["id"]] = home.row["head_name"]
        return [sums[key] for key in mine]

    counting.read(path, of)
    return counting.values(sums, texts), heads


# Work teams and those in them


def _by_team(asked, kind, path, wanted):
    """The same of the work teams, or of their members, who are at a village of the place on the day."""
    day = asked.as_of
    rows = asked.visible(TeamMember.objects.unscoped("hanging").in_month(day, day)).within(path)
    members = list(rows.select_related("helper").order_by("region_path", "duty", "name", "pk"))
    months = _months(members, asked)
    visits = _visits(members, asked) if kind == STATIONED else {}
    teams = defaultdict(list)
    for member in members:
        teams[member.region_path].append(member)
    names = Region.objects.names({place[:width] for place in teams for width in (9, 12)})
    counted = figures.measured(replace(asked, base=()), wanted, list(teams)) if wanted and teams else {}
    for place, mine in teams.items():
        where = {"village": names.get(place, ""), "town": names.get(place[:9], "")}
        for some in [mine] if kind == TEAM else [[one] for one in mine]:
            held = [months[one.pk] for one in some]
            days = sum((one[0] for one in held), Tally())
            said = where | {
                "present": days.present, "leave": days.leave, "absent": days.absent, "month": sum(one[1] for one in held),
                "diaries": sum(one[2] for one in held),
            }  # fmt: skip
            said |= _team(some, where) if kind == TEAM else _member(some[0], visits)
            yield (place, some[0].pk), said, counted.get(place, {})


def _team(mine, where):
    def named(*duties):
        return "、".join(one.name for one in mine if one.duty in duties)

    duty = codes.TeamDuty
    return {
        "name": f"驻{where['village']}工作队", "units": "、".join(dict.fromkeys(one.unit for one in mine)), "size": len(mine),
        "secretary": named(duty.SECRETARY), "leader": named(duty.LEADER), "members": named(duty.MEMBER),
    }  # fmt: skip


def _member(one, visits):
    return {
        "name": one.name, "unit": one.unit, "duty": one.get_duty_display(), "since": one.starts_on,
        "phone": one.helper.phone if one.helper else "", "visits": visits.get(one.helper_id, 0) if one.helper_id else None,
    }  # fmt: skip


def _months(members, asked):
    """`{member: (days of the year so far, days on duty in the month, diaries)}`."""
    day, found = asked.as_of, {one.pk: (Tally(), 0, 0) for one in members}
    rows = Attendance.objects.unscoped("hanging").filter(
        member__in=list(found), year=day.year, month__lte=day.month
    )
    for row in rows.order_by("month"):
        days, month, diaries = found[row.member_id]
        now = tally(row.days[: day.day] if row.month == day.month else row.days)
        month = now.present if row.month == day.month else month
        found[row.member_id] = days + now, month, diaries + (row.diaries or 0)
    return found


def _visits(members, asked):
    day = asked.as_of
    rows = asked.visible(
        Visit.objects.unscoped("hanging").filter(cancelled_reason="", on__year=day.year, on__lte=day)
    )
    helpers = {one.helper_id for one in members} - {None}
    found = defaultdict(int)
    for helper in Visit.helpers.through.objects.filter(helper__in=helpers, visit__in=rows).values_list(
        "helper", flat=True
    ):
        found[helper] += 1
    return found


SOURCES = [
    Source("officials", (), (), ENTRIES, lambda asked, texts, places, step=None: {place: {} for place in places}, listed,
           (HELPER, UNIT, TEAM, STATIONED), "帮扶责任人、帮扶单位和驻村工作队", (P.HOUSEHOLD_VIEW, P.REPORT_EXPORT), also=("homes",)),
]  # fmt: skip
