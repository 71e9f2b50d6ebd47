"""Where the figures of a form come from: the apps' sources by name, for a region, a day and the one who asks."""

from dataclasses import replace
from datetime import date

from fupin.onetable.deriving import worked_out
from fupin.onetable.vocabulary import AT_END_OF, LESS, PLUS, SERIAL, Unknown, is_derived, parsed
from fupin.regions.models import Region

FIRST_YEAR = 2014
"""Before it there is no register."""
SUMMED = {"size", "labour_size", "project_households", "project_persons"}
"""Fields of rows that a total adds up besides those with a unit."""
SUMMED_UNITS = {"元", "亩", "户", "人", "次", "天", "篇", "个"}


def is_place(text):
    """Whether an expression is answered by the place and the day alone."""
    return text.startswith("@") and (text[1:].startswith("place.") or text[1:] in ("today", "year", "sum"))


def asked_of_rows(texts):
    """The expressions that a source has to answer."""
    return {text for text in texts if text and text != SERIAL and not is_place(text)}


def _parted(texts):
    """`(expressions that sources answer, those that are worked out from them)`."""
    texts = list(dict.fromkeys(texts))
    derived = [text for text in texts if is_derived(text)]
    terms = [term for text in derived for term in parsed(text).terms]
    return list(dict.fromkeys([*(text for text in texts if not is_derived(text)), *terms])), derived


class Figures:
    """The answers to expressions. `known` the Words, `region` the place that is filled."""

    def __init__(self, known, asked, region, step=None):
        self.known, self.asked, self.region, self.step = known, asked, region, step
        self._names = None

    def measured(self, texts, places):
        """`{place: {text: value}}` from every source that is asked."""
        plain, derived = _parted(texts)
        found = self._measured(plain, places)
        for values in found.values():
            values |= {text: worked_out(text, values) for text in derived}
        return found

    def _measured(self, texts, places):
        found = {place: {} for place in places}
        by_source = {}
        for text in dict.fromkeys(texts):
            if not text or text == SERIAL or is_place(text):
                continue
            one = parsed(text)
            if one.entry or one.options:
                continue
            by_source.setdefault((self.known.source_of(one), self._year(one)), []).append(text)
        for (source, year), held in by_source.items():
            if not self._may(source):
                for place in places:
                    found[place] |= dict.fromkeys(held, Unknown("您的岗位不能看这类数据"))
                continue
            now = self.asked.as_of.year
            if year and not FIRST_YEAR <= year <= now:
                for place in places:
                    found[place] |= dict.fromkeys(held, Unknown(f"没有 {year} 年的数"))
                continue
            past = year and year != now
            asked = replace(self.asked, day=date(year, 12, 31), year=year) if past else self.asked
            bare = {text: text.partition(AT_END_OF)[0] for text in held}
            for place, values in source.measured(asked, list(bare.values()), places, step=self.step).items():
                found[place] |= {text: values.get(own) for text, own in bare.items()}
        return found

    def whole(self, texts):
        """The figures of the region itself: what the totals show."""
        return self.measured(texts, [self.region.path])[self.region.path]

    def lines_of(self, source, kind, texts, **how):
        """The lines of `_lines_of`, with what is worked out from them."""
        plain, derived = _parted(texts)
        for key, values in self._lines_of(source, kind, plain, **how):
            yield key, values | {text: worked_out(text, values) for text in derived}

    def _lines_of(self, source, kind, texts, *, base=(), only=None, path=""):
        """The lines of the region, or of `path` in it, as `(key, {text: value})`; what a text wants of an earlier year is looked up by the
        household's number."""
        asked, now = replace(self.asked, base=tuple(base)), self.asked.as_of.year
        path = path or self.region.path
        own = {text: text.partition(AT_END_OF)[0] for text in texts if self._year(parsed(text)) in (0, now)}
        older, years = {}, {}
        for text in texts:
            if text not in own:
                years.setdefault(self._year(parsed(text)), []).append(text)
        for year, held in years.items():
            if kind != "household" or not FIRST_YEAR <= year < now:
                for text in held:
                    older[text] = lambda _, year=year: Unknown(f"逐行的表里没有 {year} 年的数")
                continue
            bare = {text: text.partition(AT_END_OF)[0] for text in held}
            past = replace(self.asked, day=date(year, 12, 31), year=year, base=())
            then = dict(source.listed(past, kind, sorted(set(bare.values())), path, only=only))
            for text in held:
                older[text] = lambda home, then=then, bare=bare[text]: then.get(home, {}).get(bare)
        for home, values in source.listed(
            asked, kind, sorted(set(own.values())), path, **({"only": only} if only else {})
        ):
            found = {text: values.get(bare) for text, bare in own.items()}
            yield home, found | {text: find(home) for text, find in older.items()}

    def _year(self, one):
        return self.asked.as_of.year + one.year if one.year < 0 else one.year

    def _may(self, source):
        return all(
            any(self.region.path.startswith(path) for path in self.asked.user.paths(need))
            for need in source.needs
        )

    def place_value(self, text):
        """What the region and the day answer."""
        names = self._known_names()
        path, key = self.region.path, text[1:]
        return {
            "place.name": self.region.short_name, "place.county": names.get(path[:6], "") if len(path) >= 6 else "",
            "place.town": names.get(path[:9], "") if len(path) >= 9 else "", "place.village": names.get(path[:12], "") if len(path) >= 12 else "",
            "place.group": names.get(path, "") if len(path) == 14 else "", "place.code": self.region.code, "today": self.asked.as_of,
            "year": self.asked.as_of.year, "sum": None,
        }[key]  # fmt: skip

    def _known_names(self):
        if self._names is None:
            self._names = Region.objects.names({self.region.path})
        return self._names

    def adds(self, text):
        """Whether a total adds the values of an expression up."""
        one = parsed(text)
        if one.op:
            return one.op in (LESS, PLUS) and all(map(self.adds, one.terms))
        if one.entry:
            entry = self.known.entries[one.entry]
            return one.entry != "percap" and entry.unit in SUMMED_UNITS or one.entry in SUMMED
        return bool(one.measure) and self.known.measures[one.measure].additive

    def is_average(self, text):
        """Whether an expression is a field of each row that no total adds up, though it is a number: 人均纯收入."""
        entry = self.known.entries.get(parsed(text).entry) if text != SERIAL else None
        return (
            entry is not None and bool(entry.unit) and not self.adds(text) and not self.known.quotient(text)
        )

    def is_words(self, text):
        """Whether an expression gives no number that a total could have."""
        one = parsed(text)
        if self.known.quotient(text):
            return False
        if one.entry:
            return not self.adds(text) if one.entry in self.known.entries else True
        return bool(one.measure) and not self.known.measures[one.measure].unit
