"""One account per role, and the officials that households are paired with."""

from django.contrib.auth.hashers import make_password

from fupin.accounts.models import Post, User
from fupin.accounts.roles import Role, Subject
from fupin.demo import MARK
from fupin.regions.models import Region
from households.models import Helper

COUNTY, TOWN, VILLAGE = "500110", "500110117", "500110117212"
CHANGLONG = "513327100212"

ACCOUNTS = [
    ("admin", "周正明", "系统总管理", Role.ADMINISTRATOR, [""]),
    ("xian", "何晓红", "綦江区农业农村委员会", Role.COUNTY_OFFICE, [COUNTY]),
    ("lingdao", "罗建平", "綦江区人民政府", Role.LEADER, [COUNTY]),
    ("zhen", "李秀兰", "篆塘镇乡村振兴办", Role.TOWNSHIP_OPERATOR, [TOWN]),
    ("fenguan", "赵永强", "篆塘镇人民政府", Role.TOWNSHIP_LEAD, [TOWN]),
    ("cun", "冯德明", "白坪村民委员会", Role.VILLAGE_CLERK, [VILLAGE]),
    ("gongzuodui", "陈志远", "区卫生健康委员会", Role.WORK_TEAM, [VILLAGE]),
    ("bangfu", "刘敏", "篆塘镇中心卫生院", Role.HELPER, [TOWN]),
    ("hangye", "唐国华", "綦江区医疗保障局", Role.BUREAU, [COUNTY]),
    ("caizheng", "邓丽萍", "綦江区财政局", Role.FINANCE, [COUNTY]),
    ("shuili", "秦国栋", "区水利局", Role.PROJECT_UNIT, [COUNTY]),
    ("zuzhi", "曾庆林", "綦江区委组织部", Role.ORGANISATION, [COUNTY]),
    ("shenji", "蒋文涛", "綦江区审计局", Role.AUDITOR, [COUNTY]),
    ("xitong", "田志军", "綦江区大数据中心", Role.SYSTEM_ADMIN, [COUNTY]),
    ("anquan", "许文斌", "綦江区大数据中心", Role.SECURITY_ADMIN, [COUNTY]),
    ("shenjiyuan", "龚雪梅", "綦江区人民政府办公室", Role.AUDIT_ADMIN, [COUNTY]),
    ("xindu", "泽仁拉姆", "新都镇乡村振兴办", Role.TOWNSHIP_OPERATOR, ["513327100"]),
    ("changlong", "洛绒多吉", "昌龙村民委员会", Role.VILLAGE_CLERK, [CHANGLONG]),
]
"""(username, name, unit, role, region paths)."""
SUBJECTS = {"hangye": Subject.MEDICAL}
"""What the bureau of an account is about."""
DUTIES = {"shuili": "区水利局"}
"""The unit whose projects an account looks after."""

UNITS = [
    "政府办",
    "农业服务中心",
    "社会事务办",
    "中心卫生院",
    "中心小学",
    "财政所",
    "规划建设办",
    "综合执法大队",
]
BUREAUX = [
    "区农业农村委员会",
    "区卫生健康委员会",
    "区教育委员会",
    "区民政局",
    "区水利局",
    "区交通运输委员会",
    "区林业局",
]


def make_accounts(order):
    """The accounts with their posts; `{username: User}`. They share one password."""
    password = make_password(order.password)
    since = order.today.replace(year=order.today.year - 3, month=1, day=1)
    made = User.objects.bulk_create(
        User(username=username, name=name, unit=unit + MARK, password=password)
        for username, name, unit, _, _ in ACCOUNTS
    )
    places = {region.path: region for region in Region.objects.filter(path__in=_paths())}
    Post.objects.bulk_create(
        Post(
            user=user,
            role=role,
            subject=SUBJECTS.get(username, ""),
            unit=DUTIES.get(username, ""),
            region=places[path],
            starts_on=since,
        )  # fmt: skip
        for user, (username, _, _, role, paths) in zip(made, ACCOUNTS)
        for path in paths
    )
    return {user.username: user for user in made}


def _paths():
    return {path for *_, paths in ACCOUNTS for path in paths}


def make_helpers(chance, registry, town, count, users=()):
    """`count` officials of the township `town` (a Region), the first ones being the given accounts."""
    rows = [
        Helper(
            name=user.name, unit=user.unit.removesuffix(MARK), user=user, region_path=town.path, sex="2",
            unit_level="05", phone=registry.phone(), politics="01",
        )
        for user in users
    ]  # fmt: skip
    while len(rows) < count:
        male, county = chance.random() < 0.6, chance.random() < 0.35
        rows.append(
            Helper(
                name=registry.name(male),
                sex="1" if male else "2",
                region_path=town.path,
                unit=chance.choice(BUREAUX) if county else town.short_name + chance.choice(UNITS),
                unit_level="04" if county else "05",
                phone=registry.phone(),
                politics="01" if chance.random() < 0.6 else "13",
                rank=chance.choice(["科员", "副科", "专技岗"]),
                team_member=county and chance.random() < 0.2,
            )  # fmt: skip
        )
    return Helper.objects.bulk_create(rows, batch_size=300)
