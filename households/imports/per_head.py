"""Net incomes that a file states beside (or instead of) the parts that they are made of: the parts count, and it is said."""

from households.imports.known import CHUNK
from households.models import Household, Income
from households.models.income import EARNED, net_of, per_head

COLUMNS = (*EARNED, "expense")
ROUNDING = 1
"""Yuan by which a stated figure may differ from the one that its parts give."""


def compare_parts(house, stated, sizes):
    """Tell of a figure per head `stated` that the parts of the same row do not give, for any of the `sizes` it may count."""
    net = net_of(*(house.income.get(name) for name in COLUMNS))
    if stated is None or net is None or not any(house.income.get(name) is not None for name in EARNED):
        return
    given = [per_head(net, size) for size in dict.fromkeys(sizes) if size]
    if given and all(abs(stated - one) > ROUNDING for one in given):
        detail = f"表里的各项收支算得人均 {given[0]} 元，这里写 {stated} 元；按各项收支算，人均这个数不记"
        house.issue("income_per_head_differs", name="percap", value=stated, detail=detail)


def compare_heads(houses):
    """`compare_parts` of households that are in the register: by the people that the file counts, or those who live there."""
    asked = [house for house in houses if house.stated_percap is not None]
    keys, sizes = sorted({house.key for house in asked}), {}
    for start in range(0, len(keys), CHUNK):
        rows = Household.objects.filter(pk__in=keys[start : start + CHUNK]).order_by()
        sizes |= dict(rows.values_list("pk", "size"))
    for house in asked:
        compare_parts(house, house.stated_percap, [house.size or sizes.get(house.key)])


def compare_register(houses, year):
    """Tell of a net income without parts, of the household or per head, where the register has the parts of that year:
    those count. `houses` are those with a `key`; one query for 500 of them."""
    asked = {house.key: house for house in houses if house.key and not any(house.income.get(name) is not None for name in EARNED)
             and (house.percap is not None or house.net is not None)}  # fmt: skip
    keys = list(asked)
    for start in range(0, len(keys), CHUNK):
        held = Income.objects.filter(household__in=keys[start : start + CHUNK], year=year).order_by()
        for key, persons, *parts in held.values_list("household", "persons", *COLUMNS):
            net, house = net_of(*parts), asked[key]
            if net is None or all(part is None for part in parts[: len(EARNED)]):
                continue
            if house.percap is not None:
                name, word, stated, counts = "percap", "人均", house.percap, per_head(net, persons)
            else:
                name, word, stated, counts = "net", "家庭纯收入", house.net, net
            if counts is not None and abs(stated - counts) > ROUNDING:
                detail = f"登记的 {year} 年各项收支算得{word} {counts} 元，表里写 {stated} 元；按登记的各项收支算，要改请填各项收支"
                house.issue("income_parts_stand", name=name, value=stated, detail=detail)
