"""A bureau sees the columns of its own subject, in the places of its posts, and nothing else of a person."""

from datetime import date

import pytest
from django.utils import timezone

from fupin.accounts.models import Post
from fupin.accounts.roles import Role, Subject
from fupin.audit.models import AuditEvent
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    """A member of whom everything is known, with an invented school and place of work."""
    member = factories.household().members.get()
    member.years.create(
        year=timezone.localdate().year, health="03", disability_kind="2", dropout_reason="家里缺人手",
        work_place="外省某地", dibao=True,
    )  # fmt: skip
    return member


def bureau(subject, *, at="990101"):
    user = factories.user(Role.BUREAU, at=at)
    user.posts.update(subject=subject)
    return user


@pytest.mark.parametrize(
    ("subject", "own", "others"),
    [
        (Subject.HEALTH, "长期慢性病", ["家里缺人手", "外省某地"]),
        (Subject.EDUCATION, "家里缺人手", ["长期慢性病", "外省某地"]),
        (Subject.LABOUR, "外省某地", ["长期慢性病", "家里缺人手"]),
    ],
)
def test_a_bureau_sees_its_own_subject_only(login, person, subject, own, others):
    person.years.update(health="02")
    own = person.years.get().health_labels if subject == Subject.HEALTH else own
    others = [person.years.get().health_labels if word == "长期慢性病" else word for word in others]

    page = login(bureau(subject)).get("/subjects/").content.decode()

    assert own in page
    assert person.name in page
    assert person.id_number not in page
    assert not [word for word in others if word in page]
    assert AuditEvent.objects.get(action="subject.view").detail["rows"] == 1


def test_a_subject_of_another_post_or_place_is_not_there(login, person):
    here = bureau(Subject.EDUCATION)
    assert "家里缺人手" in login(here).get("/subjects/?subject=health").content.decode()  # one's own instead
    assert person.name not in login(bureau(Subject.EDUCATION, at="990102")).get("/subjects/").content.decode()

    both = bureau(Subject.EDUCATION, at="990102")
    Post.objects.create(
        user=both,
        role=Role.BUREAU,
        subject=Subject.HEALTH,
        region=factories.region("990101"),
        starts_on=date(2020, 1, 1),
    )
    page = login(both).get("/subjects/?subject=education").content.decode()
    assert person.name not in page  # education elsewhere, health here: no education here


def test_the_page_costs_the_same_for_many(login, person, django_assert_max_num_queries):
    client = login(bureau(Subject.HEALTH))
    for _ in range(12):
        factories.household().members.get().years.create(year=timezone.localdate().year, health="01")
    with django_assert_max_num_queries(12):
        client.get("/subjects/")


def test_who_holds_no_subject_sees_no_rows(login, person):
    page = login(factories.user(Role.ADMINISTRATOR, at="")).get("/subjects/").content.decode()
    assert "没有行业岗位" in page
    assert person.name not in page
