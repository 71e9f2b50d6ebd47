"""Lines that a form has already: places named at the left or over the columns, households and people by number or name."""

from decimal import Decimal

from fupin.accounts.roles import Permission as P
from fupin.excel.cleaning import compact
from fupin.excel.table import letter_of
from fupin.onetable import matching
from fupin.onetable.figures import asked_of_rows, is_place
from fupin.onetable.sections import WHOLE, unnumbered
from fupin.onetable.structure import flat
from fupin.onetable.vocabulary import SERIAL, Unknown
from fupin.regions.models import Level, Region
from fupin.regions.names import town_key, village_key


def named(filling, copy, block, said):
    """Rows on which the form already names the place."""
    grid = filling.grids[block.sheet]
    places, found = Named(filling), {}
    for row, titles in block.labels.items():
        found[row] = places.of([*block.sections, *titles])
    levels = {}
    for place in found.values():  # a township's row may stand above those of its villages
        if isinstance(place, Region):
            levels.setdefault(place.level, {})[place.path] = None
    values = {}
    for held in levels.values():
        values |= filling.figures.measured(said["columns"].values(), list(held))
    tops = _tops([place for place in found.values() if isinstance(place, Region)])
    for row, titles in block.labels.items():
        place = found[row]
        if isinstance(place, str):
            filling.cells.note(f"{block.sheet} 第 {row} 行", " ".join(titles), place)
            continue
        filling.out.rows += 1
        for key, text in said["columns"].items():
            if text and not is_place(text) and grid.free(row, int(key)):
                value = values[place.path].get(text)
                filling.cells.write(copy, block, said, key, row, int(key), text, value, judged=place in tops)
    total = _total(filling, [place for place in found.values() if isinstance(place, Region)], values)
    for row in block.totals:
        for key, text in said["columns"].items():
            if text and not is_place(text) and grid.free(row, int(key)):
                filling.cells.write(copy, block, said, key, row, int(key), text, total(text), total=True)


def _total(filling, places, values):
    """A function from an expression to what the form's own total is: that of the region where the rows are all its villages
    (townships, groups), else the sum of the rows; a rate of some villages is nobody's."""
    tops = _tops(places)
    levels = {place.level for place in tops}
    region, whole = filling.region, {}
    if len(levels) == 1:
        every = Region.objects.visible_to(filling.asked.user, P.REPORT_EXPORT).within(region)
        if every.filter(level=levels.pop(), valid_to=None).count() == len(tops):
            whole = filling.figures.whole({text for held in values.values() for text in held})

    def told(text):
        if whole:
            return whole.get(text)
        if not tops or not filling.figures.adds(text):
            return Unknown("表上的行不全，合计不能算")
        held = [values[place.path].get(text) for place in tops]
        known = [value for value in held if isinstance(value, int | Decimal)]
        return sum(known) if known else None

    return told


def _tops(places):
    """Places that lie in none of the others."""
    by_path = {place.path: place for place in places}
    return [
        place
        for path, place in by_path.items()
        if not any(path.startswith(other) and path != other for other in by_path)
    ]


class Named:
    """The places of the region by name. Two villages of a county may have one name: a township beside it tells which."""

    def __init__(self, filling):
        rows = Region.objects.visible_to(filling.asked.user, P.REPORT_EXPORT).within(filling.region)
        self.by_key = {}
        for row in rows.filter(valid_to=None, level__gte=Level.COUNTY).order_by("path"):
            short = town_key if row.level == Level.TOWNSHIP else village_key
            for name in {row.name, row.short_name}:
                for key in {name, short(name)}:
                    self.by_key.setdefault(key, {})[row.path] = row

    def of(self, titles):
        """The Region that the last title with a place names, in the one before it where several have the name; else why
        there is none, in words."""
        found = [held for title in titles if (held := self._at(title))]
        if not found:
            return "这个地名不在所选区域内，或系统里没有"
        last = list(found[-1].values())
        for above in reversed(found[:-1]):
            inside = [
                row for row in last if any(row.path.startswith(path) and row.path != path for path in above)
            ]
            last = inside or last
        return last[0] if len(last) == 1 else "区域里有几个同名的，请在表上写明乡镇，或选到乡镇再填"

    def has(self, title):
        return bool(self._at(title))

    def _at(self, title):
        title = unnumbered(flat(title))
        keys = (title, village_key(title), town_key(title))
        return next((self.by_key[key] for key in keys if key in self.by_key), {})


def across(filling, copy, block, said):
    """Single cells, each of the place that stands over its column."""
    places, by_column = Named(filling), {}
    for key, text in said["cells"].items():
        by_column.setdefault(int(key.partition(",")[2]), []).append((key, text))
    for column, held in by_column.items():
        titles = block.columns.get(column, [""])
        place = filling.region if WHOLE.fullmatch(compact(titles[-1])) else places.of(titles)
        if isinstance(place, str):
            filling.cells.note(f"{block.sheet} {letter_of(column - 1)} 列", titles[-1], place)
            continue
        values = filling.figures.measured([text for _, text in held], [place.path])[place.path]
        for key, text in held:
            row = int(key.partition(",")[0])
            if text and not is_place(text):
                filling.cells.write(copy, block, said, key, row, column, text, values.get(text))


KEYS = {"homes": ("hh_no", "head_name"), "people": ("id", "name")}


def lines(filling, copy, block, said):
    """Rows on which the form already names a household or a person: by number, else by a name that nobody else has."""
    grid, kind = filling.grids[block.sheet], {"homes": "household", "people": "person"}[said["rows"]]
    number, name = KEYS[said["rows"]]
    at = {}
    for column, titles in block.columns.items():
        one = matching.field_of(titles, kind)
        if one is not None and one.key in (number, name, "head_name", "hh_no"):
            at.setdefault(one.key, column)
    wanted = sorted({*asked_of_rows(said["columns"].values()), *(f"@{key}" for key in at)})
    source = filling.known.lists(kind)
    filling.may_list(said.get("base", ()))
    given = {
        row: {key: compact(grid.words(row, column)).upper() for key, column in at.items()}
        for row in block.labels
    }
    found = {row: [] for row in given}
    by = {}
    for row, keys in given.items():
        by.setdefault(keys.get(number) or keys.get(name), []).append(row)
    only = _only(grid, block.labels, at)
    for _, values in filling.figures.lines_of(source, kind, wanted, only=only):
        held = {key: compact(str(values.get(f"@{key}") or "")).upper() for key in at}
        for row in {*by.get(held.get(number), ()), *by.get(held.get(name), ())}:
            if all(not words or words == held[key] for key, words in given[row].items()):
                found[row].append(values)
    for row, lines in found.items():
        if len(lines) != 1:
            why = "同名的不止一个，请在表上写编号" if lines else "不在所选区域内，或系统里没有"
            filling.cells.note(f"{block.sheet} 第 {row} 行", " ".join(filter(None, given[row].values())), why)
            continue
        filling.out.rows += 1
        for key, text in said["columns"].items():
            if text and text != SERIAL and grid.free(row, int(key)):
                value = filling.figures.place_value(text) if is_place(text) else lines[0].get(text)
                filling.cells.write(copy, block, said, key, row, int(key), text, value, line=True)


def _only(grid, rows, at):
    """`(numbers, names)` of households and people that the rows name; None where they give neither."""

    def words(*keys):
        return sorted({grid.words(row, at[key]).strip() for key in keys if key in at for row in rows} - {""})

    numbers, names = words("hh_no"), words("head_name", "name")
    return (numbers, names) if numbers or names else None
