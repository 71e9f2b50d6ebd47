"""Reports kept as they came out: the workbook itself and its cells, both encrypted, and what differs between two.

The cells are lines of JSON: first `{"headers", "keys", "first"}` (flat headers, the columns that tell one line from
another, the sheet's row of the first line), then `[is a sum, [text, ...]]` for each line: texts as the file shows them.
"""

import io
import json
import uuid
from dataclasses import dataclass
from itertools import count

from django.conf import settings
from xlsxwriter.utility import xl_col_to_name

from fupin.crypt import boxes
from fupin.excel import reports, sheet

FOLDER = "filings"
"""Below settings.FILES: kept for good, not thrown away as the files of jobs are."""
KEYS = ("户编号", "姓名", "项目编号", "资产编号", "编号", "规则号", "责任人")
"""Headings that tell one line from another, in any report that has them; the last one only where no other does."""
HEADS = ("户主", "户主姓名")
WHOLE_LINE = "整行"


@dataclass(frozen=True)
class Difference:
    """One cell, or a whole line, that is not as it was. `cell` is where it stands (stood, when it is gone)."""

    line: str
    column: str
    before: str
    after: str
    cell: str


def write(report, asked, *, step=None):
    """Write the report, masked, and keep it. Returns the fields of a KeptFile; `discard` them when they are not used."""
    folder = settings.FILES / FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    book, cells = (folder / f"{uuid.uuid4().hex}{suffix}" for suffix in (".xlsx", ".jsonl"))
    headers = [reports.flat(column.header) for column in report.columns]
    kinds = [column.kind for column in report.columns]
    last = {}
    try:
        with boxes.Writer(cells) as out:
            head = {"headers": headers, "keys": _keys(report, headers), "first": _first_row(report)}
            out.write(_json(head))

            def tap(line):
                texts = [reports.text_of(value, kind) for value, kind in zip(line.cells, kinds)]
                out.write(_json([bool(line.sum), texts]))
                last["line"] = line.sum, texts

            stream = io.BytesIO()
            name, written = reports.make(report, asked, stream, step=step, tap=tap)
        with boxes.Writer(book) as out:
            out.write(stream.getbuffer())
    except BaseException:
        for path in (book, cells):
            path.unlink(missing_ok=True)
        raise
    is_sum, texts = last.get("line", (False, []))
    totals = {header: text for header, text in zip(headers, texts) if text} if report.total and is_sum else {}
    return {
        "file": f"{FOLDER}/{book.name}", "cells": f"{FOLDER}/{cells.name}", "name": name, "sha256": written.sha256,
        "size": written.size, "rows": written.rows, "totals": totals, "as_of": asked.as_of, "seen": written.seen,
    }  # fmt: skip


def discard(kept):
    """Throw the files of `write` away."""
    for name in (kept["file"], kept["cells"]):
        (settings.FILES / name).unlink(missing_ok=True)


def _json(value):
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"


def _keys(report, headers):
    found = [at for at, header in enumerate(headers) if header in KEYS]
    if found:
        return found
    labels = range(report.label_at + 1)
    return [at for at in labels if report.columns[at].value != reports.SERIAL] or [report.label_at]


def _first_row(report):
    return 3 + len(sheet.header_rows(reports.columns_of(report)))


def lines(path):
    """`(head, lines)` of kept cells; the lines are read as they are asked for."""
    file = boxes.opened(path)
    head = json.loads(file.readline())

    def rest():
        with file:
            for line in file:
                yield json.loads(line)

    return head, rest()


def differences(before, after):
    """What differs between the cells of two versions (paths), in the order of the newer one; lines that are gone last.

    Lines are told apart by their key columns, several of one key by their order. A serial number is no difference.
    """
    head, old = _by_key(before)
    head_now, new = _by_key(after)
    known = {header: at for at, header in enumerate(head["headers"])}
    for key, (row, texts) in new.items():
        words = _words(key, head_now, texts)
        held = old.pop(key, None)
        if held is None:
            yield Difference(words, WHOLE_LINE, "", "新增", f"A{row}")
            continue
        for at, header in enumerate(head_now["headers"]):
            was = held[1][known[header]] if header in known else ""
            if was != texts[at] and header != "序号":
                yield Difference(words, header, was, texts[at], f"{xl_col_to_name(at)}{row}")
    for key, (row, texts) in old.items():
        yield Difference(_words(key, head, texts), WHOLE_LINE, "", "减少", f"A{row}")


def _by_key(path):
    head, rows = lines(path)
    found, seen = {}, {}
    keys = [at for at in head["keys"] if head["headers"][at] != KEYS[-1]] or head["keys"]
    for row, (_, texts, *_) in zip(count(head["first"]), rows):
        own = tuple(texts[at] for at in keys)
        seen[own] = seen.get(own, 0) + 1
        found[*own, seen[own]] = row, texts
    return head, found


def _words(key, head, texts):
    """What a line is called: its key, and whose household it is."""
    *own, nth = key
    own += [
        texts[at] for at, header in enumerate(head["headers"]) if header in HEADS and texts[at] not in own
    ]
    return " ".join(part for part in own if part) + (f"（第 {nth} 行）" if nth > 1 else "")
