"""Any workbook as sheets of located rows. The file is opened in a child process only (see `unpack`)."""

import io
import pickle
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

UNPACK = Path(__file__).with_name("unpack.py")
SECONDS = 90
"""Wall clock for one file; the child's own limits on memory and processor time are tighter."""

SENTENCES = {
    "file_type_mismatch": "与扩展名不符，请用 Excel 或 WPS 打开后另存为 .xlsx 再传。",
    "file_encrypted": "工作簿有打开密码，请去掉密码后再传。",
    "file_corrupt": "文件损坏或不完整，读不出来。请重新导出或另存为 .xlsx。",
    "file_empty": "文件里没有数据。",
    "file_bomb": "文件解开后异常大，已拒绝读取。请删去空白行列后另存。",
    "file_entity_attack": "文件里有不该出现的声明（DTD），已拒绝读取。",
    "file_macro": "工作簿带宏，请另存为不带宏的 .xlsx。",
    "file_path_traversal": "文件结构异常，已拒绝读取。",
    "too_many_columns": "列数异常多，请删去多余的列。",
    "cell_too_long": "有单元格的文字超过 32,767 字，请缩短。",
    "header_not_found": "找不到能认出的表头。请检查是不是导入内容里列出的表；部门比对名单请在上传时选定内容。",
}


class Refused(Exception):
    """The file cannot be read: `code` of the issue list, `found` what was seen, `sentence` for people."""

    def __init__(self, code, found=""):
        super().__init__(code)
        self.code, self.found = code, found
        self.sentence = SENTENCES[code]
        if code == "file_type_mismatch" and found:
            self.sentence = f"{found}。{self.sentence}"


@dataclass
class Sheet:
    """One sheet. `numbers[i]` is the row number (from 1) of `rows[i]`; blank rows are not there.

    Cells are "", text, float, bool, date, datetime, time or timedelta. `errors` {(row, column): "#N/A"} and
    `uncached` {(row, column)} are cells that look empty but are not; `merges` (top, left, bottom, right).
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


@dataclass
class Book:
    format: str
    sheets: list


class _Plain(pickle.Unpickler):
    """The child is ours, yet a hostile file may have taken it over: only dates may be made besides plain values."""

    ALLOWED = {cls.__name__: cls for cls in (date, datetime, time, timedelta)}

    def find_class(self, module, name):
        if module == "datetime" and name in self.ALLOWED:
            return self.ALLOWED[name]
        raise pickle.UnpicklingError(name)


def read(path, name=None):
    """The workbook at `path`, which its owner calls `name`. Raises Refused."""
    answer = _answer(Path(path), name or Path(path).name)
    if "refused" in answer:
        raise Refused(*answer["refused"])
    sheets = [
        Sheet(**(sheet | {"hidden": frozenset(sheet["hidden"]), "uncached": frozenset(sheet["uncached"])}))
        for sheet in answer["sheets"]
    ]
    if not any(sheet.rows for sheet in sheets):
        raise Refused("file_empty", "没有任何数据行")
    return Book(answer["format"], sheets)


def _answer(path, name):
    command = [sys.executable, "-I", "-X", "utf8", str(UNPACK), str(path.resolve()), name]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and file, no shell
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False, cwd=UNPACK.parent
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return {"refused": ("file_bomb", f"{SECONDS} 秒没有读完")}
    if done.returncode:
        return {"refused": ("file_corrupt", f"读取中断（{done.returncode}）")}
    try:
        return _Plain(io.BytesIO(done.stdout)).load()
    except (pickle.UnpicklingError, EOFError, ValueError, AttributeError, IndexError):
        return {"refused": ("file_corrupt", "读取结果不完整")}
