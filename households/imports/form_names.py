"""Places written in one phrase, and what the names of files and folders say about a household."""

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import PurePosixPath

from fupin.excel.cleaning import compact
from households.imports.form_labels import kind_of

_PLACE = re.compile(
    r"(?P<province>[^省市县镇乡村]{2,6}(?:省|自治区))?"
    r"(?P<city>[^省市县镇乡村]{1,8}?(?:市|自治州|地区|盟))?"
    r"(?P<county>[^市县镇乡村]{1,12}?(?:自治县|县|(?<!社)区|旗|市))?"
    r"(?P<town>[^镇乡村]{1,10}?(?:镇|乡|街道办事处|街道))?"
    r"(?P<village>[^村组]{1,10}?(?:村村民委员会|村民委员会|村委会|社区居民委员会|居民委员会|社区居委会|社区|村|居委会))?"
    r"(?P<group>第?[〇零一二三四五六七八九十\d]{1,3}(?:村民小组|小组|组|社|屯|队))?"
)
NO_VILLAGE = {"村", "农村", "乡村", "山村", "本村", "贫困村", "行政村", "社区"}
_BRACKETED = re.compile(r"\([^()]*\)")
_YEAR = re.compile(r"^20\d\d年?度?|20\d\d年度?(?!\d{1,2}月)")
LEVELS = ("province", "city", "county", "town", "village", "group")


def place_of(said):
    """`{level: name}` of a place written in one phrase: 贵州省威宁县炉山镇茶园村1组. A lone 市 says nothing."""
    return dict(_place_of(said))


@lru_cache(maxsize=16_384)
def _place_of(said):
    found = _PLACE.match(_YEAR.sub("", _BRACKETED.sub("", compact(said)).replace("_", "").lstrip(":")))
    place = {level: name for level, name in found.groupdict().items() if name}
    if ("city" in place) != ("county" in place) and "county" not in place:
        place.pop("city")
    if place.get("county", "").endswith("市") and "city" not in place:
        place.pop("county")
    return place


_ENDS_IN_VILLAGE = re.compile(r"^[^镇乡]{1,12}(?:村|社区|居委会|村委会)$")


def parted(place):
    """`(Place, group)` of a Place of which the village says more, 松坪镇白坪村一组: its township and its group, of which no
    other column speaks."""
    if not place.village or _ENDS_IN_VILLAGE.search(place.village):
        return place, ""
    found = place_of(place.village)
    if "village" not in found or not {"group", "town"} & found.keys():
        return place, ""
    group = found.pop("group", "")
    levels = {level: word for level, word in found.items() if level == "village" or not getattr(place, level)}
    return replace(place, **levels), group


@dataclass(frozen=True)
class Hints:
    """What the name of a file and of its folders says: 1组/1-一般贫困户-张三-5-茶园村.xlsx."""

    group: str = ""
    kind: str = ""
    head: str = ""
    size: int | None = None
    village: str = ""
    town: str = ""


_GROUP = re.compile(r"第?[〇零一二三四五六七八九十\d]{1,3}(?:村民小组|小组|组|社|屯|队)")
_PERSON = re.compile(
    r"[\u3400-\u9fff\U00020000-\U0003ffff]{2,4}|[\u3400-\u9fff]{1,10}·[\u3400-\u9fff·]{1,12}"
)


def hints(path):
    """The Hints of a path; what cannot be told for sure is not said."""
    where = PurePosixPath(path)
    said = {}
    for folder in where.parts[:-1]:
        for word in (compact(part) for part in re.split(r"[-_－—\s]+", folder)):
            _hint(word, said)
    said.pop("head", None)
    parts = [part for part in (compact(p) for p in re.split(r"[-_－—+\s]+", where.stem)) if part]
    numbers = [(at, int(part)) for at, part in enumerate(parts) if part.isdigit() and len(part) <= 2]
    for part in parts:
        _hint(part, said)
    if numbers and numbers[0][0] == 0 and len(parts) > 2:
        said.setdefault("group", parts[0])
    later = [number for at, number in numbers if at > 1]
    if len(later) == 1 and len(parts) > 3:
        said["size"] = later[0]
    return Hints(**said)


def _hint(word, said):
    if _GROUP.fullmatch(word):
        said.setdefault("group", word)
    elif kind_of(word) is not None:
        said.setdefault("kind", word)
    elif re.fullmatch(r"\d{1,2}人", word):
        said["size"] = int(word[:-1])
    elif re.fullmatch(r"[^村]{1,10}(?:村|社区|村委会|居委会)", word):
        found = place_of(word)
        said.setdefault("village", found.get("village", word))
        if "town" in found:
            said.setdefault("town", found["town"])
    elif re.fullmatch(r".{2,8}(?:镇|乡|街道)", word):  # 李镇 is a man
        said.setdefault("town", word)
    elif _PERSON.fullmatch(word) and not re.search(r"[表卡档户册]$|信息|农户|资料|扶贫|汇总|村民", word):
        said.setdefault("head", word)
