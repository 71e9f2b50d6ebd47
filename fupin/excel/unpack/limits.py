"""What a file may cost: its size, its parts, its rows, and the memory and time of the process that opens it."""

import re

MIB = 1 << 20
MAX_FILE = 40 * MIB
MAX_INFLATED = 320 * MIB
MAX_RATIO = 100
RATIO_FROM = (
    16 * MIB
)  # small parts may well shrink a hundredfold, and cost little; long texts among them are told as such
MAX_PARTS = 2000
MAX_MEMBERS = 2000
"""Workbooks in one archive."""
MAX_ROWS = 200_000
MAX_COLUMNS = 300
MAX_CELLS = 12_000_000
"""Rows times columns of one sheet: the parser keeps a place for each, filled or not."""
PLACES, PLACES_PER_MIB = 3_000_000, 60_000
"""Places that a small file may spread its cells over, and more for each MiB it inflates to: the parser holds 64 bytes for
each, and where they are more than the limit on memory allows it takes the whole process down."""
MAX_TEXT = 32_767
"""Characters of one cell, as Excel has it."""
MAX_WRITTEN = 256 * MIB
"""Bytes that the texts of a sheet may come to when each cell has its own copy."""
CHUNK = MIB


_ENTITY = re.compile("&#?[0-9A-Za-z]{1,8};")


class Refused(Exception):
    """The file is not opened: a code of the issue list, and what was found."""


def limit(memory, seconds):
    """Cap this process. Where a platform has no such limits the parent's clock is the only one."""
    try:
        import resource
    except ImportError:
        return
    for kind, value in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds)):
        try:
            _, hard = resource.getrlimit(kind)
            soft = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(kind, (soft, hard))
        except (ValueError, OSError):
            continue
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    except (ValueError, OSError):
        return


def check_reach(rows, columns, inflated):
    """Refuse cells that stand too far apart, before the parser makes room for all that lies between them."""
    if rows * columns > min(PLACES + PLACES_PER_MIB * (inflated // MIB), MAX_CELLS):
        raise Refused("file_bomb", f"第 {rows:,} 行还有内容")


def peak():
    """The most memory that this process has held so far, in KiB; 0 where the platform does not tell."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            return next((int(line.split()[1]) for line in status if line.startswith("VmHWM")), 0)
    except OSError:
        return 0


def check_lengths(data):
    """Refuse text longer than a cell holds in a piece of XML. Cheap: only long stretches without a tag are decoded."""
    for at in range(0, len(data), 16_384):
        if data.find(b"<", at, at + 16_384) < 0:
            start, end = data.rfind(b">", 0, at) + 1, data.find(b"<", at)
            text = data[start : end if end >= 0 else len(data)]
            if len(text) > MAX_TEXT and len(_ENTITY.sub("x", text.decode("utf-8", "replace"))) > MAX_TEXT:
                raise Refused("cell_too_long", f"有单元格超过 {MAX_TEXT:,} 字")
