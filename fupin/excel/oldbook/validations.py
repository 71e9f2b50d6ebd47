"""The drop-down lists of a sheet of an .xls, read from its DV records (which xlrd skips)."""

import struct

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from xlrd.formula import FMLA_TYPE_DATA_VAL, decompile_formula

DV = 0x1BE
LIST, TYPED = 3, 0x80
"""Kind of rule, and the flag of a list whose words stand in it."""


def put_lists(old, bodies, page):
    """Give `page` the lists of the DV records `bodies`; what cannot be read is left out."""
    for body in bodies:
        try:
            rule = _rule(old, body)
        except Exception:  # noqa: BLE001, S112 - a rule that cannot be read is no reason to refuse the form
            continue
        if rule is not None:
            page.add_data_validation(rule)


def _rule(old, body):
    flags = struct.unpack_from("<I", body)[0]
    if flags & 0xF != LIST:
        return None
    at = 4
    for _ in range(4):  # titles and texts of the prompt and of the error
        length, wide = struct.unpack_from("<HB", body, at)
        at += 3 + length * (1 + (wide & 1))
    size = struct.unpack_from("<H", body, at)[0]
    tokens, at = body[at + 4 : at + 4 + size], at + 4 + size
    second = struct.unpack_from("<H", body, at)[0]
    at += 4 + second
    count = struct.unpack_from("<H", body, at)[0]
    areas = [struct.unpack_from("<4H", body, at + 2 + 8 * n) for n in range(min(count, 200))]
    formula = _typed(tokens) if flags & TYPED else _told(old, tokens, areas)
    if not formula or not areas:
        return None
    rule = DataValidation(type="list", formula1=formula, allow_blank=bool(flags & 0x100))
    for top, bottom, left, right in areas:
        rule.add(f"{get_column_letter(left + 1)}{top + 1}:{get_column_letter(right + 1)}{bottom + 1}")
    return rule


def _typed(tokens):
    """`"甲,乙"` of a string token whose words end in a zero."""
    if tokens[:1] != b"\x17":
        return ""
    length, wide = tokens[1], tokens[2] & 1
    words = tokens[3 : 3 + length * (1 + wide)].decode("utf-16-le" if wide else "latin-1")
    return '"' + ",".join(word.replace('"', '""') for word in words.split("\0") if word) + '"'


def _told(old, tokens, areas):
    text = decompile_formula(
        old, tokens, len(tokens), FMLA_TYPE_DATA_VAL, browx=areas[0][0], bcolx=areas[0][2]
    )
    return text if text and "?" not in text else ""
