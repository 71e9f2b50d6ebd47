"""Kept counts of projects: what they hold equals a fresh count of the rows, whatever happened before."""

import random
from datetime import date, timedelta
from io import StringIO
from threading import Barrier, Thread

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from fupin.accounts.submissions import new_key
from fupin.board.panels import View
from fupin.regions.models import Region
from fupin.schedule import columns, parse
from households.models import Household, RegionCount
from projects import actions, kept, panels, rewound, stats
from projects.models import FundLine, Milestone, ProgressChange, Project, ProjectCount
from tests import factories
from tests.parts import one_of

pytestmark = pytest.mark.django_db
URL = reverse("board")
VILLAGES = ["990101100201", "990101100202", "990101101201", "990102100201", "990201100201"]
PLACES = ["", "99", "9901", "990101", "990101100", *VILLAGES[:2]]


def agree(today=None):
    """Kept counts equal the rows, place by place, and what the panel counts live."""
    today = today or timezone.localdate()
    assert kept.differences(today) == []
    for path in PLACES:
        region = Region.objects.get(path=path)
        rows = Project.objects.covering(region)
        total, parts = kept.figures_of(path, today=today)
        live = stats.counts(rows, today)
        assert {key: total.counts[key] for key in live} == live, path
        assert total.sums == stats.sums(rows), path
        if len(path) < 12:
            for one, other in zip(parts, stats.by_place(rows, region, today), strict=True):
                assert (one.path, one.own, one.sums) == (other.path, other.own, other.sums)
                assert {key: one.counts[key] for key in stats.PLACE_KEYS} == other.counts, one.path


def fresh(chance, by):
    today = timezone.localdate()
    places = chance.sample(VILLAGES, chance.choice([0, 1, 2, 3]))
    at = factories.region(chance.choice([*VILLAGES, "990101100", "990101", "9901"]))
    project = Project(name=f"项目{chance.random()}", category="0101", year=2026, region=at)
    change(chance, project, today)
    milestones = [
        Milestone(name="开工", **columns(parse(str(today + timedelta(days))), "planned"))
        for days in chance.sample([-40, -3, 10, 25, 90], 2)
    ]
    funds = [FundLine(source="1", planned=100, allotted=chance.choice([None, 50, 100]))] * chance.choice(
        [0, 1]
    )
    villages = [factories.region(path) for path in places]
    return actions.create_project(project, villages=villages, milestones=milestones, funds=funds, by=by)


def change(chance, project, today):
    project.state = chance.choice(["10", "20", "30", "50", "70", "90"])
    project.started_on = today - timedelta(100) if project.state == "30" else None
    project.progress = chance.choice([None, 5, 60])
    project.finish_end = chance.choice([None, -30, -1, 0, 12, 30, 31, 200])
    project.finish_end = None if project.finish_end is None else today + timedelta(project.finish_end)
    project.finish_text = str(project.finish_end or "")
    project.investment = chance.choice([None, 0, 1234])


def step(chance, by):
    """One random action on one random project."""
    today = timezone.localdate()
    project = chance.choice(list(Project.objects.order_by("pk")))
    milestone = project.milestones.order_by("pk").first()
    what = chance.choice(["update", "move", "done", "progress", "block", "remove"])
    if what == "update":
        change(chance, project, today)
        project.region = factories.region(chance.choice(VILLAGES))
        villages = [factories.region(path) for path in chance.sample(VILLAGES, 2)]
        line = project.funds.first() or FundLine(source="4", planned=chance.choice([None, 7]))
        actions.update_project(
            project, villages=villages, milestones=list(project.milestones.all()), funds=[line], reason="改",
            by=by,
        )  # fmt: skip
    elif what == "remove" and milestone:
        actions.update_project(project, removed=[milestone], by=by)
    elif what == "move" and milestone:
        actions.move_milestone(
            milestone, target=parse(str(today + timedelta(chance.choice([-9, 3, 99])))), reason="改", by=by
        )
    elif what == "done" and milestone:
        actions.finish_milestone(milestone, on=today, by=by)
    elif what == "progress":
        change(chance, project, today)
        actions.report_progress(project, by=by)
    elif what == "block" and project.state not in ("50", "70", "90"):
        actions.block(project, reason="征地", by=by)
        if chance.random() < 0.5:
            actions.unblock(Project.objects.get(pk=project.pk), by=by)


@pytest.mark.parametrize("seed", one_of(4, range(4)))
def test_counts_kept_by_difference_equal_a_fresh_count(seed):
    chance = random.Random(seed)
    by = factories.user(at="99")
    for path in VILLAGES:
        factories.region(path)
    kept.recount()
    for _ in range(6):
        fresh(chance, by)
    agree()
    for _ in range(12):
        step(chance, by)
    held = {row.region_path: row.figures for row in ProjectCount.objects.all()}
    agree()
    kept.recount()
    assert {path: found for path, found in held.items() if found or not path} == {
        row.region_path: row.figures for row in ProjectCount.objects.all()
    }


def test_counts_of_an_earlier_day_are_counted_again_by_who_reads_them():
    made = factories.project(at=VILLAGES[0], finish_end=date(2026, 5, 31), villages=VILLAGES[:3])
    kept.recount(today=date(2026, 5, 31))
    assert kept.figures_of("990101", today=date(2026, 5, 31))[0].counts["over"] == 0

    total, parts = kept.figures_of("990101", today=date(2026, 6, 1))

    assert total.counts["over"] == 1
    assert [(part.path, part.counts["over"]) for part in parts] == [("990101100", 1), ("990101101", 1)]
    assert ProjectCount.objects.get(region_path="9901").day == date(2026, 5, 31)
    assert made.state == "10"


@pytest.mark.django_db(transaction=True)
def test_two_who_save_at_once_are_both_counted():
    """Each reads the place's count after the other has committed: no difference is lost."""
    by = factories.user(at="99")
    projects = [factories.project(at=VILLAGES[0], villages=[VILLAGES[n % 3]]) for n in range(8)]
    kept.recount()
    start, errors = Barrier(2), []

    def save(mine):
        try:
            start.wait(20)
            for project in mine:
                project.state = "50"
                actions.report_progress(project, by=by)
        except Exception as error:  # told below, in the thread that fails the test
            errors.append(error)
        finally:
            connection.close()

    threads = [Thread(target=save, args=[projects[n::2]]) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert errors == []
    assert kept.figures_of("990101")[0].counts["finished"] == 8
    assert kept.differences(timezone.localdate()) == []


def test_what_was_never_counted_is_counted_when_it_is_read():
    by = factories.user(at="99")
    chance = random.Random(1)
    for path in VILLAGES:
        factories.region(path)
    for _ in range(3):
        fresh(chance, by)

    agree()


def test_an_old_count_stays_old_when_a_project_changes():
    """The difference of today added to the counts of yesterday would be neither."""
    by, chance = factories.user(at="99"), random.Random(2)
    for path in VILLAGES:
        factories.region(path)
    for _ in range(3):
        fresh(chance, by)
    kept.recount(today=timezone.localdate() - timedelta(1))
    before = list(ProjectCount.objects.values_list("region_path", "day", "figures"))
    for _ in range(5):
        step(chance, by)

    assert list(ProjectCount.objects.values_list("region_path", "day", "figures")) == before
    agree()


def board_queries(client):
    with CaptureQueriesContext(connection) as made:
        assert client.get(URL).status_code == 200
    return len(made)


def test_the_dashboard_takes_as_many_queries_beside_many_projects(login):
    client, by, chance = login(factories.user(at="990101")), factories.user(at="99"), random.Random(3)
    for path in VILLAGES:
        factories.region(path)
    kept.recount()
    while not kept.figures_of("990101")[0].counts["over"]:
        fresh(chance, by)
    client.get(URL)
    few = board_queries(client)
    for _ in range(9):
        fresh(chance, by)

    assert board_queries(client) == few
    today = timezone.localdate()
    assert panels.progress(by, View(Region.objects.get(path="990101"), today), today)["own"]["all"].number > 9


def test_a_project_saved_on_its_page_is_counted_at_once(login):
    factories.region(VILLAGES[0])
    client = login(factories.user(at="990101"))
    kept.recount()
    client.post(reverse("project_new"), {
        "name": "饮水", "year": "2026", "category": "0301", "state": "10", "region": VILLAGES[0],
        "milestones-TOTAL_FORMS": "0", "milestones-INITIAL_FORMS": "0",
        "funds-TOTAL_FORMS": "1", "funds-INITIAL_FORMS": "0",
        "funds-0-source": "1", "funds-0-planned": "88.88", "submit_key": new_key(),
    })  # fmt: skip

    total, _ = kept.figures_of("990101")

    assert (total.counts["all"], total.counts["funded"], total.sums.planned) == (1, 1, 888800)
    assert kept.differences(timezone.localdate()) == []


def checked(*options):
    out = StringIO()
    try:
        call_command("check_counts", *options, stdout=out)
    except SystemExit as stop:
        return stop.code, out.getvalue()
    return 0, out.getvalue()


def test_check_counts_finds_and_mends_what_differs():
    factories.household(members=2)
    made = factories.project(at=VILLAGES[0], state="30", blocked_reason="")
    kept.recount()
    assert checked() == (0, "户：一致。\n项目：一致。\n")

    factories.household(members=3)
    Household.objects.filter(size=3).update(size=4)
    Project.objects.filter(pk=made.pk).update(state="40", blocked_reason="征地")

    code, text = checked()
    assert code == 1
    assert "户：990101100201 测试村01 在册户：记为 2 户 5 人，实为 2 户 6 人" in text
    assert "项目：990101 测试县01 停滞：记为 0（本级 0），实为 1（本级 0）" in text
    assert "项目：990101100201 测试村01 在建：记为 1（本级 1），实为 0（本级 0）" in text

    code, text = checked("--fix")
    assert code == 0
    assert text.endswith("户：一致。\n项目：一致。\n")
    assert checked() == (0, "户：一致。\n项目：一致。\n")


def test_check_counts_finds_a_place_that_was_never_counted():
    factories.household(members=2)
    RegionCount.objects.all().delete()

    code, text = checked()

    assert code == 1
    assert "在册户：记为 没有记数，实为 1 户 2 人" in text


def test_progress_and_halts_of_a_past_day_are_what_was_recorded_by_then(client):
    """The first change after the day says what they were; of a project entered later nothing does."""
    by, today = factories.user(at="990101"), timezone.localdate()
    project = factories.project(year=today.year, state="30", progress=10)
    long_ago = timezone.now() - timedelta(days=90)
    Project.objects.filter(pk=project.pk).update(created_at=long_ago, start_end=None, started_on=today - timedelta(80),
                                                 finish_end=today + timedelta(days=20), finish_due=today + timedelta(days=20))  # fmt: skip

    def report(progress, days, state="30"):
        row = Project.objects.get(pk=project.pk)
        row.progress, row.state, row.blocked_reason = progress, state, "等用地" if state == "40" else ""
        actions.report_progress(row, by=by)
        last = ProgressChange.objects.order_by("-pk").first()
        ProgressChange.objects.filter(pk=last.pk).update(at=timezone.now() - timedelta(days=days))

    report(90, 60)
    report(90, 30, state="40")
    report(95, 10)
    told = {}
    for days in (70, 50, 20, 5):
        day = today - timedelta(days=days)
        one = next(rewound.projects("990101", day))
        told[days] = (one.progress, one.state, "risk" in one.keys, one.unsure)
        view = View(Region.objects.get(path="990101"), day, today)
        shown = panels.progress(by, view, day)
        assert not shown["lost"] and shown["own"]["risk"].number == ("risk" in one.keys)
    assert told == {
        70: (10, "30", False, False),
        50: (90, "30", False, False),
        20: (90, "40", False, False),
        5: (95, "30", False, False),
    }
    Project.objects.filter(pk=project.pk).update(created_at=timezone.now())
    assert next(rewound.projects("990101", today - timedelta(days=5))).unsure
