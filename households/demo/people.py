"""Invented people: names put together at random, numbers of a region that does not exist (99xxxx), phones of the
segment 154 that no carrier has given out."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from households import codes, idcard

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
MALE = (
    "伟强军勇杰磊涛斌波辉刚健明亮建国志平海东文华林峰永春光荣成贵富德福顺清全忠义兴旺学良世昌天祥大川正洪朝树"
)
FEMALE = "芳娟敏静丽艳霞秀英桂兰玉珍凤莲红梅春花小燕淑琴雪慧琼素华美玲翠云香菊月娥秋萍碧清群先珊婷"
TIBETAN = ["扎西", "泽仁", "洛绒", "多吉", "尼玛", "达瓦", "次仁", "格桑", "白玛", "四郎", "益西", "降央", "罗布", "阿旺", "呷绒", "邓珠", "仁青", "土登"]  # fmt: skip
TIBETAN_MALE = [
    "多吉",
    "扎西",
    "邓珠",
    "罗布",
    "彭措",
    "曲批",
    "江村",
    "旦增",
    "顿珠",
    "平措",
    "旺堆",
    "泽仁",
]
TIBETAN_FEMALE = [
    "卓玛",
    "拉姆",
    "曲珍",
    "措姆",
    "央宗",
    "志玛",
    "初姆",
    "西姆",
    "德吉",
    "白珍",
    "翁姆",
    "玉珍",
]

PLACES = [
    "重庆市渝北区",
    "重庆市九龙坡区",
    "广东省东莞市",
    "浙江省宁波市鄞州区",
    "福建省晋江市",
    "江苏省昆山市",
]


@dataclass
class Person:
    """One invented person; `facts` are columns of MemberYear."""

    relation: str
    male: bool
    birth: date
    name: str = ""
    number: str = ""
    facts: dict = field(default_factory=dict)

    def age(self, day):
        return idcard.age_on(self.birth, day)


class Registry:
    """Hands out names and numbers; each number once. `chance` is a random.Random."""

    def __init__(self, chance, first=0):
        self.chance, self.count = chance, first

    def number(self, birth, male):
        """An 18-character number with a valid check character, of region 990000 to 999999."""
        self.count += 1
        region, sequence = divmod(self.count, 450)
        body = f"99{region % 10000:04}{birth:%Y%m%d}{sequence * 2 + male:03}"
        return body + idcard.check_character(body)

    def phone(self):
        return f"154{self.chance.randrange(10**8):08}"

    def name(self, male, surname=""):
        given = MALE if male else FEMALE
        surname = surname or self.chance.choice(SURNAMES)
        return surname + "".join(self.chance.sample(given, 1 if self.chance.random() < 0.25 else 2))

    def tibetan_name(self, male):
        second = self.chance.choice(TIBETAN_MALE if male else TIBETAN_FEMALE)
        return self.chance.choice([first for first in TIBETAN if first != second]) + second

    def birth(self, age, today):
        """A birthday of somebody who is `age` today."""
        day = today - timedelta(days=int(age * 365.25) + self.chance.randrange(1, 350))
        return day if idcard.age_on(day, today) == age else day.replace(month=1, day=1)


def family(chance, registry, today, *, size=None):
    """The members of a usual household: head first, with relations, sexes and ages that go together."""
    head_age = min(84, max(24, int(chance.gauss(53, 13))))
    male = chance.random() < 0.86
    people = [_person(registry, "01", male, head_age, today)]
    surname = people[0].name[0]
    wanted = size or chance.choices([1, 2, 3, 4, 5, 6, 7], [9, 20, 22, 24, 15, 7, 3])[0]
    if wanted > 1 and chance.random() < 0.87:
        people.append(_person(registry, "02", not male, max(22, head_age - chance.randint(-2, 5)), today))
    while len(people) < wanted:
        people.append(_relative(chance, registry, today, head_age, surname, people))
    return people


def _relative(chance, registry, today, head_age, surname, people):
    """One more: a parent while the head is young, else children, their spouses, grandchildren."""
    held = [person.relation for person in people]
    if head_age < 62 and chance.random() < 0.3 and not {"11", "12"} <= set(held):
        relation = "11" if "11" not in held and chance.random() < 0.5 or "12" in held else "12"
        own = surname if relation == "11" else ""
        return _person(
            registry, relation, relation == "11", min(96, head_age + chance.randint(21, 30)), today, own
        )
    eldest = head_age - 22
    if eldest >= 24 and "03" in held and "05" not in held and chance.random() < 0.4:
        return _person(registry, "05", False, chance.randint(22, max(22, min(eldest, 45))), today)
    if eldest >= 26 and ("03" in held or "04" in held) and chance.random() < 0.6:
        boy = chance.random() < 0.5
        return _person(
            registry, "07" if boy else "08", boy, chance.randint(0, max(0, eldest - 22)), today, surname
        )
    boy = chance.random() < 0.52
    age = chance.randint(max(0, eldest - 18), max(0, eldest)) if eldest > 0 else 0
    return _person(registry, "03" if boy else "04", boy, age, today, surname)


def _person(registry, relation, male, age, today, surname=""):
    birth = registry.birth(age, today)
    return Person(relation, male, birth, registry.name(male, surname), registry.number(birth, male))


SCHOOLS = {12: "04", 13: "05", 14: "06", 15: "07", 16: "08", 17: "09", 18: "13", 19: "14", 20: "15", 21: "23"}


def schooling(chance, age):
    """(education, school) that fit the age: somebody is at school or has left it, never both."""
    if age < 3:
        return "07", "01"
    if age < 6:
        return "", "02"
    if age < 12:
        return "", "03"
    if age < 16 or age in SCHOOLS and chance.random() < (0.85 if age < 18 else 0.4):
        return "", SCHOOLS[age]
    if age < 30:
        return chance.choices(["03", "04", "05", "06"], [45, 30, 15, 10])[0], "00"
    if age < 60:
        return chance.choices(["01", "02", "03", "04"], [6, 38, 48, 8])[0], "00"
    return chance.choices(["01", "02", "03"], [35, 52, 13])[0], "00"


def facts(chance, person, today, *, weak=0.08):
    """Columns of MemberYear for a usual person on `today`. `weak`: the share of working age in poor health."""
    age = person.age(today)
    education, school = schooling(chance, age)
    student = school not in ("", "00", "01")
    found = {"education": education, "school": school, "medical_resident": True, "medical_employee": False}
    found |= _health(chance, person, age, student, weak)
    labour = found["labour"]
    if 16 <= age < 60 and not student:
        found["pension_resident"] = chance.random() < 0.9
    found["pension_received"] = age >= 60
    found["politics"] = "13" if age < 18 or chance.random() > 0.06 else "01"
    if age >= 18:
        found["marriage"] = "20" if person.relation in ("01", "02", "05", "11", "12") else "10"
    if labour in codes.WORKING and chance.random() < 0.62:
        found |= work(chance)
    elif labour == "05" and chance.random() < 0.12:
        found |= {"post_kind": chance.choice(["1", "2", "3"]), "post_months": 12}
    found["living"] = "2" if found.get("work_area") in ("03", "04") else "1"
    return found


def _health(chance, person, age, student, weak):
    if age < 16 or student:
        return {"health": "01", "labour": "04"}
    if age >= 60:
        health = chance.choices(["01", "02", "03"], [55, 40, 5])[0]
        return {"health": health, "labour": "05" if age < 70 and health != "03" else "04"}
    if chance.random() >= weak:
        return {"health": "01", "labour": "02" if chance.random() < 0.2 else "01"}
    health = chance.choices(["02", "03", "04"], [50, 20, 30])[0]
    if health == "04":
        return {"labour": chance.choice(["03", "05"])} | disability(chance, person)
    return {"health": health, "labour": "05"}


def disability(chance, person):
    """Health, kind, level and the certificate: the person's number, kind, level."""
    kind, level = chance.choice("1234567"), chance.choice("1234")
    return {
        "health": "04", "disability_kind": kind, "disability_level": level,
        "disability_no": f"{person.number}{kind}{level}",
    }  # fmt: skip


def work(chance):
    """Work for wages: where, how long, how much."""
    area = chance.choices(["01", "02", "03", "04"], [20, 25, 30, 25])[0]
    months = chance.randint(4, 11)
    return {
        "work_area": area, "work_months": months, "job_channel": chance.choice("1235"),
        "work_place": chance.choice(PLACES) if area != "01" else "本乡镇",
        "work_income": months * chance.randrange(2200, 5200, 100),
    }  # fmt: skip
