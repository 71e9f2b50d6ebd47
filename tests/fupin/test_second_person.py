"""Grave posts hold only after a second person's word; the total administrator's post is for the installation."""

from datetime import date

import pytest
from django.test import Client
from django.utils import timezone

from fupin.accounts.models import Post, User
from fupin.accounts.roles import GRANTS, THREE, Role, needs_second
from fupin.accounts.roles import Permission as P
from fupin.audit.models import AuditEvent
from tests import factories
from tests.parts import one_of

pytestmark = pytest.mark.django_db
HERE, TOWN = "990101", "990101001"


def client_of(user):
    client = Client()
    client.force_login(User.objects.get(pk=user.pk))  # with the posts of now
    return client


def opened(by, target, role, at=HERE):
    """The post that `by` opens for `target` by the form."""
    factories.region(at)
    data = {"role": role, "region": at, "starts_on": timezone.localdate().isoformat()}
    assert client_of(by).post(f"/users/{target.pk}/posts/", data).status_code == 302
    return target.posts.filter(role=role).latest("pk")


def said(by, post, agree="1"):
    return client_of(by).post(f"/posts/{post.pk}/confirm/", {"agree": agree})


@pytest.fixture
def system():
    return factories.user(Role.SYSTEM_ADMIN, at=HERE)


@pytest.fixture
def security():
    return factories.user(Role.SECURITY_ADMIN, at=HERE)


def person():
    """Somebody without a post that counts any more."""
    made = factories.user(Role.VILLAGE_CLERK, at=f"{TOWN}001")
    made.posts.update(starts_on=date(2019, 1, 1), ends_on=date(2019, 12, 31))
    return made


def test_which_roles_wait_for_a_second_person():
    always = {role for role in Role if needs_second(role, dengbao=False)}
    assert always == {*THREE, Role.ADMINISTRATOR}
    assert {role for role in Role if needs_second(role, dengbao=True)} == always | {
        Role.COUNTY_OFFICE,
        Role.AUDITOR,
    }
    assert all(P.PII_EXPORT not in GRANTS[role] for role in Role if not needs_second(role, dengbao=True))


@pytest.mark.parametrize("role", one_of(4, [Role.COUNTY_OFFICE, *THREE]))
def test_a_grave_post_holds_only_after_the_second_persons_word(system, security, role):
    target = person()
    post = opened(system, target, role)
    theirs = client_of(target)
    assert post.waits and theirs.get("/access/").status_code == 403
    page = client_of(security).get("/access/").content.decode()
    assert target.name in page and "待复核" in page
    said(security, post)
    post.refresh_from_db()
    assert (post.waits, post.confirmed_by) == (False, security)
    assert client_of(target).get("/access/").status_code == 200
    assert AuditEvent.objects.filter(action="post.confirm", user=security).count() == 1
    said(security, post)  # a second time: nothing more
    assert AuditEvent.objects.filter(action="post.confirm").count() == 1


def test_who_opened_it_and_who_gets_it_are_no_second_person(security):
    both = factories.user(Role.ADMINISTRATOR, at="")
    target = person()
    post = opened(both, target, Role.COUNTY_OFFICE)
    assert post.waits  # there is a security administrator: not even who holds everything does it alone
    said(both, post)
    mine = Post.objects.create(
        user=security,
        role=Role.AUDITOR,
        region=factories.region(TOWN),
        starts_on=date(2020, 1, 1),
        waits=True,
    )
    said(security, mine)
    assert Post.objects.filter(waits=True).count() == 2


def test_a_post_that_is_refused_never_was(system, security):
    target = person()
    post = opened(system, target, Role.COUNTY_OFFICE)
    said(security, post, agree="0")
    assert not Post.objects.filter(pk=post.pk).exists()
    assert AuditEvent.objects.filter(action="post.refuse").count() == 1


def test_ordinary_posts_hold_at_once_and_grave_ones_too_with_the_switch_off(system, settings):
    assert not opened(system, person(), Role.TOWNSHIP_OPERATOR, at=TOWN).waits
    settings.DENGBAO = False
    assert not opened(system, person(), Role.COUNTY_OFFICE).waits


def test_the_first_administrator_sets_up_alone_and_is_told_to_go():
    first = factories.user(Role.ADMINISTRATOR, at="")
    client = client_of(first)
    assert "还没有系统管理员、安全管理员、审计管理员" in client.get("/access/").content.decode()
    for role in THREE:
        post = opened(first, person(), role)
        # the security administrator is there from the second on: the audit administrator waits for their word
        assert post.waits == (role == Role.AUDIT_ADMIN), role
        if post.waits:
            said(Post.objects.get(role=Role.SECURITY_ADMIN).user, post)
    for address in ("/access/", "/users/", "/"):
        assert "请结束这个岗位" in client.get(address).content.decode(), address
    Post.objects.filter(role=Role.ADMINISTRATOR).update(ends_on=date(2020, 12, 31))
    page = client_of(Post.objects.get(role=Role.SYSTEM_ADMIN).user).get("/access/").content.decode()
    assert "总管理员的岗位" not in page


def test_a_system_administrator_gives_no_post_that_holds_everything(system):
    data = {"role": Role.ADMINISTRATOR, "region": HERE, "starts_on": "2026-01-01"}
    target = person()
    assert client_of(system).post(f"/users/{target.pk}/posts/", data).status_code == 422
    assert not target.posts.filter(role=Role.ADMINISTRATOR).exists()
