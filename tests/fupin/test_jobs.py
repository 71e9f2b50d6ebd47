"""Long work: asked for once, done once, seen by its owner only."""

import os
import threading
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from fupin.accounts.models import Post
from fupin.accounts.roles import Permission as P
from fupin.accounts.roles import Role
from fupin.crypt import boxes
from fupin.jobs import queue, upkeep
from fupin.jobs.models import Job, PeriodicRun, State
from fupin.jobs.worker import Worker
from tests import factories

pytestmark = pytest.mark.django_db
calls = []


def work(job, step):
    calls.append(job.pk)
    step(1, 2)
    if job.params.get("fail"):
        raise ZeroDivisionError("division by zero")
    if job.params.get("second worker"):
        Worker().loop(once=True)
    step(2, 2)
    return queue.Result("共 2 行。", data={"rows": 2})


@pytest.fixture(autouse=True)
def handlers(monkeypatch):
    """Handlers of these tests, offered as a module of the product would."""
    calls.clear()
    offered = [queue.Handler("test", work), queue.Handler("once", work, repeatable=False)]
    monkeypatch.setattr(queue, "offers", lambda setting, name: offered)


def submit(user, kind="test", **options):
    return queue.submit(kind, by=user, title="测试任务", params=options.pop("params", {}), **options)


def test_the_worker_does_what_waits():
    first, second = submit(factories.user()), submit(factories.user())

    call_command("work", once=True)

    assert calls == [first.pk, second.pk]
    first.refresh_from_db()
    assert (first.state, first.message, first.percent, first.result) == (
        State.DONE, "共 2 行。", 100, {"rows": 2},
    )  # fmt: skip


def test_a_broken_job_fails_without_details_and_the_next_one_runs():
    broken, fine = submit(factories.user(), params={"fail": True}), submit(factories.user())

    Worker().loop(once=True)

    broken.refresh_from_db()
    fine.refresh_from_db()
    assert (broken.state, fine.state) == (State.FAILED, State.DONE)
    assert "division" not in broken.message


def test_only_one_worker_gets_a_job():
    submit(factories.user())

    assert queue.claim("a")
    assert queue.claim("b") is None


def test_a_second_worker_leaves_a_running_job_alone():
    job = submit(factories.user(), params={"second worker": True})

    Worker().loop(once=True)

    assert calls == [job.pk]


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_do_each_job_once():
    if connection.vendor == "sqlite":
        pytest.skip("the tests' SQLite is in memory and serves one connection at a time")
    owner = factories.user()
    jobs = [submit(owner).pk for _ in range(20)]

    def run():
        try:
            Worker().loop(once=True)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(calls) == jobs
    assert set(Job.objects.values_list("state", flat=True)) == {State.DONE}


@pytest.mark.parametrize(("kind", "state"), [("test", State.WAITING), ("once", State.FAILED)])
def test_a_job_whose_worker_died_is_repeated_only_if_that_is_safe(kind, state):
    job = submit(factories.user(), kind)
    queue.claim("dead")
    Job.objects.update(beat_at=timezone.now() - timedelta(hours=1))

    queue.rescue()

    job.refresh_from_db()
    assert job.state == state


def test_a_job_that_kills_its_worker_is_given_up():
    job = submit(factories.user())
    for _ in range(queue.ATTEMPTS):
        queue.claim("dead")
        Job.objects.update(beat_at=timezone.now() - timedelta(hours=1))
        queue.rescue()

    job.refresh_from_db()
    assert job.state == State.FAILED


def test_a_living_job_is_left_alone():
    submit(factories.user())
    queue.claim("alive")

    queue.rescue()

    assert Job.objects.get().state == State.RUNNING


def test_a_worker_that_lost_its_job_cannot_finish_it():
    submit(factories.user())
    lost = queue.claim("a")
    Job.objects.update(worker="b")

    with pytest.raises(queue.Stopped):
        queue.beat(lost, done=1)
    assert not queue.finish(lost, queue.Result("too late"))
    assert Job.objects.get().state == State.RUNNING


def test_a_stopped_worker_gives_its_job_back():
    job, worker = submit(factories.user()), Worker()
    queue.claim(worker.name)
    job.refresh_from_db()
    worker.stop()

    worker.do(job)

    job.refresh_from_db()
    assert (job.state, job.attempts) == (State.WAITING, 0)


@pytest.mark.parametrize("lost", ["account", "post"])
def test_the_owner_must_still_be_allowed(lost):
    owner = factories.user()
    job = submit(owner, needs=[P.REPORT_EXPORT])
    if lost == "account":
        type(owner).objects.update(is_active=False)
    else:
        Post.objects.update(ends_on=date(2020, 1, 2))

    Worker().loop(once=True)

    job.refresh_from_db()
    assert job.state == State.FAILED
    assert calls == []


def test_the_page_shows_progress_and_stops_polling(login):
    owner = factories.user()
    job = factories.job(user=owner, state=State.RUNNING, done=30, total=120)
    url = reverse("job_detail", kwargs={"uid": job.uid})
    client = login(owner)

    page = client.get(url).content.decode()
    piece = client.get(url, headers={"HX-Target": "job"}).content.decode()
    Job.objects.update(state=State.DONE, message="完成")
    ended = client.get(url, headers={"HX-Target": "job"}).content.decode()

    assert "25%" in page
    assert "http-equiv" in page  # without JavaScript the page reloads itself
    assert "every 1s" in piece
    assert "<html" not in piece
    assert "every 1s" not in ended


def test_the_owner_may_cancel(login):
    owner = factories.user()
    job = factories.job(user=owner)

    login(owner).post(reverse("job_cancel", kwargs={"uid": job.uid}))
    Worker().loop(once=True)

    job.refresh_from_db()
    assert job.state == State.CANCELLED
    assert calls == []


def test_a_cancelled_job_stops_at_its_next_step():
    submit(factories.user())
    job = queue.claim("a")
    queue.cancel(job)

    with pytest.raises(queue.Stopped):
        queue.beat(job)


@pytest.fixture
def result(settings, tmp_path):
    settings.FILES = tmp_path
    with boxes.Writer(tmp_path / "r.xlsx") as file:
        file.write(b"PK")
    owner = factories.user()
    return factories.job(
        user=owner, state=State.DONE, file="r.xlsx", file_name="测试县_花名册_2026_2026-11-23.xlsx",
        needs={P.REPORT_EXPORT: ["990101"]},
    )  # fmt: skip


def test_the_owner_fetches_the_file(login, result):
    response = login(result.user).get(reverse("job_file", kwargs={"uid": result.uid}))

    assert b"".join(response) == b"PK"
    assert "filename*=utf-8''%E6%B5%8B" in response["Content-Disposition"]


def test_nobody_else_fetches_the_file(login, result):
    response = login(factories.user()).get(reverse("job_file", kwargs={"uid": result.uid}))

    assert response.status_code == 404


@pytest.mark.parametrize(("role", "at"), [(Role.VILLAGE_CLERK, "990101"), (Role.COUNTY_OFFICE, "990102")])
def test_who_lost_the_permission_or_the_place_loses_the_file(login, result, role, at):
    Post.objects.update(role=role, region=factories.region(at))

    response = login(result.user).get(reverse("job_file", kwargs={"uid": result.uid}))

    assert response.status_code == 403


def test_upkeep_runs_once_a_day(monkeypatch):
    ran = []
    monkeypatch.setattr("fupin.jobs.worker.offers", lambda setting, name: [("test", ran.append)])

    Worker().upkeep()
    Worker().upkeep()
    PeriodicRun.objects.update(day=date(2020, 1, 1))
    Worker().upkeep()

    assert ran == [timezone.localdate()] * 2


def test_files_that_no_job_names_are_removed(result, settings):
    folder = settings.FILES / "reports"
    folder.mkdir()
    for name in ("named", "half", "fresh"):
        (folder / name).write_bytes(b"PK")
    for name in ("named", "half"):
        os.utime(folder / name, (0, 0))
    Job.objects.update(file="reports/named")

    upkeep.remove_old_files(timezone.localdate())

    assert sorted(path.name for path in folder.iterdir()) == ["fresh", "named"]


def test_old_files_are_removed(result, settings):
    Job.objects.update(created_at=timezone.now() - timedelta(days=40))

    Worker().loop(once=True)

    assert not (settings.FILES / "r.xlsx").exists()
    assert Job.objects.get().file == ""
