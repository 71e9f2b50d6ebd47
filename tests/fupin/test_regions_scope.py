"""The country's path takes in everything, also beside another condition."""

import pytest

from fupin.accounts.roles import Role
from fupin.regions.models import Region
from projects.models import Project
from tests import factories

pytestmark = pytest.mark.django_db


def test_the_whole_country_or_something_is_the_whole_country():
    factories.region("990101")
    rows = Region.objects.all()
    assert rows.filter(rows.in_paths([""])).count() == rows.count() == 4
    assert "WHERE" not in str(rows.filter(rows.in_paths([""])).query)


def test_who_stands_over_the_country_sees_a_project_without_villages():
    made = factories.project(at="99010110020101")
    assert made in Project.objects.visible_to(factories.user(Role.ADMINISTRATOR, at=""))


def test_a_post_as_helper_takes_nothing_away():
    admin = factories.user(Role.ADMINISTRATOR, at="")
    admin.posts.create(role=Role.HELPER, region=factories.region("990101"), starts_on="2020-01-01")
    household = factories.household()
    assert household in type(household).objects.visible_to(admin)


def test_the_place_of_a_walking_list_said_once_more_takes_nothing_away():
    made = [factories.household(at=f"9901{county}10020101") for county in ("01", "01", "02")]
    paired = factories.user(Role.HELPER, at="990101100")
    factories.pair(made[2], paired)
    county, several = factories.user(at="990101"), factories.user(at="990101")
    several.posts.create(role=Role.COUNTY_OFFICE, region=factories.region("990102"), starts_on="2020-01-01")
    for user, path in [
        (county, "990101"),
        (county, "990102"),
        (several, "990102"),
        (paired, "990102"),
        (several, ""),
    ]:
        rows = type(made[0]).objects.walking().visible_to(user)
        rows = rows.within(path) if path else rows
        assert set(rows.by_place()) == set(rows), (user, path)
    rows = type(made[0]).objects.walking()
    both = rows.visible_to(county) | rows.within("990102")
    assert both.by_place().count() == both.count() == 3
