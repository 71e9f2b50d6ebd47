"""The local list of what guessers of this country try first, as fingerprints; and the program that builds it.

    python -m fupin.accounts.deny_list        writes deny_list.bin anew (the same bytes each time)

Django's twenty thousand common passwords, and what lists of stolen ones are made of here: names in pinyin (the hundred
most frequent surnames with frequent given names; Tibetan names), all prefectures and counties in pinyin, words of daily
life and of this work side by side, rows of the keyboard. Digits, years and signs around them are taken off before
the list is asked (`passwords.kernel`), so each entry stands for some hundred thousand passwords.

An entry is the first five bytes of its SHA-256; one in five million other words is taken for one of the list.
"""

import csv
import gzip
from functools import cache
from hashlib import sha256
from itertools import product
from pathlib import Path

FILE = Path(__file__).with_name("deny_list.bin")
WIDTH = 5

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜"
    "范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段钱汤尹黎易常武乔贺赖龚文"
)
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红建国文斌鹏辉波宇浩凯健俊帆鑫琳雪倩颖佳婷慧莹梅萍燕玲春海山林峰龙飞"
    "亮东志永生德成云思雨子轩梓涵欣怡博豪晨阳天瑞宁康安乐民福贵宝珍珠凤莲荣发财旺兴盛昌富清洁"
)
FIRST = "建国文志小海春秀玉桂永德明新家子雨俊红金世"
TIBETAN = [
    "zhaxi",
    "tashi",
    "ciren",
    "cering",
    "deji",
    "pingcuo",
    "danzeng",
    "tenzin",
    "gesang",
    "kelsang",
    "luosang",
    "lobsang",
    "nima",
    "niima",
    "dawa",
    "pubu",
    "basang",
    "zhuoma",
    "drolma",
    "lamu",
    "lhamo",
    "yangjin",
    "dolma",
    "quzhen",
    "quni",
    "bianba",
    "penba",
    "mima",
    "dorje",
    "duoji",
    "gongga",
    "jigme",
    "jiangcuo",
    "jiayang",
    "renqing",
    "rinchen",
    "sangji",
    "sonam",
    "suolang",
    "wangdui",
    "wangjie",
    "yixi",
    "zeren",
    "zewang",
    "zhandui",
    "cicheng",
    "dengzhu",
    "luorong",
    "baima",
]
WORDS = [
    "fupin",
    "bangfu",
    "bangfutong",
    "tuopin",
    "jiandang",
    "lika",
    "zhucun",
    "zoufang",
    "xiangcun",
    "zhenxing",
    "fangfan",
    "fanpin",
    "zhipin",
    "shuji",
    "nongye",
    "nongcun",
    "xiangzhen",
    "zhengfu",
    "cunwei",
    "guanli",
    "guanliyuan",
    "mima",
    "woaini",
    "zhongguo",
    "beijing",
    "shanghai",
    "chongqing",
    "sichuan",
    "chengdu",
    "xizang",
    "tibet",
    "ganzi",
    "aba",
    "guizhou",
    "yunnan",
    "gansu",
    "qinghai",
    "xinjiang",
    "admin",
    "root",
    "system",
    "xitong",
    "password",
    "passwd",
    "welcome",
    "hello",
    "love",
    "woai",
    "wode",
    "nide",
    "baobao",
    "baobei",
    "laopo",
    "laogong",
    "mama",
    "baba",
    "jiaren",
    "xiaoming",
    "xingfu",
    "kaixin",
    "kuaile",
    "jiankang",
    "pingan",
    "facai",
    "gongxi",
    "xinnian",
    "haoyun",
    "shengri",
    "zuguo",
    "renmin",
    "gongchandang",
    "dangyuan",
    "ganbu",
    "zhuren",
    "xianzhang",
    "zhenzhang",
    "cunzhang",
    "huanying",
    "dianhua",
    "shouji",
    "diannao",
    "wangluo",
    "shuju",
    "baobiao",
    "biaoge",
    "ceshi",
    "test",
    "user",
    "yonghu",
    "denglu",
    "anquan",
    "qwerty",
    "asdfgh",
    "zxcvbn",
    "qazwsx",
    "iloveyou",
    "sunshine",
    "princess",
    "dragon",
    "monkey",
    "football",
    "master",
    "shadow",
    "superman",
    "batman",
]
KEYS = (
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qazwsxedc",
    "rfvtgbyhn",
    "ujmikolp",
    "poiuytrewq",
    "lkjhgfdsa",
    "mnbvcxz",
)
WORK = (
    "",
    "xian",
    "shi",
    "qu",
    "fupin",
    "bangfu",
    "tuopin",
    "xianfupin",
    "zhengfu",
    "xiangcun",
    "zhenxing",
    "xianwei",
)


def words():
    """Every entry, as text in lower case."""
    from django.contrib.auth import password_validation

    path = Path(password_validation.__file__).with_name("common-passwords.txt.gz")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from (line.strip() for line in file)
    yield from _names()
    yield from map("".join, product(TIBETAN, repeat=2))
    yield from TIBETAN
    yield from WORDS
    yield from map("".join, product(WORDS, repeat=2))
    yield from map("".join, product(TIBETAN, WORDS))
    for place, work in product(_places(), WORK):
        yield place + work
    for size in range(4, 8):
        parts = {row[at : at + size] for row in KEYS for at in range(len(row) - size + 1)}
        yield from map("".join, product(sorted(parts), repeat=2))


def _names():
    surnames, given, first = (_syllables(text) for text in (SURNAMES, GIVEN, FIRST))
    for family in surnames:
        yield from (family + one for one in given)
        yield from (family + one + two for one in first for two in given)
    yield from (one + two for one in first for two in given)


def _syllables(text):
    from pypinyin import lazy_pinyin

    return sorted({lazy_pinyin(char)[0] for char in text})


def _places():
    """Provinces, prefectures and counties in pinyin, without 县, 区 and the like at their ends."""
    from pypinyin import lazy_pinyin

    path = Path(__file__).parents[1] / "regions" / "data" / "divisions.csv"
    found = set()
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if len(row["code"].rstrip("0")) <= 6:
                name = row["name"].removesuffix("自治县").removesuffix("自治州")
                found.add(
                    "".join(
                        lazy_pinyin(name[:-1] if name[-1] in "县区市州省盟旗" and len(name) > 2 else name)
                    )
                )
    return sorted(found)


def _print(word):
    return sha256(word.encode()).digest()[:WIDTH]


@cache
def _held():
    return FILE.read_bytes()


def size():
    """How many entries there are."""
    return len(_held()) // WIDTH


def listed(word):
    """Whether the word is on the list."""
    held, wanted = _held(), _print(word)
    low, high = 0, len(held) // WIDTH
    while low < high:
        middle = (low + high) // 2
        if held[middle * WIDTH : (middle + 1) * WIDTH] < wanted:
            low = middle + 1
        else:
            high = middle
    return held[low * WIDTH : (low + 1) * WIDTH] == wanted


def build():
    """The bytes of the file."""
    return b"".join(sorted({_print(word) for word in words()}))


if __name__ == "__main__":
    FILE.write_bytes(build())
