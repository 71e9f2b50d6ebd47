"""The words that forms ask in, and what they mean to us: figures, the conditions that narrow them, fields of a row.

Apps offer `Source`s (settings.ONETABLE_MODULES, list SOURCES). What a cell asks for is an expression in text form:

    h|dibao+labour-able        households (measure h) that meet both conditions
    income.wage|               a measure without conditions
    @head_name                 a field of the row's household, person, project or place
    ?1=dibao;2=poor            a code: the first whose conditions hold for the household
    #                          序号
    h|dibao~2024               at the end of that year, whatever day the form is filled for
    h|dibao~-1                 at the end of the year before that day's
    @sum                       the sum of the cells above in the column
    =h|dibao÷h|                a figure worked out from others: a share (÷), what is left (−), a sum (＋)
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache

from fupin.accounts.pii import FieldClass
from fupin.catalogue import offers
from fupin.excel.cleaning import compact

SERIAL = "#"
AT_END_OF = "~"
OVER, LESS, PLUS = "÷", "−", "＋"
LAST_YEAR = -1
"""As the year of an expression: the year before that of the day the form is filled for."""
PLACE = {
    "place.name": "单位名称", "place.county": "县名", "place.town": "乡镇名", "place.village": "村名", "place.group": "组名", "place.code": "行政区划代码",
    "today": "填报日期", "year": "数据年度", "sum": "以上各行之和",
}  # fmt: skip
"""What every form may ask for, answered without any app: the place that is filled, and the day."""


class OfChild(str):
    """A number of a person under 14: nothing of it is shown unless in full."""


@dataclass(frozen=True)
class Condition:
    """What narrows a count. `on` says what it judges ("home", "person", "project"); `note` its meaning in words."""

    key: str
    label: str
    on: str
    names: tuple = ()
    note: str = ""
    pii: FieldClass | None = None


@dataclass(frozen=True)
class Measure:
    """A figure. `takes`: on what its conditions may be. `unit` as kept. `parts` of a rate: two expressions whose
    quotient it is, printed — where the second is zero. `additive`: the figure of a place is the sum of its parts'."""

    key: str
    label: str
    unit: str
    names: tuple = ()
    formula: str = ""
    source: str = ""
    denominator: str = ""
    rounding: str = ""
    takes: frozenset = frozenset()
    parts: tuple = ()
    additive: bool = True
    row: str = ""


@dataclass(frozen=True)
class Entry:
    """A field of one row of a kind ("household", "person", "project", "place"). `value(row)` gives it; `unit` of money
    and areas; `pii` masks it."""

    key: str
    label: str
    row: str
    names: tuple = ()
    value: Callable | None = None
    unit: str = ""
    pii: FieldClass | None = None
    reads: Callable | None = None
    """`reads(text)`: what an import understands by a text of this field, to tell whether a list's words say the same."""
    parts: tuple = ()
    """Keys of the two fields whose sums give a rate's total."""


@dataclass(frozen=True)
class Source:
    """What an app offers. `measured(asked, expressions, places)` gives `{path: {expression: value}}`; `listed(asked,
    kind, expressions, base)` the rows as `(key, {expression: value})`; either only for what `knows` it."""

    name: str
    conditions: tuple
    measures: tuple
    entries: tuple
    measured: Callable
    listed: Callable | None = None
    rows: tuple = ()
    title: str = ""
    needs: tuple = ()
    """Permissions that who asks must hold in the place."""
    size: Callable | None = None
    """`size(asked, path)`: how many rows stand behind a place, to tell a long work from a short one."""
    also: tuple = ()
    """Names of sources whose figures its lines may have too: a helper's line counts that helper's households."""

    def __hash__(self):
        return hash(self.name)


@dataclass(frozen=True)
class Expression:
    """One parsed expression."""

    measure: str = ""
    conditions: tuple = ()
    entry: str = ""
    options: tuple = ()
    year: int = 0
    op: str = ""
    terms: tuple = ()
    """Of a figure that is worked out: the texts of others."""

    @property
    def text(self):
        if self.op:
            return "=" + self.op.join(self.terms)
        if self.entry:
            return f"@{self.entry}" + self._end
        if self.options:
            return "?" + ";".join(f"{code}={'+'.join(keys)}" for code, keys in self.options)
        return f"{self.measure}|{'+'.join(self.conditions)}{self._end}" if self.measure else ""

    @property
    def _end(self):
        return f"{AT_END_OF}{self.year}" if self.year else ""


@dataclass(frozen=True)
class Unknown:
    """A figure that cannot be told, and why."""

    why: str


@lru_cache(maxsize=4096)
def parsed(text):
    """The expression of `text`. ValueError for one that is not well-formed."""
    if text.startswith("="):
        op = next((one for one in (OVER, LESS, PLUS) if one in text), "")
        terms = tuple(text[1:].split(op)) if op else ()
        if not all(map(is_figure, terms)) or not (len(terms) == 2 or op == PLUS):
            raise ValueError(text)
        return Expression(op=op, terms=terms)
    text, _, year = text.partition(AT_END_OF)
    if year:
        return replace(parsed(text), year=int(year))
    if text.startswith("@"):
        return Expression(entry=text[1:])
    if text.startswith("?"):
        pairs = [part.partition("=") for part in text[1:].split(";")]
        return Expression(
            options=tuple((code, tuple(keys.split("+")) if keys else ()) for code, _, keys in pairs)
        )
    measure, mark, keys = text.partition("|")
    if not mark:
        raise ValueError(text)
    return Expression(measure, tuple(keys.split("+")) if keys else ())


def is_figure(text):
    """Whether an expression counts something: no field, no code, no place, nothing worked out, not nothing."""
    return bool(text) and text[0] not in "@#?="


def is_derived(text):
    """Whether an expression is worked out from other figures."""
    return bool(text) and text[0] == "="


def is_share(text):
    return is_derived(text) and parsed(text).op == OVER


def sources():
    return offers("ONETABLE_MODULES", "SOURCES")


class Conditions(dict):
    """Conditions by key; those of a span (年龄 or 人均纯收入 from … to …) are made when they are asked for."""

    def __contains__(self, key):
        return super().__contains__(key) or SPAN.fullmatch(str(key)) is not None

    def __missing__(self, key):
        found = SPAN.fullmatch(key)
        if not found:
            raise KeyError(key)
        what, low, high = found.groups()
        unit = "岁" if what == "aged" else "元"
        if low and high:
            words = f"{low}～{high}{unit}"
        else:
            words = f"{low}{unit}及以上" if low else f"{high}{unit}以下"
        note = "周岁，两端都含" if what == "aged" else "户的人均纯收入，含下限、不含上限"
        label = words if what == "aged" else f"人均纯收入{words}"
        self[key] = Condition(
            key,
            label,
            "person" if what == "aged" else "home",
            (),
            note if low and high or what != "aged" or low else "不含",
        )
        return self[key]


SPAN = re.compile(r"(aged|percap)\.(\d*)\.(\d*)")
"""Keys of conditions by a span: aged.16.59, percap.8000.10000; an empty end is open."""
_SPANNED = re.compile(r"(?:人均(?:纯)?收入)?(?:(\d+)~(\d+)(岁|元)|(\d+)(岁|元)(及以上|以上|以下|及以下))")


def span_of(flat):
    """The key of the span that `flat` (see `spelling`) is, or ""."""
    found = _SPANNED.fullmatch(flat)
    if not found:
        return ""
    low, high, unit, edge, open_unit, way = found.groups()
    what = {"岁": "aged", "元": "percap"}[unit or open_unit]
    if edge is None:
        return f"{what}.{low}.{high}"
    if "上" in way:
        return f"{what}.{edge}."
    return f"{what}..{int(edge) + (way == '及以下')}"


@dataclass
class Words:
    """Everything that can be asked for, by key and by spelling."""

    conditions: dict = field(default_factory=Conditions)
    measures: dict = field(default_factory=dict)
    entries: dict = field(default_factory=dict)
    home: dict = field(default_factory=dict)
    """{key of a measure, condition or entry: its source}"""
    spelt: dict = field(default_factory=dict)
    """{spelling: condition or measure}"""

    def source_of(self, expression):
        """The source that answers an expression, None where it is one no more."""
        return self.home.get("h" if expression.options else expression.entry or expression.measure)

    def lists(self, kind):
        """The source that gives lines of a kind."""
        return next(one for one in dict.fromkeys(self.home.values()) if kind in one.rows)

    def may_stand(self, text, kind):
        """Whether a line of this kind can answer an expression."""
        if is_derived(text):
            return all(self.may_stand(term, kind) for term in parsed(text).terms)
        own, source = self.lists(kind), self.source_of(parsed(text))
        return source is own or source is not None and not parsed(text).entry and source.name in own.also

    def quotient(self, text):
        """The two expressions whose quotient a rate is, None for what is no rate."""
        one = parsed(text)
        if one.op:
            return one.terms if one.op == OVER else None
        if one.entry:
            parts = self.entries[one.entry].parts if one.entry in self.entries else ()
            return tuple(f"@{key}" for key in parts) or None
        parts = self.measures[one.measure].parts if one.measure in self.measures else ()
        found = [parsed(part) for part in parts]
        return (
            tuple(
                replace(
                    one,
                    measure=part.measure,
                    conditions=tuple(dict.fromkeys([*one.conditions, *part.conditions])),
                ).text
                for part in found
            )
            or None
        )

    def known(self, text):
        """Whether `text` is an expression of words that exist and fit each other."""
        if text in ("", SERIAL):
            return True
        try:
            one = parsed(text)
        except ValueError:
            return False
        if one.op:
            return all(map(self.known, one.terms))
        if one.entry:
            return one.entry in self.entries or one.entry in PLACE
        if one.options:
            return all(key in self.conditions for _, keys in one.options for key in keys)
        measure = self.measures.get(one.measure)
        return measure is not None and all(
            key in self.conditions and self.conditions[key].on in measure.takes for key in one.conditions
        )

    def label(self, text):
        """An expression in words that `said` reads back."""
        if not text or not self.known(text):
            return ""
        if text == SERIAL:
            return "序号"
        one = parsed(text)
        if one.op:
            return f" {one.op} ".join(map(self.label, one.terms))
        if one.year:
            return (
                f"{'上年' if one.year < 0 else f'{one.year}年'}底·{self.label(text.partition(AT_END_OF)[0])}"
            )
        if one.entry:
            return PLACE.get(one.entry) or self.entries[one.entry].label
        if one.options:
            return "；".join(
                f"{code} {'、'.join(self.conditions[key].label for key in keys) or '其他'}"
                for code, keys in one.options
            )
        measure = self.measures[one.measure]
        if not one.conditions:
            return measure.label
        return "、".join(self.conditions[key].label for key in one.conditions) + f"：{measure.label}"

    def note(self, text):
        """How an expression is counted, in words."""
        if not text or text == SERIAL or not self.known(text):
            return ""
        one = parsed(text)
        if one.op:
            return "；".join(filter(None, map(self.note, one.terms)))
        if one.entry:
            return ""
        keys = [key for _, held in one.options for key in held] if one.options else one.conditions
        notes = [
            f"{self.conditions[key].label}：{self.conditions[key].note}"
            for key in keys
            if self.conditions[key].note
        ]
        if one.measure and self.measures[one.measure].formula:
            notes.insert(0, self.measures[one.measure].formula)
        return "；".join(notes)

    def said(self, words, *, lines=True):
        """The expression that the user typed, or None: words as `label` writes them. `lines`: for a row of a household,
        person or project, where a label that is both means the field."""
        words = words.strip()
        if op := re.search(rf" [{OVER}{LESS}{PLUS}] ", words):
            terms = [self.said(part, lines=False) for part in words.split(op[0])]
            text = "=" + op[0].strip().join(term or "?" for term in terms)
            return text if self.known(text) else None
        if dated := re.fullmatch(r"(?:(20\d\d)年|上年)底·(.+)", words):
            found = self.said(dated[2], lines=lines)
            return (
                f"{found}{AT_END_OF}{dated[1] or LAST_YEAR}"
                if found and found != SERIAL and found[0] != "?"
                else None
            )
        if words == "序号":
            return SERIAL
        flat = spelling(words)
        if not flat:
            return ""
        for key, label in PLACE.items():
            if spelling(label) == flat:
                return f"@{key}"
        ways = [self._entry, self._figure] if lines else [self._figure, self._entry]
        return next((found for way in (*ways, self._options) if (found := way(words))), None)

    def _entry(self, words):
        flat = spelling(words)
        return next((f"@{one.key}" for one in self.entries.values() if spelling(one.label) == flat), "")

    def _figure(self, words):
        """A figure as `label` writes it: 建档立卡户、低保户：户数."""
        heads, mark, tail = words.rpartition("：")
        measure = next((one for one in self.measures.values() if spelling(one.label) == spelling(tail)), None)
        if measure is None:
            return ""
        if not mark:
            return Expression(measure.key).text
        labels = {spelling(one.label): one for one in self.conditions.values() if one.on in measure.takes}
        keys = [self._key(part, labels, measure) for part in self._listed(heads, labels)]
        return Expression(measure.key, tuple(keys)).text if all(keys) else ""

    def _key(self, words, labels, measure):
        flat = spelling(words)
        if flat in labels:
            return labels[flat].key
        key = span_of(flat)
        return key if key and self.conditions[key].on in measure.takes else ""

    def _options(self, words):
        """A code list as `label` writes it: 1 低保户；2 其他."""
        labels = {spelling(one.label): one.key for one in self.conditions.values() if one.on == "home"}
        pairs = []
        for part in words.split("；"):
            code, _, names = part.strip().partition(" ")
            keys = (
                []
                if names == "其他"
                else [labels.get(spelling(name)) for name in self._listed(names, labels)]
            )
            if not (code.isdecimal() or code in "是否有无") or not all(keys) or not names:
                return ""
            pairs.append((code, tuple(keys)))
        return Expression(options=tuple(pairs)).text if len(pairs) > 1 else ""

    @staticmethod
    def _listed(names, labels):
        """Labels joined by 、, of which one may itself hold a 、 (砖木、砖混住房户)."""
        parts, held = names.split("、"), []
        while parts:
            for end in range(len(parts), 0, -1):
                if spelling("、".join(parts[:end])) in labels or end == 1:
                    held.append("、".join(parts[:end]))
                    parts = parts[end:]
                    break
        return held

    def choices(self):
        """Labels for the list under an input: fields, figures, and figures by one condition."""
        yield from PLACE.values()
        for one in self.entries.values():
            yield one.label
        for one in self.measures.values():
            yield one.label
        for measure in self.measures.values():
            if measure.key in ("h", "p"):
                for one in self.conditions.values():
                    if one.on in measure.takes:
                        yield f"{one.label}：{measure.label}"


@lru_cache(maxsize=8192)
def spelling(words):
    """A header as it is compared: half-width, without blanks, numbering and marks."""
    found = compact(words)
    found = re.sub(r"^(?:[(]?[一二三四五六七八九十]{1,3}[)、.]|[(]?\d{1,3}[).、])+(?=\D)", "", found)
    found = re.sub(r"(?<=\d)(?:元|周?岁)?[-—–~～至到](?=\d)", "~", found).replace("周岁", "岁")
    return re.sub(r"[\s:：。.,，;；“”\"'、*★☆※…_\-—/\\·]", "", found)


@lru_cache(maxsize=1)
def words():
    """The words of all apps."""
    made = Words()
    for source in sources():
        for kind, held in (
            ("conditions", source.conditions),
            ("measures", source.measures),
            ("entries", source.entries),
        ):
            for one in held:
                getattr(made, kind)[one.key] = one
                made.home[one.key] = source
                if kind != "entries":
                    for name in (one.label, *one.names):
                        made.spelt.setdefault(spelling(name), one)
    return made
