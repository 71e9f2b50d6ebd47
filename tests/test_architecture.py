"""Who may import whom (both tables of the house), and what must not appear anywhere."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps

from households import idcard
from tests import sources

pytestmark = sources.TOGETHER
ROOT = Path(__file__).parents[1]
PACKAGES = ("fupin", "households", "projects")

FOUNDATION = {"fupin.catalogue", "fupin.bulk", "fupin.journal", "fupin.schedule", "fupin.photos", "fupin.demo", "fupin.paging",
              "fupin.secrets", "fupin.sqlite", "fupin.server", "fupin.server_log", "fupin.headers", "fupin.logs", "fupin.crypt", "fupin.primary", "fupin.ahead", "fupin.judged", "fupin.batched", "fupin.edited", "fupin.prepared", "fupin.spans", "fupin.steady", "fupin.renderer"}  # fmt: skip
"""Single modules of the project package that know nothing of ours but each other."""

BELOW = {"fupin.regions", "fupin.audit"}
ACCOUNTS = BELOW | {"fupin.accounts"} | FOUNDATION
INFRASTRUCTURE = (
    "excel",
    "jobs",
    "inbox",
    "board",
    "documents",
    "offline",
    "templatetags",
    "onetable",
    "filing",
    "objections",
)

MAY = {
    **dict.fromkeys(FOUNDATION, FOUNDATION),
    "fupin.regions": FOUNDATION,
    "fupin.audit": FOUNDATION | {"fupin.regions"},  # the width of a region path
    "fupin.audit.views": ACCOUNTS,  # its pages stand behind the same door as all others
    "fupin.audit.urls": {"fupin.audit"},
    "fupin.accounts": BELOW | FOUNDATION,
    **{f"fupin.{name}": ACCOUNTS for name in INFRASTRUCTURE},
    "fupin": ACCOUNTS | {f"fupin.{name}" for name in INFRASTRUCTURE} | {"fupin"},
    "households": {"fupin", "households"},
    "projects": {"fupin", "projects", "households.codes", "households.models", "households.stats"},
}
"""Package: what it may import of ours. A longer name goes before a shorter one; itself always."""

EXTRA = {
    ("fupin.board", "fupin.excel"),  # the table of a panel can be taken home
    ("fupin.board", "fupin.filing"),  # a frozen year is shown as it was
    ("fupin.excel", "fupin.jobs"),  # a big report is a long job
    ("fupin.jobs", "fupin.excel"),
    ("fupin.onetable", "fupin.excel"),  # forms are read, and asked for, as lists and reports are
    ("fupin.onetable", "fupin.jobs"),
    ("fupin.filing", "fupin.excel"),  # what is filed, or frozen, is a report
    ("fupin.filing", "fupin.jobs"),
    ("fupin.filing", "fupin.inbox"),  # what is due is a to-do
}
"""Arrows beyond the table, each with its reason."""

LAYERS = [
    {"codes", "idcard", "columns", "badges", "field_classes"},
    {"models"},
    {
        "lines",
        "quota",
        "search",
        "kept",
        "breakdown",
        "stats",
        "asof",
        "rewound",
        "checks",
        "lifecycle",
        "approval",
        "actions",
        "defaults",
        "gantt",
        "places",
        "profile",
        "sights",
        "life",
        "papers",
        "subjects",
        "withheld",
    },
    {"filters", "forms", "visit_filters", "visit_forms", "doubt_filters", "rows", "templatetags"},
    {
        "reports",
        "imports",
        "indicators",
        "freezing",
        "plans",
        "panels",
        "todo",
        "captures",
        "demo",
        "jobs",
        "upkeep",
        "dossier",
        "undo",
        "leaving",
        "retiring",
        "handbook",
        "postings",
        "visit_plans",
    },
    {"views", "admin", "management"},
    {"urls"},
]
"""Inside an app, one direction: a module imports its own layer and earlier ones."""

VAGUE = {"utils", "util", "helpers", "common", "core", "base", "misc"}


def module(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


ALL = [(module(path), path) for path in sources.FILES]
NAMES = {name for name, _ in ALL}


@cache
def imports(path):
    """`[(name, line)]` of every module of ours that the file imports, `from households import views` as
    households.views."""
    return list(_imports(path))


def _imports(path):
    for node in sources.nodes(path):
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are absolute"
            found = [
                f"{node.module}.{a.name}" if f"{node.module}.{a.name}" in NAMES else node.module
                for a in node.names
            ]
        else:
            continue
        for name in found:
            if name.partition(".")[0] in (*PACKAGES, "tests"):
                yield name, node.lineno


def longest(name, table):
    """The entry of `table` that `name` falls under."""
    while name not in table:
        name, dot, _ = name.rpartition(".")
        if not dot:
            return None
    return name


def forbidden(name, path):
    own = longest(name, MAY)
    for target, line in imports(path):
        if longest(target, MAY) == own or (own, longest(target, MAY)) in EXTRA:
            continue
        if target.partition(".")[0] == "tests" or longest(target, MAY[own]) is None:
            yield f"{path.relative_to(ROOT)}:{line}: {own} must not import {target}"


def test_packages_import_downwards():
    found = [line for name, path in ALL for line in forbidden(name, path)]
    assert not found, "\n".join(found)


def layer(name):
    parts = name.split(".")[1:]
    return next((n for n, names in enumerate(LAYERS) if parts and parts[0] in names), None)


def test_every_module_of_an_app_has_a_layer():
    apps = [name for name, _ in ALL if name.split(".")[0] in ("households", "projects") and "." in name]
    assert not [name for name in apps if layer(name) is None]


def test_layers_import_downwards():
    found = []
    for name, path in ALL:
        app = name.split(".")[0]
        if app not in ("households", "projects") or "." not in name:
            continue
        for target, line in imports(path):
            if target.startswith(f"{app}.") and (layer(target) or 0) > (layer(name) or 0):
                found.append(f"{path.relative_to(ROOT)}:{line}: {name} must not import {target}")
    assert not found, "\n".join(found)


def test_modules_are_named_for_their_subject():
    vague = {name for name, _ in ALL if VAGUE & set(name.split("."))}
    assert vague == {"fupin.db.sqlite3.base"}  # the name that Django looks for in a database backend


DOORS = ("views", "reports", "panels", "todo")
RAW = {"get", "filter", "all", "exclude", "first", "values", "values_list", "aggregate", "annotate"}
UNSCOPED = {"IncomeItem", "PovertyLine", "Region"}
"""Tables that belong to nobody's place: every logged-in user may see all of their rows."""


NARROWING = {"visible_to", "visible", "_own", "Exists", "Prefetch"}
"""Functions that take rows and leave those of the user, or of the rows around them."""

ALLOWED = {
    ("households.reports.rows", "Member.objects.exclude"): "handed to asked.visible in the next statement",
    (
        "households.reports.rows",
        "HouseholdCause.objects.filter",
    ): "narrowed to the page's households by years.of",
    ("households.views.households", "RegionCount.objects.filter"): "by the paths of the user's own posts",
    ("projects.views.edit", "Project.objects.get"): "seen through visible_to just before",
    ("projects.views.lists", "Milestone.objects.filter"): "the prefetched steps of visible projects",
    ("projects.todo", "Milestone.objects.filter"): "those that exist in a visible project",
    ("households.todo", "Doubt.objects.filter"): "narrowed to the user's households",
}
"""Rows reached through a visible one in a way that this rule cannot see, each with the reason."""


def relations(model):
    """Names of the foreign keys of the model called `model`: rows picked by them hang on a row already seen."""
    found = [m for m in apps.get_models() if m.__name__ == model]
    return {field.name for m in found for field in m._meta.concrete_fields if field.many_to_one}


def raw_rows(path):
    """`Model.objects.filter(...)` that takes rows of everybody: neither by a row at hand nor narrowed at once."""
    nodes = sources.nodes(path)
    parents = {child: node for node in nodes for child in ast.iter_child_nodes(node)}
    for node in nodes:
        if not (
            isinstance(node, ast.Attribute) and node.attr in RAW and isinstance(node.value, ast.Attribute)
        ):
            continue
        manager = node.value
        if (
            manager.attr != "objects"
            or not isinstance(manager.value, ast.Name)
            or manager.value.id in UNSCOPED
        ):
            continue
        call, narrowed = parents[node], False
        if isinstance(call, ast.Call):
            wanted = relations(manager.value.id)
            narrowed = any((key.arg or "").partition("__")[0] in wanted for key in call.keywords)
        while call in parents and not isinstance(call, ast.stmt) and not narrowed:
            call = parents[call]
            name = getattr(call, "func", call)
            narrowed = getattr(name, "attr", getattr(name, "id", "")) in NARROWING
        if not narrowed:
            yield f"{manager.value.id}.objects.{node.attr}", node.lineno


def test_rows_are_fetched_through_the_door():
    found = [
        f"{path.relative_to(ROOT)}:{line}: {call}"
        for name, path in ALL
        if name.split(".")[0] != "fupin" and set(name.split(".")[1:]) & set(DOORS)
        for call, line in raw_rows(path)
        if (name, call) not in ALLOWED
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", ["templates", "static/js", "static/css"])
def test_pages_keep_the_strict_policy(name):
    """No inline style, script or handler: the content policy would block it."""
    inline = re.compile(
        r"""\sstyle=["']|\son[a-z]+=["']|<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>"""
    )
    found = [
        f"{path.relative_to(ROOT)}: {match.group().strip()}"
        for path in sorted((ROOT / name).rglob("*.html"))
        for match in inline.finditer(
            re.sub(r"{#.*?#}|{% comment.*?endcomment %}", "", path.read_text("utf-8"), flags=re.S)
        )
    ]
    assert not found, "\n".join(found)


TEXT = {".py", ".html", ".js", ".css", ".md", ".toml", ".csv", ".json", ".txt", ".yml", ".lock", ".svg"}
NUMBER = re.compile(r"(?<![0-9A-Za-z])[1-9]\d{16}[0-9Xx](?![0-9A-Za-z])")


def files():
    skipped = {
        ".git",
        ".venv",
        "var",
        "__pycache__",
        ".hypothesis",
        ".pytest_cache",
        ".ruff_cache",
        "vendor",
        "build",
    }
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        if (
            path.is_file()
            and path.suffix in TEXT
            and not skipped & set(parts)
            and not parts[0].endswith(".egg-info")
        ):
            yield path


def test_no_real_citizen_number_in_the_repository():
    """A well-formed number of a region that exists could be somebody's. Ours are of 99xxxx."""
    textbook = {"34052419800101001X", "11010519491231002X", "440524188001010014"}
    found = [
        f"{path.relative_to(ROOT)}: {match.group()[:6]}…"
        for path in files()
        if "data" not in path.relative_to(ROOT).parts or path.relative_to(ROOT).parts[0] != "tests"
        for match in NUMBER.finditer(path.read_text(encoding="utf-8", errors="ignore"))
        if not match.group().startswith("99")
        and match.group().upper() not in textbook
        and idcard.check_character(match.group()[:17]) == match.group()[17].upper()
        and match.group()[6:8] in ("18", "19", "20")
    ]
    assert not found, "\n".join(found)
