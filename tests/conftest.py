"""What every test stands on."""

import contextlib
import gc
import importlib
import shutil
import subprocess
from pathlib import Path

import pytest
from _pytest import runner
from _pytest.nodeid import coerce_node_id
from django.contrib.contenttypes.management import create_contenttypes
from django.db.backends.base.operations import BaseDatabaseOperations
from django.db.models.signals import post_migrate
from hypothesis import settings
from hypothesis.internal.conjecture import providers

from fupin.audit import triggers
from fupin.excel import opener, returned
from fupin.onetable import child_process
from tests import factories
from tests.browser import chromium
from tests.fupin import warm_folders
from tests.roomy import roomy

gc.set_threshold(100_000, 50, 100)
"""Walking the whole of Django, the apps and three thousand tests in search of cycles costs more than many a test."""

post_migrate.disconnect(create_contenttypes)
post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
"""Rows of Django's own permissions, which the product does not ask: made anew after each test that commits."""

# The suite tries the same cases on every run, so that a change is judged by what it changed; new cases are looked
# for by `pytest -m hypothesis --hypothesis-profile=explore`, run by hand.
settings.register_profile("suite", derandomize=True, deadline=None, max_examples=25)
settings.register_profile("explore", deadline=None, print_blob=True)
settings.load_profile("suite")

_flush = BaseDatabaseOperations.execute_sql_flush


def _emptied(self, sql_list):
    """Tests that commit empty the database afterwards; the trail allows nobody to, so it is opened for them. The
    triggers come back with the signal that follows."""
    triggers.drop(self.connection)
    return _flush(self, sql_list)


BaseDatabaseOperations.execute_sql_flush = _emptied


LONGEST = ["browser", "samples", "up", "matrix", "demo", "processes"]
"""Groups that one process works through. What is long comes first: at the end the other would wait for it."""


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node):
    node.workerinput["whole"] = node.config.args_source == pytest.Config.ArgsSource.TESTPATHS


def pytest_sessionstart(session):
    """Every process imports every test. On a fresh clone none is compiled yet, so every second one begins at the end, and
    they meet in the middle: 3 s of processor time that would be spent twice."""
    given = getattr(session.config, "workerinput", {"whole": False})
    if given["whole"] and int(given["workerid"].removeprefix("gw")) % 2:
        root = Path(__file__).parent
        for path in sorted(root.rglob("test_*.py"), reverse=True):
            with contextlib.suppress(Exception, pytest.skip.Exception):  # told when it is collected
                importlib.import_module(".".join(path.relative_to(root.parent).with_suffix("").parts))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config, items):
    if config.getoption("hypothesis_profile", None) != "explore":
        # Constants of the product's own source as examples: to parse all of it costs 2 s in each process.
        providers._get_local_constants = lambda: providers._local_constants
    for item in items:
        if item.get_closest_marker("libreoffice") and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group("libreoffice"))  # one process, one profile of it
    yield
    items.sort(key=_place)
    if config.getoption("loadgroup", False):
        for item in items:
            if group := _group(item):
                _in_group(item, group)


def _group(item):
    marker = item.get_closest_marker("xdist_group")
    return marker.args[0] if marker else None


def _place(item):
    group = _group(item)
    return LONGEST.index(group) if group in LONGEST else len(LONGEST)


def _in_group(item, group):
    """pytest-xdist tells groups by what it writes behind a test's address, in a place where pytest 9.2 does not look any
    more: every group was worked through by all processes, and what its tests share was made in each."""
    if not item.nodeid.endswith(f"@{group}"):
        item._id = coerce_node_id(f"{item.nodeid}@{group}")


EXHAUSTIVE = pytest.StashKey[int]()
"""How many cases of sweeps are not in this run."""


def pytest_deselected(items):
    if items:
        left = sum(item.get_closest_marker("exhaustive") is not None for item in items)
        items[0].config.stash[EXHAUSTIVE] = left


def pytest_sessionfinish(session):
    opener.OPENER.end()
    warm_folders.WARM.end()
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["exhaustive"] = session.config.stash.get(EXHAUSTIVE, 0)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    node.config.stash[EXHAUSTIVE] = getattr(node, "workeroutput", {}).get("exhaustive", 0)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item, nextitem):
    """Each test on a stack with room."""
    return roomy(runner.pytest_runtest_protocol)(item, nextitem)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish():
    gc.freeze()  # what is there now stays to the end


child_process.subprocess = returned.subprocess = warm_folders.SUBPROCESS
"""Who opens forms and marks workbooks: a fork of a child that is warm, but in the tests of `cold_child`."""


@pytest.fixture
def cold_child(monkeypatch):
    """Each file is opened by a child of its own that is started for it."""
    for module in (child_process, returned):
        monkeypatch.setattr(module, "subprocess", subprocess)
    with opener.OPENER.busy:
        yield


@pytest.fixture
def login(client):
    """`login(user)` gives a client logged in as that user."""

    def enter(user):
        factories.log_in(client, user)
        return client

    return enter


def pytest_terminal_summary(terminalreporter, config):
    from tests import workbooks

    if left := config.stash.get(EXHAUSTIVE, 0):
        terminalreporter.write_line(
            f"每种组合都试的测试另有 {left} 项，.ci/run 运行它们（pytest -m exhaustive）。"
        )

    if not chromium.installed():
        terminalreporter.write_line(chromium.NO_DRIVER)
    elif not chromium.find():
        terminalreporter.write_line(chromium.MISSING)
    if not shutil.which(workbooks.SOFFICE):
        terminalreporter.write_line(workbooks.NO_SOFFICE)
