"""Any workbook as sheets of located rows. The file is opened in a child process only (see `unpack`)."""

import pickle
import signal
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from threading import Timer

from fupin.excel.opener import OPENER

SECONDS = 90
"""Wall clock for one file; the child's own limits on memory and processor time are tighter."""

SENTENCES = {
    "file_type_mismatch": "与扩展名不符，请用 Excel 或 WPS 打开后另存为 .xlsx 再传。",
    "file_encrypted": "工作簿有打开密码，请去掉密码后再传。",
    "file_corrupt": "文件损坏或不完整，读不出来。请重新导出或另存为 .xlsx。",
    "file_empty": "文件里没有数据。",
    "file_bomb": "文件解开后异常大，已拒绝读取。请删去空白行列后另存为 .xlsx。",
    "file_entity_attack": "文件里有不该出现的声明（DTD），已拒绝读取。请用 Excel 或 WPS 打开后另存为 .xlsx。",
    "file_macro": "工作簿带宏，请另存为不带宏的 .xlsx。",
    "file_path_traversal": "文件结构异常，已拒绝读取。请用 Excel 或 WPS 打开后另存为 .xlsx。",
    "too_many_columns": "列数异常多，请删去多余的列。",
    "cell_too_long": "有单元格的文字超过 32,767 字，请缩短。",
    "header_not_found": "找不到能认出的表头。请检查是不是导入内容里列出的表；部门比对名单请在上传时选定内容。",
}


MARK = "问题（导入检查）"
"""Header of the column that a workbook of ours carries back to its user (see `returned`); it is never read."""

MARK_WITHIN = 60
"""Rows at the top of a sheet of which one has that header."""

PACKED = "请解压后把每个工作簿分别上传，或只用 zip 打包 .xlsx、.xls、.ods、.csv 文件。"


class Refused(Exception):
    """The file cannot be read: `code` of the issue list, `found` what was seen, `sentence` for people."""

    def __init__(self, code, found=""):
        super().__init__(code)
        self.code, self.found = code, found
        self.sentence = SENTENCES[code]
        if code == "file_type_mismatch" and found:
            packed = "压缩包" in found
            self.sentence = f"{found}。{PACKED if packed else self.sentence}"


@dataclass
class Sheet:
    """One sheet. `numbers[i]` is the row number (from 1) of `rows[i]`; blank rows are not there.

    Cells are "", text, float, bool, date, datetime, time or timedelta. `errors` {(row, column): "#N/A"} and
    `uncached` {(row, column)} are cells that look empty but are not; `merges` (top, left, bottom, right).
    `hidden` are rows, `hidden_columns` columns (from 1). `titles` {(header rows): {column index: title}} is what a user
    said of a header, in the place of what stands there (fupin.excel.relabel).
    """

    name: str
    state: str
    numbers: list
    rows: list
    hidden: frozenset = frozenset()
    errors: dict = field(default_factory=dict)
    uncached: frozenset = frozenset()
    merges: list = field(default_factory=list)
    epoch: int = 1900
    hidden_columns: frozenset = frozenset()
    file: str = ""
    titles: dict = field(default_factory=dict)


@dataclass
class Book:
    """One workbook. `name` is its name in the archive that it came in, "" where it came alone.

    A member of an archive that could not be read has no sheets and says why in `refused`.
    """

    format: str
    sheets: list
    name: str = ""
    refused: Refused | None = None
    lost: list = field(default_factory=list)
    """`(member, code, sentence)` of the members of an archive that could not be read, see `read_book`."""


class _Plain(pickle.Unpickler):
    """The child is ours, yet a hostile file may have taken it over: only dates may be made besides plain values."""

    ALLOWED = {cls.__name__: cls for cls in (date, datetime, time, timedelta)}

    def find_class(self, module, name):
        if module == "datetime" and name in self.ALLOWED:
            return self.ALLOWED[name]
        raise pickle.UnpicklingError(name)


def read(path, name=None):
    """The workbook at `path`, which its owner calls `name`. Raises Refused; so it does for an archive of several."""
    books = read_all(path, name)
    if len(books) > 1:
        raise Refused("file_type_mismatch", f"压缩包里有 {len(books)} 个工作簿")
    return books[0]


def read_all(path, name=None):
    """Every workbook in the file at `path`: one, or those of an archive in its order. Raises Refused.

    What is wrong with one member stands in its Book; the archive is refused when none of them can be read.
    """
    path = Path(path)
    books, start = [], 0
    while start is not None:
        start = _read_from(path, name or path.name, start, books)
    return settled(books)


def read_book(path, name=None):
    """The file at `path` as one Book: of an archive the sheets of all members. Raises Refused."""
    return gathered(read_all(path, name))


def gathered(books):
    """The sheets of an archive's books in one, each named "member/sheet" and told its `file`; one book as it is."""
    if not any(book.name for book in books):
        return books[0]
    whole = Book("zip", [])
    for book in books:
        if book.refused is not None:
            whole.lost.append((book.name, book.refused.code, book.refused.sentence))
        for sheet in book.sheets:
            sheet.file, sheet.name = book.name, f"{book.name}/{sheet.name}"
            whole.sheets.append(sheet)
    return whole


def without_marks(sheet):
    """Take the problem column out of a sheet that was taken home and comes back."""
    if not any(MARK in row for row in sheet.rows[:MARK_WITHIN]):
        return
    rows, at = [], None  # what stands above our header is none of ours
    for number, row in zip(sheet.numbers, sheet.rows):
        at = row.index(MARK) if MARK in row else at
        if at is not None and len(row) > at and row[at] != "":
            row = [*row[:at], "", *row[at + 1 :]]
        rows.append((number, row))
    rows = [(number, row) for number, row in rows if any(cell != "" for cell in row)]
    sheet.numbers, sheet.rows = [number for number, _ in rows], [row for _, row in rows]


def settled(books):
    """The books of a file that was read to its end, those without rows refused. Raises Refused where none is left."""
    for book in books:
        for sheet in book.sheets:
            without_marks(sheet)
        if book.refused is None and not any(sheet.rows for sheet in book.sheets):
            book.refused = Refused("file_empty", "没有任何数据行")
    if all(book.refused for book in books):
        raise books[0].refused if books else Refused("file_corrupt", "读取结果不完整")
    return books


def _read_from(path, name, start, books):
    """Put what a child says of the file into `books`, from member `start` on; the member to go on at after a crash."""
    child = OPENER.open(path, name, start)
    clock = Timer(SECONDS, child.kill)
    clock.daemon = True
    heard = Heard(books)
    try:
        clock.start()
        if not heard.listen(child.stdout):
            late = not clock.is_alive()
            child.kill()
            heard.refuse(*_death(child.wait(), late))
    finally:
        clock.cancel()
        child.stdout.close()
        child.kill()
        child.wait()
    return None if heard.ended or heard.member is None else heard.member + 1


class Heard:
    """The child's messages, put together to books."""

    BROKEN_OFF = (
        pickle.UnpicklingError, EOFError, ValueError, AttributeError, IndexError, KeyError, TypeError, ImportError,
    )  # fmt: skip

    ENDED = staticmethod(lambda peak: None)
    """Told the child's peak memory in KiB when it ends; for the tests and the bench."""

    def __init__(self, books):
        self.books, self.member, self.ended, self.fresh = books, None, False, True

    def listen(self, stream):
        """Take the messages up to the last; False when they break off."""
        try:
            while not self.ended:
                self.message(_Plain(stream).load())
        except self.BROKEN_OFF:
            return False
        return True

    def refuse(self, code, found):
        """Say that the book that is being read cannot be read."""
        book = self.book()
        if book.refused is None:
            book.refused, book.sheets = Refused(code, found), []

    def book(self):
        """The book that is being read."""
        if self.fresh:
            self.books.append(Book("", []))
            self.fresh = False
        return self.books[-1]

    def message(self, said):
        if "member" in said:
            self.member, name = said["member"]
            self.books.append(Book("", [], str(name)))
            self.fresh = False
        elif "format" in said:
            self.book().format = said["format"]
        elif "sheet" in said:
            sheet = said["sheet"]
            for part in ("hidden", "hidden_columns", "uncached"):
                sheet[part] = frozenset(sheet[part])
            self.book().sheets.append(Sheet(numbers=[], rows=[], **sheet))
        elif "rows" in said:
            sheet = self.books[-1].sheets[-1]
            sheet.numbers += said["numbers"]
            sheet.rows += said["rows"]
        elif "refused" in said:
            self.refuse(*said["refused"])
        else:
            self.ended = True
            self.ENDED(said["end"])


def _death(status, late):
    """The refusal for a child that said no more: out of time, out of memory, or crashed."""
    if late:
        return "file_bomb", f"{SECONDS} 秒没有读完"
    if -status in (
        signal.SIGABRT,
        signal.SIGTERM,
        getattr(signal, "SIGXCPU", 0),
        getattr(signal, "SIGKILL", 0),
    ):
        return "file_bomb", "读这个文件要用的内存或时间超过上限"
    return "file_corrupt", f"读取中断（{status}）"
