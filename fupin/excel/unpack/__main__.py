"""The child process that opens a workbook: `python -I -S unpack FILE NAME MEMBER PARSER`, messages pickled on stdout.

A workbook is hostile until proven otherwise: parsers crash, hang and swell, and one of them aborts the whole
process. So nothing of ours runs here but this folder (the standard library and the parser), under limits that it
sets on itself before it touches the file. The messages hold plain lists, numbers, text and dates only:

    {"member": (number, name)}       a workbook in an archive begins; not sent for a plain workbook
    {"format": "xlsx"}               a book begins
    {"sheet": {"name", "state", "epoch", "hidden", "hidden_columns", "errors", "uncached", "merges"}}
    {"numbers": [...], "rows": [...]}    rows of that sheet; blank rows are left out
    {"refused": (code, what was found)}  this book is not read, or no further
    {"end": peak memory in KiB}      always the last one of a process that lived

Rows and columns are counted from 1. MEMBER says at which workbook of the archive to go on after a crash,
PARSER is the folder that holds the parser. `unpack --wait PARSER` waits to be asked (see `waiting`).
"""

import io
import os
import pickle
import re
import sys

import archive
import delimited
import ods
import xls
import xlsx
from limits import MAX_FILE, MAX_INFLATED, MAX_MEMBERS, MIB, Refused, limit, peak

BOOKS = {".xlsx", ".xlsm", ".xls", ".et", ".ods", ".csv", ".txt", ".tsv"}
PACKED = {".zip", ".rar", ".7z"}
KINDS = {"xl/workbook.bin": "xlsb 工作簿", "word/document.xml": "Word 文档", "ppt/presentation.xml": "PowerPoint 演示文稿",
         "OFD.xml": "OFD 文档"}  # fmt: skip


def book(data, suffix, inside=False):
    """The messages of the workbook whose bytes are `data`; those of every member where it is an archive of them."""
    if not data:
        raise Refused("file_empty", "0 字节")
    if data.startswith(b"PK"):
        yield from zipped(data, inside)
    elif data.startswith(xls.MAGIC):
        yield from xls.read(data)
    else:
        yield from delimited.read(data, suffix)


def zipped(data, inside):
    file = io.BytesIO(data)
    try:
        held = archive.opened(file)
        names = set(held.namelist())
        if "content.xml" in names:
            yield from ods.read(file, held)
        elif {
            "encrypted-package",
            "META-INF/manifest.xml",
        } <= names:  # LibreOffice from 24.2 on hides the whole book
            raise Refused("file_encrypted", "文件有打开密码")
        elif xlsx.is_book(held):
            yield from xlsx.read(file, held)
        else:
            what = next((what for name, what in KINDS.items() if name in names), "")
            if what:
                raise Refused("file_type_mismatch", f"内容是{what}")
            if inside:
                raise Refused("file_type_mismatch", "压缩包里还有压缩包")
            yield from members(held)
    except archive.BROKEN as error:
        raise Refused("file_corrupt", type(error).__name__) from error


def members(held):
    """The messages of each workbook in the archive, from START on; one that is refused does not keep the others out."""
    entries = sorted((entry for entry in held.infolist() if wanted(entry)), key=natural)
    if not any(suffix_of(archive.shown_name(entry)) in BOOKS for entry in entries):
        nested = bool(entries)
        raise Refused(
            "file_type_mismatch", "压缩包里还有压缩包" if nested else "内容是普通压缩包，里面没有工作簿"
        )
    if len(entries) > MAX_MEMBERS:
        raise Refused("file_bomb", f"压缩包里有 {len(entries)} 个工作簿")
    left = MAX_INFLATED
    for number, entry in enumerate(entries):
        if number < START:
            continue
        name = archive.shown_name(entry)
        yield {"member": (number, name)}
        try:
            if entry.file_size > MAX_FILE or archive.swollen(entry):
                raise Refused("file_bomb", f"文件大于 {MAX_FILE // MIB} MB")
            if suffix_of(name) in PACKED:
                raise Refused("file_type_mismatch", "压缩包里还有压缩包")
            left -= entry.file_size
            if left < 0:
                raise Refused("file_bomb", "压缩包里的工作簿合起来太大")
            yield from guarded(book(held.read(entry), suffix_of(name), inside=True))
        except archive.BROKEN as error:
            yield {"refused": ("file_corrupt", type(error).__name__)}
        except Refused as refused:
            yield {"refused": refused.args}


def suffix_of(name):
    """ ".xlsx" of a name, in small letters. Without pathlib, which takes a tenth of the start of this process."""
    return os.path.splitext(name.replace("\\", "/"))[1].lower()


def natural(entry):
    """A key that puts 2组 before 10组."""
    parts = re.split(r"(\d+)", archive.shown_name(entry))
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part]


def wanted(entry):
    *folders, name = archive.shown_name(entry).replace("\\", "/").split("/")
    hidden = name.startswith((".", "~$")) or "__MACOSX" in folders
    return not entry.is_dir() and not hidden and suffix_of(name) in BOOKS | PACKED


def guarded(messages):
    """The messages, and whatever goes wrong among them as the last one: a hostile file gets an answer, not a traceback."""
    try:
        yield from messages
    except Refused as refused:
        yield {"refused": refused.args}
    except MemoryError:
        yield {"refused": ("file_bomb", "读这个文件要用的内存超过上限")}
    except RecursionError:
        yield {"refused": ("file_corrupt", "结构嵌套过深")}
    except BrokenPipeError:
        raise
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        locked = type(error).__name__ == "PasswordError"
        yield {
            "refused": ("file_encrypted", "文件有打开密码")
            if locked
            else ("file_corrupt", type(error).__name__)
        }


def answer(path, name):
    size = os.stat(path).st_size
    if size > MAX_FILE:
        raise Refused("file_bomb", f"文件大于 {MAX_FILE // MIB} MB")
    with open(path, "rb") as file:
        data = file.read()
    yield from book(data, suffix_of(name))


def main(path, name, start):
    global START  # one file a process
    START = start
    limit(320 * MIB, 20)
    out = sys.stdout.buffer
    for message in guarded(answer(path, name)):
        pickle.dump(message, out, protocol=5)
        if "member" in message:
            out.flush()  # what is said of the members before is not lost with this one
    pickle.dump({"end": peak()}, out, protocol=5)


START = 0

if __name__ == "__main__":
    *words, parser = sys.argv[1:]
    sys.path.append(parser)
    if words == ["--wait"]:
        from waiting import serve

        serve(main)
    else:
        main(words[0], words[1], int(words[2]))
