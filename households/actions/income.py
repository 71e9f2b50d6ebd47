"""The lines that an income is made of: what they sum to, and how they are kept.

A category's total is the sum of its counted lines once there are any; without lines the typed total stands. Lines
of items that the county does not count (不计入收入) are kept beside them and change no total.
"""

from decimal import Decimal

from django.db import transaction
from django.db.models import F

from fupin.audit.record import record
from households.models import IncomeGroup, IncomeItem, IncomeLine

TOTALS = {
    IncomeGroup.WAGE: "wage",
    IncomeGroup.OPERATING: "operating",
    IncomeGroup.PROPERTY: "property",
    IncomeGroup.TRANSFER: "transfer",
    IncomeGroup.EXPENSE: "expense",
}
"""The column of Income that holds each category's total."""


class Mismatch(Exception):
    """A typed total that is not the sum of its lines."""

    def __init__(self, column, typed, lines):
        super().__init__(column)
        self.column, self.typed, self.lines = column, typed, lines


def lines_of(household, year):
    """`{code of the item: amount}` of one data year."""
    rows = IncomeLine.objects.filter(income__household=household, income__year=year)
    return dict(rows.order_by("item__code").values_list("item__code", "amount"))


def items_for(household_path, year, held=()):
    """The items of the form at a place and year, and those of the codes `held` that no longer apply there."""
    items = IncomeItem.objects.in_force(household_path, year)
    missing = set(held) - {item.code for item in items}
    if missing:
        older = {item.code: item for item in IncomeItem.objects.filter(code__in=missing).order_by("pk")}
        items += [older[code] for code in sorted(older)]
    return items


def sums(items, amounts):
    """`{column of Income: sum}` of the categories that have a counted line. `amounts`: {code: yuan or None}."""
    found = {}
    for item in items:
        amount = amounts.get(item.code)
        if amount is not None and item.counted:
            column = TOTALS[item.group]
            found[column] = found.get(column, Decimal(0)) + amount
    return found


def settle(items, amounts, typed, *, before_amounts, before_totals):
    """The totals that hold, `{column: yuan or None}`, and a Mismatch for each that cannot.

    `before_*` is what stood when the page was opened. A total that nobody touched follows its lines; one that was
    typed must equal them; where neither was touched both stay, so that correcting a phone number never turns over
    an imported total.
    """
    totals, wrong = dict(typed), []
    for column, lines in sums(items, amounts).items():
        total = typed.get(column)
        if total is None or total == lines:
            totals[column] = lines
            continue
        own = [item.code for item in items if TOTALS[item.group] == column]
        same_lines = all(amounts.get(code) == before_amounts.get(code) for code in own)
        same_total = total in before_totals.get(column, ())
        if same_total and not same_lines:
            totals[column] = lines
        elif not same_total:
            wrong.append(Mismatch(column, total, lines))
    return totals, wrong


def save_lines(income, items, amounts):
    """Write the lines of one income: new, changed, and those that were emptied taken out."""
    held = {row.item.code: row for row in income.lines.select_related("item").order_by("pk")}
    for item in items:
        amount, row = amounts.get(item.code), held.get(item.code)
        if amount is None:
            if row is not None:
                row.delete()
        elif row is None:
            IncomeLine.objects.create(income=income, item=item, amount=amount, counted=item.counted)
        elif (row.item_id, row.amount, row.counted) != (item.pk, amount, item.counted):
            row.item, row.amount, row.counted = item, amount, item.counted
            row.save()


class ItemStale(Exception):
    """Somebody else saved the item since it was read."""


@transaction.atomic
def save_item(*, fields, by, item=None, version=None, like=None):
    """Add an item that a county counts (`item` None), or change one.

    `fields`: values by column. `like`: an item whose code the new one shares, because it says otherwise for its
    place or years; without it a fresh code is drawn. Lines that were saved keep the rule of their day. Raises
    ItemStale when the item is no longer at `version`, ValidationError when the constraints forbid it.
    """
    before = {} if item is None else {name: getattr(item, name) for name in fields}
    if item is None:
        code = like.code if like else _fresh_code(fields["group"])
        item = IncomeItem(code=code, **fields)
        item.full_clean()
        item.save()
    else:
        changed = IncomeItem(
            pk=item.pk, **{f.name: getattr(item, f.name) for f in item._meta.concrete_fields} | fields
        )
        changed._state.adding = False
        changed.full_clean()
        rows = IncomeItem.objects.filter(pk=item.pk, version=version)
        if not rows.update(**fields, version=F("version") + 1):
            raise ItemStale
        item.refresh_from_db()
    labels = {name: str(IncomeItem._meta.get_field(name).verbose_name) for name in fields}
    changes = [
        [labels[name], _word(before.get(name)), _word(value)]
        for name, value in fields.items()
        if before.get(name) != value
    ]
    record(
        "income_item.edit" if before else "income_item.create", item, by=by, region_path=item.region_path,
        code=item.code, changes=changes,
    )  # fmt: skip
    return item


def _word(value):
    return (
        {None: "", True: "是", False: "否"}.get(value, value)
        if value is None or value in (True, False)
        else str(value)
    )


def _fresh_code(group):
    """The next code of a category: L06 after L05. Call inside the transaction."""
    taken = (
        IncomeItem.objects.select_for_update().filter(code__startswith=group).values_list("code", flat=True)
    )
    numbers = [int(code[1:]) for code in taken.order_by("code") if code[1:].isdigit()]
    return f"{group}{max(numbers, default=0) + 1:02}"
