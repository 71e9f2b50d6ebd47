"""The child process that gives a user's own workbook back with marks: `python -I mark FILE FOLDER < marks`.

Like `unpack` it runs under limits that it sets on itself before it touches the file, and nothing of ours is imported
but that folder's checks. stdin: JSON `{member: {sheet: marks}}` ("" for a file that is no archive), marks as in
`fupin.excel.returned`. FOLDER is for the writer's temporary files. Messages pickled on stdout:

    {"member": name, "data": bytes, "turned": whether it was an .xls and is an .xlsx}
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

OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OLD_BOOKS = str(Path(__file__).resolve().parents[1] / "oldbook")
GUIDE = "填写说明"
"""fupin.excel.imports.GUIDE: a sheet that is never read."""
TURNED = (
    "原文件是 .xls，这里改成了 .xlsx：字体、列宽、行高、合并、颜色、边框、数字格式、隐藏的行列和打印设置照原样。",
    "公式换成了算出的值；图片、图表、下拉选项没有带过来。",
    "改好以后可以整个再传，也可以只留下改过的行再传：“问题”这一列不会读入，已经导入过的行不会重复。",
)
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


def turned(data):
    """An .xls as an .xlsx that looks like it, with a page that says what was not kept."""
    sys.path.insert(1, OLD_BOOKS)
    from oldbook import converted

    book = converted(data, as_seen=True)
    if GUIDE not in book.sheetnames:
        page = book.create_sheet(GUIDE)
        page.column_dimensions["A"].width = 90
        for line in TURNED:
            page.append([line])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


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
        old = data.startswith(OLD)
        try:
            data = turned(data) if old else data
            with tempfile.TemporaryFile() as target:
                marker_of(data)(data, wanted[name], target)
                target.seek(0)
                answer = {"member": name, "data": target.read(), "turned": old}
        except Refused as refused:
            answer = {"member": name, "refused": refused.args[1]}
        except Exception as error:  # a workbook that is built in a way not foreseen is given back plain
            answer = {"member": name, "refused": type(error).__name__}
        pickle.dump(answer, out, protocol=5)
        out.flush()
    pickle.dump({"end": peak()}, out, protocol=5)


if __name__ == "__main__":
    main()
