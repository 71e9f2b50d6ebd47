"""A query that is made once is, for all values, the query that the ORM would make for them."""

import sys
from datetime import UTC, date

import pytest
from django.core.exceptions import FieldError
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fupin.accounts.models import Post
from fupin.prepared import ANY, prepared, several
from fupin.regions import scope
from households.checks import case
from households.models import Household, Member
from households.models.bare import Source
from tests import factories

pytestmark = pytest.mark.django_db
NUMBERS = st.integers(1, 2**62)
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
VALUES = {
    "ids": st.lists(NUMBERS, min_size=1, max_size=9, unique=True), "day": st.dates(), "user": NUMBERS,
    "now": st.datetimes(timezones=st.just(UTC)), "key": TEXT, "parent": NUMBERS, "level": st.integers(0, 6), "low": TEXT, "numbers": st.lists(TEXT, min_size=1, max_size=9, unique=True), "high": TEXT, "paths": st.lists(TEXT, min_size=1, max_size=9, unique=True),
}  # fmt: skip


def every():
    """The prepared queries of the product, with names to tell them by."""
    for name, module in sorted(sys.modules.items()):
        if name.startswith(("fupin.", "households.", "projects.")):
            for own, thing in vars(module).items():
                if isinstance(thing, prepared) and thing.plain.__module__ == name:
                    yield f"{name}.{own}", thing
                elif isinstance(thing, Source) and name == case.__name__:
                    yield f"{name}.{own}", thing._models
                    yield f"{name}.{own}.read", thing._values


@settings(max_examples=3, suppress_health_check=[HealthCheck.too_slow])
@given(st.fixed_dictionaries(VALUES))
def test_every_one_is_the_query_of_the_orm(told):
    found = dict(every())
    assert len(found) >= 30
    with transaction.atomic():
        for name, query in found.items():
            values = [told[mark.name] for mark in query._marks]
            assert _spelled(*query.statement(*values)) == _plain(query.plain(*values)), name


def _spelled(sql, params):
    """A statement with its arrays written as IN, which PostgreSQL takes them for."""
    flat = []
    for param in params:
        if param.__class__ is list:
            sql = sql.replace(ANY, f" IN ({', '.join(['%s'] * len(param))})", 1)
        flat += param if param.__class__ is list else [param]
    assert ANY not in sql
    return sql, flat


def _plain(rows):
    sql, params = rows.query.get_compiler(connection=connection).as_sql()
    return sql, list(params)


@several("ids")
def heads(wanted, ids):
    return Member.objects.filter(name__gte=wanted, pk__in=ids).select_related("household").order_by("-pk")


@prepared
def posts(day, user):
    return Post.objects.on(day).filter(user=user).select_related("region")


@prepared
def homes(state):
    return Household.objects.filter(registry_status=state).order_by("pk")


def test_rows_are_instances_with_what_hangs_on_them():
    one, two = factories.household(phone="15400001234"), factories.household()
    user = factories.user()
    keys = [member.pk for home in (one, two) for member in home.members.all()]
    (post,) = posts(date(2026, 1, 1), user.pk)

    found = heads("", keys)

    assert found == list(heads.plain("", keys)) and [row.household for row in found] == [two, one]
    assert {row.pk: row.id_number for row in found} == dict(Member.objects.values_list("pk", "id_number"))
    assert not any(row.get_deferred_fields() or row._state.adding for row in found)
    assert post.region.path == "990101" and posts(date(2019, 12, 31), user.pk) == []
    assert homes("1")[0].phone == "15400001234" and homes.first("4") is None
    with transaction.atomic():
        found[0].name = "改名"
        found[0].save()
    assert Member.objects.get(pk=found[0].pk).name == "改名"


def test_values_of_before_are_forgotten_and_one_reading_does_not_disturb_another():
    one, two = factories.household(), factories.household(registry_status="2")

    assert [homes(state) for state in "1213"] == [[one], [two], [one], []]


@pytest.mark.parametrize("ids", [[], None])
def test_what_has_no_place_in_the_sql_goes_by_the_orm(ids):
    @several("ids")
    def apart(ids):
        return Household.objects.exclude(pk__in=ids or [])

    made = factories.household()

    assert apart(ids) == [made]


def test_a_scope_is_asked_for_each_time():
    assert homes("1") == []
    with scope.strict(), pytest.raises(scope.ScopeMissing):
        homes("1")
    with scope.without("kept"):
        assert homes("1") == []


def test_encrypted_columns_are_compared_with_nothing_unknown():
    with pytest.raises(FieldError):
        prepared(lambda phone: Household.objects.filter(phone=phone))("15400001234")


def test_too_few_values_are_no_query():
    with pytest.raises(ValueError):
        posts(date(2026, 1, 1))
