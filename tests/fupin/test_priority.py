"""The worker steps back behind the server, and hurries while others wait for it."""

import os

import pytest

from fupin.jobs import priority


@pytest.fixture
def session(monkeypatch, tmp_path):
    """A session of our own; the file that stands for its nice value."""
    nice = tmp_path / "autogroup"
    monkeypatch.setattr(priority, "AUTOGROUP", nice)
    monkeypatch.setattr(priority, "_back", False)
    monkeypatch.setattr(os, "nice", lambda by: by)
    monkeypatch.setattr(os, "getsid", lambda of: os.getpid())
    return nice


def test_the_whole_session_steps_back_and_takes_its_share_while_others_wait(session):
    with priority.hurried():
        assert not session.exists(), "who has not stepped back has nothing to hurry"
    priority.step_back()
    assert session.read_text() == "10"

    with pytest.raises(ZeroDivisionError), priority.hurried():
        assert session.read_text() == "0"
        raise ZeroDivisionError

    assert session.read_text() == "10"


def test_a_session_shared_with_others_is_left_alone(session, monkeypatch):
    monkeypatch.setattr(os, "getsid", lambda of: os.getpid() + 1)

    priority.step_back()

    assert not session.exists()


def test_too_soon_is_tried_again_and_a_system_without_it_is_none(session, monkeypatch):
    said = [BlockingIOError, BlockingIOError]
    write = type(session).write_text

    def written(path, text):
        if said:
            raise said.pop()
        return write(path, text)

    monkeypatch.setattr(type(session), "write_text", written)
    monkeypatch.setattr(priority.time, "sleep", lambda seconds: None)
    priority.step_back()
    assert session.read_text() == "10"

    said += [PermissionError]
    priority.step_back()
    with priority.hurried():
        assert session.read_text() == "10"
