"""The child process that gives a user's own workbook back with marks: `python -I mark FILE FOLDER < marks`.

Like `unpack` it runs under limits that it sets on itself before it touches the file, and nothing of ours is imported
but that folder's checks. stdin: JSON `{member: {sheet: marks}}` ("" for a file that is no archive), marks as in
`fupin.excel.returned`. FOLDER is for the writer's temporary files. Messages pickled on stdout:

    {"member": name, "data": bytes}       the workbook, marked
    {"member": name, "refused": why}      it cannot be kept as it is
    {"end": peak memory in KiB}           always the last one of a process that lived

Rows and columns are counted from 1.
"""

import io
import json
import pickle
import sys
import tempfile
import zipfile
from pathlib import Path

sys.path.insert(1, str(Path(__file__).resolve().parents[1] / "unpack"))

import archive
import calc
import lines
from book import marked
from limits import MAX_FILE, MIB, Refused, peak

MEMORY, SECONDS, WRITTEN = 512 * MIB, 60, 400 * MIB


def limit():
    """Cap this process; where a platform has no such limits the parent's clock is the only one."""
    try:
        import resource
    except ImportError:
        return
    for kind, value in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_FSIZE, WRITTEN), (resource.RLIMIT_CORE, 0)):  # fmt: skip
        try:
            hard = resource.getrlimit(kind)[1]
            resource.setrlimit(kind, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))
        except (ValueError, OSError):
            continue


def books(data, wanted):
    """`(member, its bytes)` of the workbooks that are asked for."""
    if "" in wanted:
        yield "", data
        return
    held = archive.opened(io.BytesIO(data))
    for entry in held.infolist():
        name = archive.shown_name(entry)
        if (
            name in wanted
            and not entry.is_dir()
            and entry.file_size <= MAX_FILE
            and not archive.swollen(entry)
        ):
            yield name, held.read(entry)


def marker_of(data):
    """What marks a file of this content."""
    if not data.startswith(b"PK"):
        return lines.marked
    with zipfile.ZipFile(io.BytesIO(data)) as held:
        ods = "content.xml" in held.namelist()
    return lambda data, said, target: (calc.marked if ods else marked)(io.BytesIO(data), said, target)


def main():
    limit()
    wanted = json.load(sys.stdin)
    tempfile.tempdir = sys.argv[2]
    out = sys.stdout.buffer
    for name, data in books(Path(sys.argv[1]).read_bytes(), wanted):
        try:
            with tempfile.TemporaryFile() as target:
                marker_of(data)(data, wanted[name], target)
                target.seek(0)
                answer = {"member": name, "data": target.read()}
        except Refused as refused:
            answer = {"member": name, "refused": refused.args[1]}
        except Exception as error:  # a workbook that is built in a way not foreseen is given back plain
            answer = {"member": name, "refused": type(error).__name__}
        pickle.dump(answer, out, protocol=5)
        out.flush()
    pickle.dump({"end": peak()}, out, protocol=5)


if __name__ == "__main__":
    main()
