"""The child process that opens forms (see the folder `child`): asked once, answered in frames."""

import json
import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError

CHILD = Path(__file__).with_name("child")
SECONDS = 300
"""Wall clock for one request; the child's own limits on memory and processor time are tighter."""


def frames(command, request):
    """The answers of one run of the child, as bytes. ValidationError in words where it cannot do what is asked."""
    folder = Path(settings.FILE_UPLOAD_TEMP_DIR)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    keep = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LANG") if name in os.environ}
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and folder, no shell
            [sys.executable, "-I", "-X", "utf8", str(CHILD), command], input=json.dumps(request).encode(),
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=SECONDS, check=False, cwd=CHILD,
            env=keep | {"TMPDIR": str(folder), "TEMP": str(folder), "TMP": str(folder)},
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise ValidationError("这份表太大，没有在规定时间内处理完。请减少工作表或行数后再试。") from error
    found, at = [], 0
    while at + 8 <= len(done.stdout):
        length = int(done.stdout[at : at + 8])
        found.append(done.stdout[at + 8 : at + 8 + length])
        at += 8 + length
    if found and found[-1].startswith(b'{"refused"'):
        raise ValidationError(
            f"{json.loads(found[-1])['refused']}。请用 Excel 或 WPS 打开后另存为 .xlsx 再传。"
        )
    if not found:
        raise ValidationError("这份表打不开，处理时中断。请用 Excel 或 WPS 打开后另存为 .xlsx 再传。")
    return found


def look(path):
    """`(sheets, the book as .xlsx)` of the workbook at `path`."""
    said, book = frames("look", {"file": str(path)})
    return json.loads(said)["sheets"], book


def fill(path, copies):
    """The filled copies of the workbook at `path`, as bytes, in order."""
    found = frames("fill", {"file": str(path), "copies": copies})
    if len(found) != len(copies):
        raise ValidationError("这份表没有全部填完，处理时中断，请重试。")
    return found
