"""The rows of a form that wants a line for each household, or for each person."""

from fupin.audit.seen import look
from fupin.onetable.vocabulary import parsed
from households.indicators.entries import ENTRIES, PERSON, READ
from households.indicators.figures import Counter, of_home
from households.indicators.homes import Reading
from households.indicators.words import MEASURES, TESTS

PEOPLE = {entry.key for entry in ENTRIES if entry.row == PERSON}
BY_KEY = {measure.key: measure for measure in MEASURES}


def listed(asked, kind, texts, path, *, only=None):
    """`(home's number, {text: value})` for each line of the place, in the order of the book. Values are masked by the
    caller. A condition on people (a form of the disabled) leaves the people who do not meet it out."""
    needs, flags = set(), set()
    for text in texts:
        one = parsed(text)
        if one.entry:
            needs |= set(READ[one.entry][0].split())
        for key in _keys(one):
            needs |= TESTS[key].needs
            flags |= {TESTS[key].flag} - {""}
        if one.measure:
            for part in BY_KEY[one.measure].parts or (text,):
                counter = Counter(part)
                needs |= counter.needs
                flags |= counter.flags
    base = Counter("h|" + "+".join(asked.base)) if asked.base else None
    if base:
        needs |= base.needs
        flags |= base.flags
    if kind == PERSON:
        needs.add("people")
    reading = Reading(asked, tuple(sorted(flags)), frozenset(needs))
    flagged = lambda home, key: home.flags.get(key, False)  # noqa: E731
    for home in reading.homes(path, only=only):
        if base and not base.of(home, flagged):
            continue
        look([home.row["id"]], [one.row["id"] for one in home.people if kind != PERSON])
        if kind != PERSON:
            yield home.row["number"], {text: value_of(home, None, text, flagged) for text in texts}
            continue
        for person in home.people:
            if base and base.people and not all(holds(person) for holds in base.people):
                continue
            look(members=[person.row["id"]])
            yield home.row["number"], {text: value_of(home, person, text, flagged) for text in texts}


def _keys(one):
    return [key for _, keys in one.options for key in keys] if one.options else one.conditions


def _holds(counter, home, person, flagged):
    """Whether a condition holds of the line: of the person, where it is one and the condition is about people."""
    if person is not None and counter.people:
        return all(holds(person) for holds in counter.people)
    return counter.of(home, flagged)


def value_of(home, person, text, flagged):
    """What one line has in a column."""
    one = parsed(text)
    if one.entry:
        own = (
            person if person is not None or one.entry not in PEOPLE else home.head
        )  # a household's line tells of its head
        return READ[one.entry][1](home, own)
    if one.options:
        for code, keys in one.options:
            if all(_holds(Counter(f"h|{key}"), home, person, flagged) for key in keys):
                return code
        return ""
    if person is not None and one.measure in ("h", "p"):
        held = Counter(text)
        return "是" if held.of(home, flagged) and all(holds(person) for holds in held.people) else "否"
    return of_home(home, text, flagged)
