"""The child that waits to fork for each file, and what comes in its place."""

import io
import os
import subprocess
import sys
import time

import pytest
from openpyxl import Workbook

from fupin.excel import reader
from fupin.excel.opener import UNPACK, Opener


@pytest.fixture
def path(tmp_path):
    book = Workbook()
    book.active["A1"] = "姓名"
    book.save(tmp_path / "stored")
    return tmp_path / "stored"


@pytest.fixture
def opener(monkeypatch):
    made = Opener()
    monkeypatch.setattr(reader, "OPENER", made)
    yield made
    made.end()


def rows_of(path):
    return reader.read(path, "名册.xlsx").sheets[0].rows


def test_one_child_forks_for_each_file(opener, path):
    rows_of(path)
    first = opener.process.pid

    assert rows_of(path) == [["姓名"]]
    assert reader.read(path, "名\udc80\ud800册.xlsx").sheets[0].rows == [["姓名"]]
    assert opener.process.pid == first
    assert 0 < opener.used < 5


def test_who_comes_while_it_is_at_work_gets_a_child_of_his_own(opener, path):
    fork = opener.open(path, "a.xlsx", 0)
    own = opener.open(path, "a.xlsx", 0)

    assert isinstance(own, subprocess.Popen)
    for child in (fork, own):
        with child.stdout:
            assert reader.Heard([]).listen(child.stdout)
        assert child.wait() == 0
    assert (fork.wait(), fork.peak < 64 << 10) == (0, True)


def test_a_fork_that_is_killed_is_told_and_the_next_file_is_read(opener, path):
    fork = opener.open(path, "a.xlsx", 0)
    os.kill(fork.pid, 9)
    with fork.stdout:
        fork.stdout.read()

    assert fork.wait() == -9
    fork.kill()  # nothing is left to kill
    assert rows_of(path) == [["姓名"]]


def test_when_it_has_died_another_takes_its_place(opener, path):
    rows_of(path)
    opener.process.kill()
    opener.process.wait()

    assert rows_of(path) == [["姓名"]]
    assert rows_of(path) == [["姓名"]]
    assert opener.process.poll() is None


def test_a_file_whose_waiting_child_dies_on_the_way_is_refused_and_no_more(opener, path):
    fork = opener.open(path, "a.xlsx", 0)
    opener.process.kill()
    opener.process.wait()
    with fork.stdout:
        fork.stdout.read()

    assert fork.wait() == -9
    assert rows_of(path) == [["姓名"]]


def test_it_ends_with_who_started_it(path):
    code = (
        "import sys; from fupin.excel.opener import OPENER; OPENER.open(sys.argv[1], 'a.xlsx', 0);"
        "print(OPENER.process.pid, flush=True); import os; os.kill(os.getpid(), 9)"
    )
    said = subprocess.run([sys.executable, "-c", code, path], cwd=UNPACK.parents[2], stdout=subprocess.PIPE)  # noqa: S603
    child, until = int(io.BytesIO(said.stdout).readline()), time.monotonic() + 20

    while runs(child) and time.monotonic() < until:
        time.sleep(0.01)
    assert not runs(child)


def runs(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
