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
