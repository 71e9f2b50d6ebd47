"""What the trail promises: no action without its line, every look and every refusal in it."""

import pytest
from django.apps import apps
from django.db import connection
from django.urls import reverse

from fupin.accounts.roles import Role
from fupin.audit import seen
from fupin.audit.models import AuditEvent
from tests import factories
from tests.households.test_measures import sent as measure_form
from tests.households.test_pairings import local
from tests.households.test_pairings import sent as pairing_form
from tests.households.test_visits import sent as visit_form

TABLE = "audit_auditevent"
LOOSE = {"accounts.LoginFailure", "sessions.Session", "accounts.UserSession", "audit.AuditEvent"}
"""Tables that count tries and sessions: writing in them is no act of the user."""


def digest():
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values_list())
        for model in apps.get_models()
        if model._meta.label not in LOOSE and "session" not in model._meta.model_name
    }


def closed(shut):
    """Make the trail unwritable, or writable again, as somebody with rights over the tables could."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                f"ALTER TABLE {TABLE} ADD CONSTRAINT shut CHECK (false) NOT VALID"
                if shut
                else f"ALTER TABLE {TABLE} DROP CONSTRAINT shut"
            )
        elif shut:
            cursor.execute(
                f"CREATE TRIGGER shut BEFORE INSERT ON {TABLE} BEGIN SELECT RAISE(ABORT, 'shut'); END"
            )
        else:
            cursor.execute("DROP TRIGGER shut")


def actions(household, helper):
    """`(address, what is posted, answer when it counts)` of acts of every kind."""
    member, own = household.members.order_by("pk").first(), [household.pk]
    return [
        (reverse("visit_create", args=own), visit_form(visitor_text="工作队甲"), 302),
        (reverse("measure_create", args=own), measure_form(), 302),
        (reverse("pairing_create", args=own), pairing_form(helper), 302),
        (
            reverse("reveal"),
            {"model": "households.member", "pk": member.pk, "field": "id_number", "reason": "核对证件"},
            200,
        ),
        (reverse("household_search"), {"q": member.id_number}, 302),
        (reverse("logout"), {}, 302),
    ]


@pytest.mark.django_db(transaction=True)
def test_what_cannot_be_recorded_does_not_happen(client):
    client.force_login(factories.user(Role.ADMINISTRATOR))
    household, helper = factories.household(members=2), local()
    acts = actions(household, helper)
    before = digest()

    closed(True)
    try:
        answers = [client.post(address, data).status_code for address, data, _ in acts]
        page = client.get(reverse("household_detail", args=[household.pk]))
        file = client.get(reverse("report_download", args=["L01"]))
        assert digest() == before
    finally:
        closed(False)

    assert answers == [503] * len(acts)
    assert page.status_code == file.status_code == 503
    assert household.head_name not in page.content.decode()
    # the positive control: the same acts count once the trail can be written
    assert [client.post(address, data).status_code for address, data, _ in acts] == [
        code for *_, code in acts
    ]
    assert digest() != before


@pytest.mark.django_db
def test_a_login_that_cannot_be_recorded_is_none(client, monkeypatch):
    from fupin.accounts import second

    user = factories.user(Role.VILLAGE_CLERK, at="990101100201")
    user.set_password("zhuan-tang-2026-Wq")
    user.save()

    def broken(*args, **kwargs):
        from fupin.audit.record import NotRecorded

        raise NotRecorded

    monkeypatch.setattr(second, "record", broken)
    answer = client.post(reverse("login"), {"username": user.username, "password": "zhuan-tang-2026-Wq"})
    assert answer.status_code == 503
    assert client.get("/").status_code == 302


@pytest.mark.django_db
def test_refusals_are_in_the_trail_with_their_true_reason(client):
    client.force_login(user := factories.user(Role.VILLAGE_CLERK, at="990101100201"))
    foreign = factories.household(at="99010210020101")

    answers = [client.get(reverse("household_detail", args=[key])) for key in (foreign.pk, 10**9)] + [
        client.get(reverse("audit_list"))
    ]

    assert [answer.status_code for answer in answers][:2] == [404, 404]
    events = AuditEvent.objects.filter(action="authz.denied", user=user).order_by("pk")
    assert [event.detail["reason"] for event in events] == ["不在范围内", "不存在", "岗位没有这项权限"]
    assert events[0].target == f"households.household:{foreign.pk}"
    assert (
        events[0].region_path == foreign.region_path
    )  # whose data it was is told to those who watch over it
    assert events[0].address == "127.0.0.1"


@pytest.mark.django_db
def test_a_page_and_a_file_say_whose_data_they_showed(client):
    client.force_login(factories.user(Role.COUNTY_OFFICE))
    one, two = factories.household(members=3), factories.household()
    elsewhere = factories.household(at="99010210020101")

    client.get(reverse("household_detail", args=[one.pk]))
    event = AuditEvent.objects.filter(action="household.view").get()
    shown = seen.read(event.seen)
    assert (event.target, shown.households) == (f"households.household:{one.pk}", {one.pk})
    assert shown.members == set(one.members.values_list("pk", flat=True))

    file = client.get(reverse("report_download", args=["R01"]))
    event = AuditEvent.objects.filter(action="report.export").get()
    shown = seen.read(event.seen)
    assert shown.households == {one.pk, two.pk}
    assert shown.members == {
        *one.members.values_list("pk", flat=True),
        *two.members.values_list("pk", flat=True),
    }
    assert elsewhere.pk not in shown.households
    book = b"".join(file.streaming_content)
    assert event.detail["export"].encode() in unzipped(book)
    assert event.detail["columns"]
    assert event.detail["rows"] == 4


def unzipped(book):
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        return b"".join(parts.read(name) for name in parts.namelist())


def test_many_keys_are_kept_short_and_read_back():
    sight = seen.Seen()
    sight.households |= set(range(1, 5000, 3)) | {10**7}
    sight.members |= {5, 6, 7, 9}
    text = str(sight)
    assert len(text) < 5000
    back = seen.read(text)
    assert (back.households, back.members) == (sight.households, sight.members)
    assert str(seen.read("h1-3,7 m5")) == "h1-3,7 m5"
