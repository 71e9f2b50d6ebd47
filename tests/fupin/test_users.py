"""Accounts and posts: who may manage whom, and what may not be held together."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from fupin.accounts.models import Post, User
from fupin.accounts.roles import Role
from fupin.audit.models import AuditEvent
from tests import factories

pytestmark = pytest.mark.django_db
LIST = "/users/"
HERE, TOWN, NEXT_TOWN, ELSEWHERE = "990101", "990101001", "990101002", "990102"


@pytest.fixture
def admin(login):
    return login(factories.user(Role.SYSTEM_ADMIN, at=HERE))


def fields(**more):
    return {
        "username": "zhang.san",
        "name": "张三",
        "unit": "测试镇政府",
        "phone": "",
        "role": Role.TOWNSHIP_OPERATOR,
        "region": TOWN,
        "starts_on": timezone.localdate().isoformat(),
        "ends_on": "",
    } | more


def errors(response):
    return [
        error for form in (response.context["form"], response.context["post"]) for error in str(form.errors)
    ]


def test_a_new_user_gets_a_one_time_password_that_must_be_replaced(admin, client):
    factories.region(TOWN)
    page = admin.post("/users/new/", fields())
    password = page.context["password"]
    assert password in page.content.decode()
    assert not AuditEvent.objects.filter(detail__icontains=password).exists()

    admin.post("/logout/")
    client.post("/login/", {"username": "zhang.san", "password": password})
    assert client.get("/scope/")["Location"] == "/profile/password/"
    new = "my-Own-long-word-7"
    client.post("/profile/password/", {"old_password": password, "new_password1": new, "new_password2": new})
    assert client.get("/scope/").status_code == 200


def test_an_old_one_time_password_no_longer_enters(admin, client):
    factories.region(TOWN)
    password = admin.post("/users/new/", fields()).context["password"]
    User.objects.filter(username="zhang.san").update(password_until=timezone.now() - timedelta(minutes=1))
    admin.post("/logout/")
    assert client.post("/login/", {"username": "zhang.san", "password": password}).status_code == 422


def test_twice_the_same_submit_makes_one_account(admin):
    factories.region(TOWN)
    data = fields(submit_key="6f9619ff-8b86-d011-b42d-00cf4fc964ff")
    admin.post("/users/new/", data)
    again = admin.post("/users/new/", data)
    assert again["Location"] == reverse("user_edit", args=[User.objects.get(username="zhang.san").pk])


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"region": ELSEWHERE}, "不在您的管理范围内"),
        ({"region": "没有这里"}, "没有找到"),
        ({"role": Role.ADMINISTRATOR}, "不是可用的选项"),
        ({"username": "张 三"}, "账号只能用"),
        ({"name": ""}, "必填"),
        ({"ends_on": "2000-01-01"}, "结束日期不能早于开始日期"),
    ],
)
def test_what_is_refused_keeps_what_was_typed(admin, wrong, word):
    factories.region(TOWN)
    factories.region(ELSEWHERE)
    page = admin.post("/users/new/", fields(**wrong))
    assert page.status_code == 422
    assert word in page.content.decode().replace("选择一个有效的选项", "不是可用的选项")
    assert "测试镇政府" in page.content.decode()
    assert not User.objects.filter(username="zhang.san").exists()


def test_a_place_is_found_by_name_inside_ones_own_region(admin):
    made = factories.region(TOWN)
    admin.post("/users/new/", fields(region=made.name))
    assert Post.objects.get(user__username="zhang.san").region == made


def test_two_places_of_one_name_are_told_apart_by_code(admin):
    for path in ("990101001001", "990101002001"):
        factories.region(path)
    page = admin.post("/users/new/", fields(role=Role.VILLAGE_CLERK, region="测试村01"))
    assert "990101001001" in page.content.decode()
    assert (
        admin.post("/users/new/", fields(role=Role.VILLAGE_CLERK, region="990101001001 x")).status_code == 200
    )


def test_the_list_shows_ones_own_region_only(admin):
    mine = factories.user(Role.VILLAGE_CLERK, at=TOWN + "001")
    factories.user(Role.VILLAGE_CLERK, at=ELSEWHERE)
    names = {user for user, _ in admin.get(LIST, {"role": Role.VILLAGE_CLERK}).context["people"]}
    assert names == {mine}
    assert len(admin.get(LIST, {"q": mine.username, "state": "on"}).context["people"]) == 1


def test_the_list_takes_as_many_queries_for_forty_people(admin, django_assert_max_num_queries):
    for _ in range(40):
        factories.user(Role.VILLAGE_CLERK, at=TOWN + "001")
    with django_assert_max_num_queries(9):
        assert len(admin.get(LIST).context["people"]) == 41


def test_someone_with_a_post_outside_cannot_be_taken_over(login):
    manager = factories.user(Role.SYSTEM_ADMIN, at=TOWN)
    target = factories.user(Role.TOWNSHIP_OPERATOR, at=TOWN)
    Post.objects.create(
        user=target, role=Role.COUNTY_OFFICE, region=factories.region(HERE), starts_on=date(2020, 1, 1)
    )
    client = login(manager)
    before = target.password
    assert client.get(f"/users/{target.pk}/").status_code == 200
    for url in (f"/users/{target.pk}/password/", f"/users/{target.pk}/"):
        assert client.post(url, {"name": "x"}).status_code == 403
    target.refresh_from_db()
    assert target.password == before


def test_nobody_changes_ones_own_posts(login):
    manager = factories.user(Role.SYSTEM_ADMIN, at=HERE)
    assert login(manager).post(f"/users/{manager.pk}/posts/", fields(region=HERE)).status_code == 403


@pytest.mark.parametrize(
    ("held", "wanted"), [(Role.AUDITOR, Role.TOWNSHIP_OPERATOR), (Role.HELPER, Role.AUDITOR)]
)
def test_incompatible_posts_are_refused(admin, held, wanted):
    target = factories.user(held, at=TOWN)
    page = admin.post(f"/users/{target.pk}/posts/", fields(role=wanted))
    assert page.status_code == 422
    assert "不能与其他角色同时担任" in page.content.decode()


def test_incompatible_posts_may_follow_each_other(admin):
    target = factories.user(Role.AUDITOR, at=TOWN)
    target.posts.update(ends_on=timezone.localdate() - timedelta(days=1))
    factories.user(Role.AUDITOR, at=TOWN)
    page = admin.post(f"/users/{target.pk}/posts/", fields(role=Role.TOWNSHIP_OPERATOR))
    assert page.status_code == 302
    assert target.posts.count() == 2


def test_ending_a_post_takes_the_rights_away_and_keeps_the_post(admin, client):
    target = factories.user(Role.SYSTEM_ADMIN, at=TOWN)
    yesterday = timezone.localdate() - timedelta(days=1)
    admin.post(f"/posts/{target.posts.get().pk}/end/", {"on": yesterday.isoformat()})
    assert target.posts.get().ends_on == yesterday
    client.force_login(target)
    assert client.get(LIST).status_code == 403
    assert AuditEvent.objects.filter(action="post.end").count() == 1


def test_a_post_that_never_began_is_taken_back(admin):
    target = factories.user(Role.VILLAGE_CLERK, at=TOWN)
    later = (timezone.localdate() + timedelta(days=9)).isoformat()
    admin.post(f"/users/{target.pk}/posts/", fields(role=Role.WORK_TEAM, starts_on=later))
    post = target.posts.get(role=Role.WORK_TEAM)
    admin.post(f"/posts/{post.pk}/end/", {"on": timezone.localdate().isoformat()})
    assert target.posts.count() == 1


def test_disabling_ends_the_session_at_once(admin):
    from django.test import Client

    target = factories.user(Role.VILLAGE_CLERK, at=TOWN)
    theirs = Client()
    theirs.force_login(target)
    assert theirs.get("/profile/").status_code == 200
    admin.post(f"/users/{target.pk}/", {"name": target.name})  # no tick at 启用
    assert theirs.get("/profile/").status_code == 302


def test_a_reset_shows_a_new_password_once_and_ends_sessions(admin):
    from django.test import Client

    target = factories.user(Role.VILLAGE_CLERK, at=TOWN)
    theirs = Client()
    theirs.force_login(target)
    page = admin.post(f"/users/{target.pk}/password/")
    assert User.objects.get(pk=target.pk).check_password(page.context["password"])
    assert theirs.get("/profile/").status_code == 302
    assert page.context["password"] not in admin.get(f"/users/{target.pk}/").content.decode()


def test_suggested_places_are_ones_own(admin):
    factories.region(TOWN)
    factories.region("990102001")
    text = admin.get("/users/regions/", {"region": "99010"}).content.decode()
    assert TOWN in text
    assert "990102001" not in text
