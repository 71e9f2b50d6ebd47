"""What a password must not be, without asking anybody: a local list (`deny_list`), and rules that stand for millions
of lines.

Nearly every password of a published list is shorter than the twelve characters asked for here. What people make of
them is longer: the word with a year, a name or a row of signs around it. So the word inside is looked for: what
remains of the typed text when years, digits and signs at its ends are taken off and "@" is read as "a". When that
is a common password, a word of this county or of this work, or the person's own, the password is refused.
"""

import re
from functools import cache

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError

from fupin.accounts import deny_list

WORDS = {
    "fupin", "bangfu", "bangfutong", "tuopin", "jiandang", "zhucun", "zoufang", "xiangcun", "zhenxing", "xiangcunzhenxing",
    "fangfan", "fanpin", "zhipin", "xianweishuji", "nongye", "nongcun", "xiangzhen", "zhengfu", "cunwei", "guanli",
    "guanliyuan", "mima", "woaini", "zhongguo", "beijing", "chongqing", "sichuan", "administrator", "system", "xitong",
    "扶贫", "帮扶", "帮扶通", "脱贫", "驻村", "走访", "乡村振兴", "密码", "中国",
}  # fmt: skip
"""Words of this work, that whoever guesses at its passwords begins with."""
SMALLEST = 4
"""Letters that a word must have to count when it stands for most of a password."""
LONGEST = 40
"""Letters up to which two words side by side are looked for."""
LEET = str.maketrans(
    {"@": "a", "4": "a", "0": "o", "1": "i", "!": "i", "3": "e", "$": "s", "5": "s", "7": "t"}
)
EDGES = re.compile(r"^[\W\d_]+|[\W\d_]+$")
RUNS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb",
)
NUMBERS = re.compile(r"\d{17}[\dXx]|(?<!\d)1[3-9]\d{9}(?!\d)")
OWN_DIGITS = 6
KEPT = 5
"""Passwords, the present one included, that are not taken again while the switch is on."""


@cache
def pinyin(text):
    """Names as they are typed in Latin letters: {"luhuo", "lh"} for 炉霍. {} for what has no Chinese character."""
    from pypinyin import Style, lazy_pinyin

    text = re.sub(r"[^\u4e00-\u9fff]", "", text)[:12]
    if not text:
        return frozenset()
    return frozenset({"".join(lazy_pinyin(text)), "".join(lazy_pinyin(text, style=Style.FIRST_LETTER))})


def own_words(user):
    """Words that belong to this person: name, unit, account, and the places of their posts up to the county."""
    if user is None:
        return set()
    texts = [user.name, user.unit]
    if user.pk:
        for post in user.posts_today:
            region = post.region
            while region is not None and len(region.path) >= 6:
                texts += [region.name, re.sub(r"(县|区|市|镇|乡|街道|村|社区)$", "", region.name)]
                region = region.parent
    words = {user.username.lower()}
    for text in filter(None, texts):
        words |= {text.lower(), *pinyin(text)}
    return words


def kernel(text):
    """The words inside: "P@ssw0rd2026!!" -> {"password", ..}: the typed text without what stands at its ends, and
    its longest run of letters when hardly any others are left."""
    found = set()
    for plain in (text.lower(), text.lower().translate(LEET)):
        core = EDGES.sub("", plain)
        runs = re.findall(r"[^\W\d_]+", plain)
        longest = max(runs, key=len, default="")
        found |= {core, core.replace(" ", ""), EDGES.sub("", core.translate(LEET))}
        if sum(map(len, runs)) - len(longest) <= 2:
            found.add(longest)
    return found


def two_words(letters):
    """Whether the letters are two words of the list side by side, each of some length: a name and "fupin"."""
    middle = range(SMALLEST, len(letters) - SMALLEST + 1) if len(letters) <= LONGEST else ()
    return any(deny_list.listed(letters[:at]) and deny_list.listed(letters[at:]) for at in middle)


def mostly(password, words):
    """Whether a word makes up so much of the password that fewer than six letters beside it are left."""
    typed = [_letters(password), _letters(password.lower().translate(LEET))]
    return any(
        word in text and len(text) - len(word) < 6
        for word in map(_letters, words)
        if len(word) >= SMALLEST or (word and not word.isascii())
        for text in typed
    )


def _letters(text):
    return re.sub(r"[\W\d_]", "", text.lower())


def row_of_keys(text):
    """Whether at most four characters differ after repeats and rows of the keyboard are taken off."""
    plain = text.lower()
    for run in RUNS:
        for row in (run, run[::-1]):
            for size in range(len(row), 3, -1):
                for at in range(len(row) - size + 1):
                    plain = plain.replace(row[at : at + size], row[at])
    plain = re.sub(r"(.+?)\1+", r"\1", plain)
    return len(plain) <= 4


class Guessable:
    """Refuses what a guesser tries first."""

    def validate(self, password, user=None):
        words = WORDS | set(settings.PASSWORD_WORDS) | own_words(user)
        inside = kernel(password)
        if mostly(password, words):
            raise ValidationError(
                "密码里主要是地名、单位、姓名、账号或“扶贫”一类的词，容易被猜中，请换一个。", code="words"
            )
        if any(map(deny_list.listed, inside | {password.lower()})) or len(_letters(password)) < SMALLEST:
            raise ValidationError(
                "这个密码太常见：常用密码、姓名、地名的拼音加上年份、数字或符号，仍然容易被猜中。",
                code="common",
            )
        if row_of_keys(password):
            raise ValidationError("密码不能是连续或重复的字符。", code="row")
        if two_words(_letters(password)):
            raise ValidationError("密码只是两个常见的词或姓名连在一起，容易被猜中，请再加词。", code="common")
        phone = re.sub(r"\D", "", user.phone if user else "")
        own = {phone[at : at + OWN_DIGITS] for at in range(max(0, len(phone) - OWN_DIGITS + 1))}
        if NUMBERS.search(password) or any(part in password for part in own):
            raise ValidationError("密码里不能有证件号码或电话号码。", code="number")

    def get_help_text(self):
        return "不能用常见密码、地名、姓名、电话号码，或在它们后面加年份和符号。"


class Length:
    """From 12 to 128 characters. Long ones are taken whole."""

    def validate(self, password, user=None):
        if len(password) < 12:
            raise ValidationError(
                f"密码至少 12 位，现在是 {len(password)} 位。可以用几个互不相干的词。", code="short"
            )
        if len(password) > 128:
            raise ValidationError("密码最多 128 位。", code="long")

    def get_help_text(self):
        return "至少 12 位，可以用几个互不相干的词。"


class Classes:
    """三类字符, asked for by 等保 (GB/T 22239). On while settings.DENGBAO is."""

    def validate(self, password, user=None):
        if not settings.DENGBAO:
            return
        kinds = (r"[a-z]", r"[A-Z]", r"\d", r"[^A-Za-z0-9]")
        if sum(bool(re.search(kind, password)) for kind in kinds) < 3:
            raise ValidationError("大写字母、小写字母、数字、符号四类中至少要有三类。", code="classes")

    def get_help_text(self):
        return "大写、小写、数字、符号至少三类。" if settings.DENGBAO else ""


class Fresh:
    """Not one of the last five, while settings.DENGBAO is on."""

    def validate(self, password, user=None):
        if not settings.DENGBAO or user is None or not user.pk:
            return
        held = [user.password, *user.old_passwords.values_list("password", flat=True)[: KEPT - 1]]
        if any(check_password(password, old) for old in held):
            raise ValidationError(f"最近 {KEPT} 次用过的密码不能再用。", code="used")

    def get_help_text(self):
        return (
            f"不能与最近 {KEPT} 次的相同，{settings.PASSWORD_DAYS} 天须换一次。" if settings.DENGBAO else ""
        )
