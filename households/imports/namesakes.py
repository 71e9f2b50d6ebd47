"""People of a file who may be somebody already in the book: same name, birth date and village, another ID number."""

from functools import lru_cache

from django.db import connection

from fupin.bulk import take_keys
from fupin.regions.ranges import TOGETHER, inside, placed, places_for
from households import codes, kept
from households.imports.crosschecks import insert_clues
from households.imports.known import CHUNK
from households.models import CrossCheck, Household, Member


def among(fresh):
    """`[(house, person, words about the other one)]` of those of `fresh` (house, person) who have a namesake, in the
    book or in the same file. One query per 50 villages that have new people, over the people of these villages."""
    wanted = {}
    for house, person in fresh:
        wanted.setdefault((house.village.path, person.name, str(person.birth)), []).append((house, person))
    held = _held(wanted)
    found = []
    for key, people in wanted.items():
        for house, person in people:
            others = [other.number for other, who in people if who is not person] + held.get(key, [])
            if others:
                found.append((house, person, others[-1]))
    return found


@lru_cache(maxsize=2)
def _statement(places):
    """The statement for the people of so many villages, with its parameters (see `fupin.regions.ranges`). By way of the
    households, which have an index of places, and in no order: both keep SQLite from reading everybody."""
    rows = Household.objects.order_by().filter(
        inside(places), members__left_on__isnull=True, members__order__gte=0
    )
    columns = ("region_path", "members__name", "members__birth", "members__pk", "number")
    return rows.values_list(*columns).query.sql_with_params()


def _held(wanted):
    """`{(village, name, birth as text): [household number]}` of the people in the book who share one of these keys."""
    villages = sorted({village for village, *_ in wanted})
    found = {}
    for start in range(0, len(villages), TOGETHER):
        some = villages[start : start + TOGETHER]
        sql, params = _statement(places_for(some))
        with connection.cursor() as cursor:
            cursor.execute(sql, placed(params, some))
            for path, name, birth, member, number in cursor:
                key = (path[:12], name, str(birth))
                if key in wanted:
                    found.setdefault(key, []).append((member, number))
    return {key: [number for _, number in sorted(held)] for key, held in found.items()}


def write(found, *, by, batch):
    """One clue for each of them, once they are in the book."""
    numbers = [person.number for _, person, _ in found]
    members = {}
    for start in range(0, len(numbers), CHUNK):
        rows = Member.objects.active().filter(id_number__in=numbers[start : start + CHUNK]).order_by()
        for number, key, household, path in rows.values_list("id_number", "pk", "household", "region_path"):
            members[number] = (key, household, path)
    rows, events = [], []
    for (_, person, other), key in zip(found, take_keys(CrossCheck, len(found))):
        member, household, path = members[person.number]
        fact = f"疑似同一人：与户 {other} 的{person.name}同名、同出生日期、同村，证件号码不同"
        rows.append((household, member, path, "名册导入", fact[:200], "", str(other)[:32], False, key))
        events.append((f"households.crosscheck:{key}", path, {"batch": batch, "household": household}))
    insert_clues(rows, events, kind=codes.CheckKind.SAME_PERSON, by=by)
    kept.refresh({row[0] for row in rows}, names=False)
