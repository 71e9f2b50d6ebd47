"""Figures of households and people by place and day: `measured` answers them all in one pass over the households.

What the kept counts of the dashboard hold (a figure of `households.stats` over a village, a township, a county today)
is read from there: one row a place, however many households.
"""

from decimal import Decimal

from fupin.onetable.vocabulary import Unknown, parsed
from households import lines, stats
from households.indicators.homes import Reading, is_past
from households.indicators.words import HOME, MEASURES, ON, PERSON, SUMS, TESTS
from households.models import RegionCount

BY_KEY = {measure.key: measure for measure in MEASURES}
NO_PAST = "这一天没有历史数据"


class Counter:
    """How one expression is added up over households."""

    def __init__(self, text, base=()):
        self.text = text
        expression = parsed(text)
        self.measure = expression.measure
        keys = [*base, *expression.conditions]
        self.keys = keys
        self.tests = [(key, TESTS[key]) for key in keys]
        self.people = [test.holds for key, test in self.tests if ON[key] == PERSON]
        self.homes = [(key, test) for key, test in self.tests if ON[key] == HOME]
        self.value = SUMS[self.measure][0] if self.measure in SUMS else None
        self.needs = frozenset().union(
            *(test.needs for _, test in self.tests),
            SUMS[self.measure][1] if self.measure in SUMS else frozenset(),
        )
        self.flags = {test.flag for _, test in self.tests if test.flag}

    def of(self, home, flagged):
        """What a household adds; None where it says nothing."""
        for _, test in self.homes:
            if not (flagged(home, test.flag) if test.flag else test.holds(home)):
                return None if self.value else 0
        return self.adds(home)

    def adds(self, home):
        """What a household that meets the conditions on households adds."""
        if self.value:
            return self.value(home)
        if self.people:
            count = sum(all(holds(person) for holds in self.people) for person in home.people)
            return int(count > 0) if self.measure == "h" else count
        return 1 if self.measure == "h" else home.row["size"]


def _past_flag(home, key):
    """A figure of stats whose column is kept for today only, judged on what was read for the day."""
    if key == "income-none":
        return home.per_capita is None
    if key == "income-below":
        return home.per_capita is not None and home.line is not None and home.per_capita < home.line
    if key == "uninsured":
        return any(
            one.get("medical_resident") is False and not one.get("medical_employee") for one in home.people
        )
    if key == "out-of-school":
        return any(one.get("dropout_reason") for one in home.people)
    return home.flags.get(key, False)


JUDGED = {"income-none": "income", "income-below": "income", "uninsured": "people", "out-of-school": "people"}


def expand(texts, base=()):
    """The expressions to count: of a rate its two parts. `{text: (top, bottom) or None}`"""
    found = {}
    for text in texts:
        one = parsed(text)
        measure = BY_KEY[one.measure]
        if measure.parts:
            parts = []
            for part in measure.parts:
                held = parsed(part)
                keys = list(dict.fromkeys([*one.conditions, *held.conditions]))
                parts.append(f"{held.measure}|{'+'.join(keys)}")
            found[text] = tuple(parts)
        else:
            found[text] = None
    return found


def measured(asked, texts, places, *, step=None):
    """`{path: {text: value}}` for each of `places` (paths, none inside another). A value is a number, None (unknown or
    a rate without denominator) or Unknown."""
    wanted = expand(texts)
    plain = list(dict.fromkeys(part for text, parts in wanted.items() for part in (parts or (text,))))
    kept = _kept(asked, plain, places)
    rest = [text for text in plain if text not in kept]
    counted = _counted(asked, rest, places, step) if rest else {}
    found = {}
    for place in places:
        values = {text: kept[text][place] for text in kept} | counted.get(place, {})
        found[place] = {
            text: values[text]
            if parts is None
            else rate(BY_KEY[parsed(text).measure], *(values[part] for part in parts))
            for text, parts in wanted.items()
        }
    return found


def rate(measure, top, bottom):
    """A quotient; None without denominator. A share of 1 where the unit is %, otherwise rounded to the cent."""
    for part in (top, bottom):
        if isinstance(part, Unknown):
            return part
    if top is None or not bottom:
        return None
    value = Decimal(top) / Decimal(bottom)
    return value if measure.unit == "%" else value.quantize(Decimal("0.01"), "ROUND_HALF_UP")


def _kept(asked, texts, places):
    """`{text: {path: value}}` of what the kept counts answer for the user's own places."""
    if (
        is_past(asked)
        or getattr(asked, "base", ())
        or any(len(place) not in stats.KEPT_WIDTHS for place in places)
    ):
        return {}
    if asked.user.may_by_pairing("household_view"):
        return {}
    found = {}
    for text in texts:
        one = parsed(text)
        if one.measure in ("h", "p") and len(one.conditions) <= 1:
            key = one.conditions[0] if one.conditions else "all"
            if key in stats.BY_KEY:
                found[text] = (key, "hp".index(one.measure))
    if not found:
        return {}
    rows = {
        row.region_path: row
        for row in RegionCount.objects.unscoped("hanging").filter(region_path__in=places, day=asked.today)
    }
    if len(rows) < len(places):
        for place in places:
            if place not in rows:
                figures = stats.count([place], stats.Day.of(asked.today), len(place)).get(place, {})
                rows[place] = RegionCount(region_path=place, figures=figures)
    return {
        text: {place: rows[place].figures.get(key, (0, 0))[n] for place in places}
        for text, (key, n) in found.items()
    }


def _counted(asked, texts, places, step):
    widths = sorted({len(place) for place in places})
    sums = {place: {} for place in places}

    def of(path):
        return [sums[path[:width]] for width in widths if path[:width] in sums]

    counting = _Counting(asked, texts)
    for area in _areas(places):
        counting.run(area, lambda home: of(home.row["region_path"]), step)
    return {place: counting.values(held) for place, held in sums.items()}


def grouped(asked, texts, path, place, *, among=None):
    """`{line: {text: value}}` of the place `path`: `place(path of a household)` names its lines. For reports, whose lines
    may hold what lies in no place below; `among` narrows to the households of a list (a queryset)."""
    counting, sums = Grouped(asked, texts, among=among), {}
    counting.read(path, lambda home: [sums.setdefault(line, {}) for line in place(home.row["region_path"])])
    return counting.values(sums, texts)


class Grouped:
    """`grouped` in two steps: the sums that can still be added up, and the values that they give."""

    def __init__(self, asked, texts, *, among=None):
        self.wanted = expand(texts)
        plain = dict.fromkeys(part for text, parts in self.wanted.items() for part in (parts or (text,)))
        self.counting = _Counting(asked, list(plain), among)

    def read(self, path, of):
        """Add every household under `path` to the sums (dicts) that `of(home)` gives."""
        self.counting.run(path, of)

    def parts(self, texts):
        """The sums that the values of `texts` are made of."""
        return list(dict.fromkeys(part for text in texts for part in (self.wanted[text] or (text,))))

    def values(self, sums, texts):
        """`{line: {text: value}}` of the sums of lines."""
        found, plain = {}, self.parts(texts)
        for line, held in sums.items():
            values = self.counting.values(held, plain)
            found[line] = {
                text: values[text]
                if self.wanted[text] is None
                else rate(BY_KEY[parsed(text).measure], *(values[part] for part in self.wanted[text]))
                for text in texts
            }
        return found


class _Counting:
    """Expressions being added up household by household. `asked.base` (of a form) narrows all of them."""

    def __init__(self, asked, texts, among=None):
        self.asked = asked
        self.counters = [Counter(text, getattr(asked, "base", ())) for text in texts]
        self.by_text = {one.text: one for one in self.counters}
        self.past, self.done = is_past(asked), 0
        flags = {flag for one in self.counters for flag in one.flags}
        needs = frozenset().union(*(one.needs for one in self.counters))
        if self.past:
            needs |= {JUDGED[flag] for flag in flags if flag in JUDGED}
            flags -= set(JUDGED)
        self.reading = Reading(asked, tuple(sorted(flags)), needs, lean=True, among=among)
        below = self.past and any("income-below" in one.flags for one in self.counters)
        self.lines = lines.all_lines() if below else None
        self.tests = {key: test for one in self.counters for key, test in one.homes}
        heads = [one for one in self.counters if one.measure == "p" and one.people]
        self.heads = [(one.text, [key for key, _ in one.homes], one.people) for one in heads]
        self.rest = [(one, [key for key, _ in one.homes]) for one in self.counters if one not in heads]

    def run(self, area, of, step=None):
        """Add every household under `area` to the sums that `of(home)` gives. What several figures ask of a household
        is judged once."""
        flagged = _past_flag if self.past else lambda home, key: home.flags[key]
        tests = list(self.tests.items())
        for home in self.reading.homes(area):
            if self.lines is not None:
                home.line = lines.line_for(
                    home.income.get("year") or self.asked.as_of.year, home.row["region_path"], self.lines
                )
            self.done += 1
            if step and self.done % 2000 == 0:
                step(self.done, 0)
            into = of(home)
            if not into:
                continue
            true = {
                key for key, test in tests if (flagged(home, test.flag) if test.flag else test.holds(home))
            }
            found = []
            for text, keys, holds in self.heads:
                if all(key in true for key in keys):
                    first, others = holds[0], holds[1:]
                    count = 0
                    for person in home.people:
                        if first(person) and (not others or all(other(person) for other in others)):
                            count += 1
                    if count:
                        found.append((text, count))
            for one, keys in self.rest:
                if not keys or all(key in true for key in keys):
                    value = one.adds(home)
                    if value is not None:
                        found.append((one.text, value))
            for held in into:
                for text, value in found:
                    held[text] = held.get(text, 0) + value

    def values(self, held, texts=None):
        lost = self.reading.unknown
        some = self.counters if texts is None else [self.by_text[text] for text in texts]
        return {
            one.text: Unknown(NO_PAST) if one.flags & lost else held.get(one.text, None if one.value else 0)
            for one in some
        }


def _areas(places):
    """The fewest subtrees that hold all `places`: their common parent where there are many."""
    if len(places) == 1:
        return places
    first, last = min(places), max(places)
    width = 0
    while width < min(len(first), len(last)) and first[width] == last[width]:
        width += 1
    fitting = [w for w in (0, 2, 4, 6, 9, 12, 14) if w <= width]
    return [first[: fitting[-1]]]


def of_home(home, text, flagged):
    """The value of an expression for one household."""
    one = parsed(text)
    measure = BY_KEY[one.measure]
    if measure.parts:
        parts = expand([text])[text]
        return rate(measure, *(Counter(part).of(home, flagged) for part in parts))
    return Counter(text).of(home, flagged)
