"""The log: one JSON object a line, with the number of the request, and without a single ID number or telephone.

Lines go to `var/log/DAY.jsonl` (mode 0600) and, from "something is wrong" upwards, to the terminal as well. A day's
file is kept for settings.LOG_DAYS. Whatever a message, a path or an exception says, long numbers are taken out of
it, and of paths and exceptions Chinese text as well: names of people stand there if anywhere.
"""

import json
import logging
import os
import re
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

from django.conf import settings

request_number = ContextVar("request_number", default="")

NUMBERS = re.compile(
    r"\d{6}[\s-]?(?:19|20)\d{6}[\s-]?\d{3}[\dXxＸｘ]"  # ID number, also in groups
    r"|(?<!\d)(?:(?:\+|00)?86[\s-]?)?1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}(?!\d)"  # mobile phone
    r"|(?<!\d)0\d{2,3}[\s-]?\d{7,8}(?!\d)"  # telephone
    r"|(?:\d[\s-]?){14,}[\dXxＸｘ]"  # old ID numbers, bank accounts, anything as long
)
CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
LONGEST = 4000


def redacted(text):
    """`text` without numbers that could be a person's."""
    return NUMBERS.sub("[号码]", text)


def wordless(text):
    """`redacted`, and without Chinese text: for what may quote what somebody typed."""
    return CHINESE.sub("[字]", redacted(text))


def trace(error):
    """Where an exception came from: files, lines, and its words without values. No local variables."""
    lines, seen = [], set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        frames = traceback.extract_tb(error.__traceback__)
        lines += [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-25:]]
        lines.append(f"{type(error).__module__}.{type(error).__qualname__}: {wordless(str(error))[:500]}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return lines


class Json(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record):
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).astimezone().isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "request": request_number.get(),
            "message": redacted(record.getMessage())[:LONGEST],
        }
        for name, value in getattr(record, "fields", {}).items():
            line[name] = wordless(value)[:300] if isinstance(value, str) else value
        if record.exc_info and record.exc_info[1] is not None:
            line["trace"] = trace(record.exc_info[1])
            line["message"] = wordless(line["message"])
        return json.dumps(line, ensure_ascii=False)


class DayFile(logging.Handler):
    """Appends to the file of the day. Each line is one write, so several processes share a file."""

    def __init__(self, folder):
        super().__init__()
        self.folder, self.day, self.file = folder, None, None

    def emit(self, record):
        try:
            line = (self.format(record) + "\n").encode("utf-8", "backslashreplace")
            day = datetime.now().date()
            if day != self.day:
                self._open(day)
            os.write(self.file, line)
        except Exception:
            self.handleError(record)

    def _open(self, day):
        self.folder.mkdir(mode=0o700, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        fresh = os.open(self.folder / f"{day}.jsonl", flags, 0o600)
        if self.file is not None:
            os.close(self.file)
        self.day, self.file = day, fresh

    def close(self):
        if self.file is not None:
            os.close(self.file)
            self.day = self.file = None
        super().close()


def remove_old(today):
    """Delete the files of days that need be kept no longer."""
    last = f"{today - timedelta(days=settings.LOG_DAYS)}.jsonl"
    for path in settings.LOG_FOLDER.glob("????-??-??.jsonl"):
        if path.name < last:
            path.unlink(missing_ok=True)


UPKEEP = [("logs", remove_old)]
