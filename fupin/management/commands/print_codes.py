"""docs/codes.md: every code table with its values, printed from the tables themselves."""

import inspect
from importlib import import_module

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db.models import Choices

HEAD = """\
# 代码表

本页由 `manage.py print_codes` 生成，与程序里的代码表同出一处，不手改。存的是代码（文本，保留前导零），显示的是名称；
代码一经使用不再改作他用。导入时按名称和常见写法对照，不按序号。来源见各表说明和 `docs/decisions/`。
"""


def tables():
    """(title, note, [(code, label)]) of every table of the modules in settings.CODE_MODULES, in source order."""
    for name in settings.CODE_MODULES:
        module = import_module(name)
        found = [
            item for item in vars(module).items() if item[1] is not Choices and _is_table(module, item[1])
        ]
        for key, table in found:
            note = " ".join((inspect.getdoc(table) or "").split()) if isinstance(table, type) else ""
            yield (
                f"{name.partition('.')[0]}.{key}",
                "" if note.startswith("An enumeration") else note,
                _rows(table),
            )


def _is_table(module, value):
    if isinstance(value, type):
        return issubclass(value, Choices) and value.__module__ == module.__name__
    return (
        isinstance(value, list)
        and value
        and all(isinstance(row, tuple) and len(row) == 2 and isinstance(row[1], (str, list)) for row in value)
    )


def _rows(table):
    rows = []
    for code, label in table.choices if isinstance(table, type) else table:
        rows += label if isinstance(label, list) else [(code, label)]
    return rows


def page():
    """The whole text of docs/codes.md."""
    parts = [HEAD]
    for title, note, rows in tables():
        parts.append(f"\n## {title}\n" + (f"\n{note}\n" if note else ""))
        parts.append("\n| 代码 | 名称 |\n| --- | --- |")
        parts += [f"| {code} | {label} |" for code, label in rows]
    return "\n".join(parts) + "\n"


class Command(BaseCommand):
    help = "打印 docs/codes.md：全部代码表。"

    def handle(self, **options):
        self.stdout.write(page(), ending="")
