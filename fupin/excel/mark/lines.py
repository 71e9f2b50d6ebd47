"""A text table, marked: its own lines, coding and separator, a column at the end that says what is wrong in each record.

Text has no colours and no notes, so the column says everything; a cell that was corrected has its new text.
"""

import csv
import io

import delimited
from limits import Refused

_LEADING = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a text for a formula."""


def marked(data, said, target):
    """Write the text in `data` with its marks to `target`. `said` {sheet: marks}. Raises Refused where its coding is in doubt."""
    (marks,) = said.values()
    text, codec = delimited.read_as(data)
    if codec is None:
        raise Refused("file_type_mismatch", "编码有疑问")
    delimiter = delimited.delimiter_of(text)
    records = list(_records(text, delimiter))
    width = max((len(cells) for _, cells, _ in records), default=0)
    corrected = {}
    for row, column, value in marks["values"]:
        corrected.setdefault(row, {})[column - 1] = value
    heads = set(marks["heads"]) or {
        next((number for number, (_, cells, _) in enumerate(records, 1) if any(cells)), 1)
    }
    told = {int(row): line for row, (_, line) in marks["rows"].items()}
    out = []
    for number, (line, cells, end) in enumerate(records, 1):
        last = marks["label"] if number in heads else told.get(number, "")
        if number in corrected:
            cells = [*cells, *[""] * (max(corrected[number]) + 1 - len(cells))]
            for at, value in corrected[number].items():
                cells[at] = _harmless(value)
            line = _written(cells, delimiter)
        if last:
            line += delimiter * (width - len(cells)) + delimiter + _written([last], delimiter)
        out.append(line + end)
    for note in marks["notes"]:
        out.append(delimiter * width + _written([note], delimiter) + (records[-1][2] if records else "\r\n"))
    target.write("".join(out).encode(codec))


def _records(text, delimiter):
    """`(text without its end, cells, end)` of each record as the file has it."""
    quoting = csv.QUOTE_MINIMAL if text.count('"') % 2 == 0 else csv.QUOTE_NONE
    csv.field_size_limit(len(text) + 1)
    taken = []

    def lines():
        for line in io.StringIO(text, newline=""):
            taken.append(line)
            yield line.replace("\0", "")

    for cells in csv.reader(lines(), delimiter=delimiter, quoting=quoting):
        whole = "".join(taken)
        taken.clear()
        bare = whole.rstrip("\r\n")
        yield bare, cells, whole[len(bare) :] or "\r\n"


def _written(cells, delimiter):
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, lineterminator="").writerow(
        [cell.replace("\n", "；") for cell in cells]
    )
    return stream.getvalue()


def _harmless(value):
    """A corrected text that no spreadsheet takes for a formula; the reading takes the sign away again."""
    return f"'{value}" if value.startswith(_LEADING) and not value[1:].replace(".", "").isdigit() else value
