"""Rows are read in somebody's scope, by a named exception, or not at all."""

import pytest
from django.test import override_settings
from django.urls import path

from fupin.accounts.access import require
from fupin.accounts.policy import POLICY, page
from fupin.accounts.roles import Permission as P
from fupin.accounts.roles import Role
from fupin.audit.models import AuditEvent
from fupin.jobs import queue
from fupin.jobs.worker import Worker
from fupin.regions import scope
from fupin.regions.models import Region
from households.models import Household, Member
from projects.models import Milestone, Project
from tests import factories

WAYS = {
    "list": list,
    "len": len,
    "bool": bool,
    "count": lambda rows: rows.count(),
    "exists": lambda rows: rows.exists(),
    "first": lambda rows: rows.first(),
    "get": lambda rows: rows.get(pk=1),
    "in_bulk": lambda rows: rows.in_bulk(),
    "iterator": lambda rows: list(rows.iterator()),
    "values_list": lambda rows: list(rows.values_list("pk")),
    "aggregate": lambda rows: rows.aggregate(n=scope_count()),
    "update": lambda rows: rows.update(pk=1),
    "delete": lambda rows: rows.delete(),
    "earliest": lambda rows: rows.earliest("pk"),
    "union": lambda rows: list(rows.union(rows.all())),
    "or": lambda rows: list(rows.filter(pk=1) | rows.filter(pk=2)),
    "last": lambda rows: rows.last(),
    "explain": lambda rows: rows.contains(rows.model(pk=1)),
}


def scope_count():
    from django.db.models import Count

    return Count("pk")


@pytest.mark.django_db
@pytest.mark.parametrize("model", [Household, Member, Project, Milestone], ids=lambda model: model.__name__)
@pytest.mark.parametrize("way", WAYS)
def test_rows_in_nobodys_scope_are_not_read(model, way):
    with scope.strict(), pytest.raises(scope.ScopeMissing):
        WAYS[way](model.objects.all())


@pytest.mark.django_db
def test_rows_of_a_user_are_read_and_stay_theirs_whatever_is_asked_next():
    mine, theirs = factories.household(), factories.household(at="99010210020101")
    user = factories.user(at="990101")

    with scope.strict():
        rows = Household.objects.visible_to(user).filter(registry_status="1").order_by("pk")
        assert list(rows) == [mine]
        assert rows.count() == 1
        assert not rows.filter(pk=theirs.pk).exists()
        assert [member.household_id for member in mine.members.all()] == [
            mine.pk
        ]  # hangs on a row already seen
        assert list(Household.objects.visible_to(user).prefetch_related("members")) == [mine]
        with pytest.raises(scope.ScopeMissing):
            list(Household.objects.visible_to(user) | Household.objects.all())
        with pytest.raises(scope.ScopeMissing):
            list(Household.objects.visible_to(user).union(Household.objects.all()))
        assert Region.objects.count()  # names of places are public


@pytest.mark.django_db
def test_an_exception_is_named_in_the_table_and_ends_with_its_block():
    with scope.strict():
        with scope.without("kept"):
            assert Household.objects.count() == 0
        assert Household.objects.unscoped("unique").count() == 0
        with pytest.raises(scope.ScopeMissing):
            Household.objects.count()
    with pytest.raises(ValueError, match="no exception"):
        scope.process("because")
    with pytest.raises(ValueError, match="no exception"):
        Household.objects.unscoped("because")


def test_a_process_that_said_nothing_reads_nothing(monkeypatch):
    monkeypatch.setattr(scope, "_process", "")
    with pytest.raises(scope.ScopeMissing):
        list(Household.objects.all())


@require(P.HOUSEHOLD_VIEW)
def forgetful(request):
    """A view that forgot the scope."""
    return Household.objects.count()


@require(P.HOUSEHOLD_VIEW)
def undeclared(request):
    return Household.objects.count()


class Addresses:
    from fupin.urls import handler400, handler403, handler404, handler500, urlpatterns

    urlpatterns = [
        *urlpatterns,
        path("forgetful/", forgetful, name="forgetful"),
        path("undeclared/", undeclared, name="undeclared"),
    ]


@pytest.mark.django_db
def test_a_view_that_forgets_the_scope_is_an_error_here_and_not_there_in_production(login, monkeypatch):
    monkeypatch.setitem(POLICY, "forgetful", page("忘了范围", P.HOUSEHOLD_VIEW))
    client = login(factories.user())
    with override_settings(ROOT_URLCONF=Addresses):
        with pytest.raises(scope.ScopeMissing):
            client.get("/forgetful/")
        with override_settings(SCOPE_RAISES=False):
            assert client.get("/forgetful/").status_code == 404
        assert client.get("/undeclared/").status_code == 403  # no row in the policy: closed


@pytest.mark.django_db
def test_a_job_reads_in_the_scope_of_its_owner(monkeypatch):
    monkeypatch.setattr(
        queue, "handler_of", lambda kind: queue.Handler(kind, lambda job, step: Household.objects.count())
    )
    job = factories.job(user=factories.user(Role.COUNTY_OFFICE))
    worker = Worker()
    worker.do(worker.take(job))

    job.refresh_from_db()
    assert job.state == "failed"


@pytest.mark.django_db
def test_a_refusal_at_the_door_stands_in_the_trail(login):
    clerk = factories.user(Role.VILLAGE_CLERK, at="990101100201")
    assert login(clerk).get("/users/").status_code == 403
    event = AuditEvent.objects.get(action="authz.denied")
    assert (event.user, event.detail["page"]) == (clerk, "user_list")
