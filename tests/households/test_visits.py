"""Recording visits, what is refused, what warns, and what must follow."""

import io
import uuid
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from fupin import photos
from fupin.accounts.roles import Role
from fupin.audit.models import AuditEvent
from households.models import FollowUp, Household, Measure, Visit, VisitPhoto
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files(tmp_path, settings):
    settings.FILES = tmp_path / "files"


@pytest.fixture
def paired():
    """A helper with an account, and a household paired since 2020."""
    user = factories.user(Role.HELPER)
    household = factories.household(members=2)
    pairing = factories.pair(household, user)
    return user, household, pairing.helper


def today():
    return timezone.localdate()


def sent(helper=None, **fields):
    data = {
        "submit_key": str(uuid.uuid4()), "way": "1", "on": today().isoformat(), "content": "到家里看了大棚。",
        "f-TOTAL_FORMS": "2", "f-INITIAL_FORMS": "0", "f-0-helper": "", "f-1-helper": "",
    }  # fmt: skip
    if helper:
        data["helpers"] = [str(helper.pk)]
    return data | fields


def address(household):
    return reverse("visit_create", args=[household.pk])


def text(response):
    return response.content.decode()


def picture(kind="JPEG", size=(400, 300), mode="RGB", **options):
    out = io.BytesIO()
    Image.new(mode, size, "green" if mode == "RGB" else 1).save(out, kind, **options)
    return out.getvalue()


def test_form_opens_with_today_home_visit_and_myself(login, paired):
    user, household, helper = paired

    page = text(login(user).get(address(household)))

    assert f'value="{today().isoformat()}"' in page
    assert f'name="helpers" value="{helper.pk}" id="id_helpers_0" checked' in page
    assert 'name="way" value="1" id="id_way_0" checked' in page


def test_a_visit_is_kept_and_counts(login, paired):
    user, household, helper = paired

    response = login(user).post(
        address(household), sent(helper, purposes=["1", "2"], phrases=["了解收入情况", "宣传帮扶政策"])
    )

    visit = Visit.objects.get()
    assert response.url == reverse("visit_detail", args=[visit.pk])
    assert visit.counts and not visit.late
    assert visit.content == "了解收入情况，宣传帮扶政策。到家里看了大棚。"
    assert visit.purposes == "1,2"
    assert list(visit.helpers.all()) == [helper]
    household.refresh_from_db()
    assert household.last_visit_on == today()
    assert AuditEvent.objects.filter(action="visit.record", region_path=household.region_path).count() == 1


def test_a_tapped_phrase_is_content_enough(login, paired):
    user, household, helper = paired

    login(user).post(address(household), sent(helper, content="", phrases=["家中情况正常"]))

    assert Visit.objects.get().content == "家中情况正常"


def test_without_content_nothing_is_lost(login, paired):
    user, household, helper = paired

    response = login(user).post(address(household), sent(helper, content="", problem="屋顶漏水"))

    assert response.status_code == 422
    assert "请写一句走访情况" in text(response)
    assert "屋顶漏水" in text(response)
    assert not Visit.objects.exists()


def test_future_day_is_refused_in_words(login, paired):
    user, household, helper = paired

    response = login(user).post(
        address(household), sent(helper, on=(today() + timedelta(days=1)).isoformat())
    )

    assert response.status_code == 422
    assert "走访日期不能晚于今天" in text(response)


def test_the_same_submit_twice_is_one_visit(login, paired):
    user, household, helper = paired
    client, data = login(user), sent(helper)

    first, second = client.post(address(household), data), client.post(address(household), data)

    assert first.url == second.url
    assert Visit.objects.count() == 1


def test_same_content_same_day_is_refused(login, paired):
    user, household, helper = paired
    client = login(user)
    client.post(address(household), sent(helper))

    response = client.post(address(household), sent(helper, sure="on"))

    assert response.status_code == 422
    assert "已经登记过" in text(response)
    assert Visit.objects.count() == 1


def test_second_visit_on_a_day_asks_first(login, paired):
    user, household, helper = paired
    client = login(user)
    client.post(address(household), sent(helper))

    asked = client.post(address(household), sent(helper, content="下午又去了一次。"))
    assert asked.status_code == 422
    assert "同一天已登记过" in text(asked)
    assert 'name="sure"' in text(asked)

    client.post(address(household), sent(helper, content="下午又去了一次。", sure="on"))
    assert Visit.objects.count() == 2


def test_before_the_pairing_asks_and_does_not_count(login):
    user, household = factories.user(Role.HELPER), factories.household()
    helper = factories.pair(household, user, starts_on=today() - timedelta(days=3)).helper
    client, on = login(user), (today() - timedelta(days=5)).isoformat()

    asked = client.post(address(household), sent(helper, on=on))
    assert asked.status_code == 422
    assert "早于结对开始日期" in text(asked)

    client.post(address(household), sent(helper, on=on, sure="on"))
    assert not Visit.objects.get().counts
    household.refresh_from_db()
    assert household.last_visit_on is None


def test_somebody_not_responsible_does_not_count_and_is_told(login):
    household = factories.household()
    user = factories.user(Role.VILLAGE_CLERK, at="990101100201")

    response = login(user).post(address(household), sent(visitor_text=user.name), follow=True)

    assert "走访人不是本户帮扶责任人" in text(response)
    assert not Visit.objects.get().counts


def test_a_phone_call_does_not_count(login, paired):
    user, household, helper = paired

    login(user).post(address(household), sent(helper, way="2"))

    assert not Visit.objects.get().counts


def test_late_entry_is_marked(login, paired):
    user, household, helper = paired

    login(user).post(address(household), sent(helper, on=(today() - timedelta(days=8)).isoformat()))

    assert Visit.objects.get().late


def test_follow_up_is_kept_with_who_and_when(login, paired):
    user, household, helper = paired
    due = today().replace(day=1) + timedelta(days=70)

    login(user).post(
        address(household),
        sent(
            helper,
            **{
                "f-0-what": "接通水管",
                "f-0-helper": str(helper.pk),
                "f-0-due": f"{due.year}年{due.month}月底前",
            },
        ),
    )

    row = FollowUp.objects.get()
    assert (row.what, row.helper, row.due_text) == ("接通水管", helper, f"{due.year}年{due.month}月底前")
    assert (row.due_end.year, row.due_end.month) == (due.year, due.month)
    assert row.visit == Visit.objects.get()


def test_follow_up_without_date_is_refused(login, paired):
    user, household, helper = paired

    response = login(user).post(
        address(household), sent(helper, **{"f-0-what": "接通水管", "f-0-helper": str(helper.pk)})
    )

    assert response.status_code == 422
    assert "请填写办理时限" in text(response)


def test_open_item_stands_on_top_and_closes_with_the_visit(login, paired):
    user, household, helper = paired
    row = FollowUp.objects.create(household=household, region_path=household.region_path, what="补办入学材料")
    client = login(user)
    assert "补办入学材料" in text(client.get(address(household)))

    client.post(address(household), sent(helper, **{f"result-{row.pk}": "已入学"}))

    row.refresh_from_db()
    assert (row.closed_on, row.result) == (today(), "已入学")


def test_photo_is_rebuilt_without_place_and_device(login, paired):
    user, household, helper = paired
    exif = Image.Exif()
    exif[271] = "SecretPhoneMaker"
    exif.get_ifd(0x8769)[36867] = "2026:11:20 10:00:00"
    exif.get_ifd(0x8825)[2] = (29.0, 1.0, 2.0)
    data = picture(exif=exif, comment=b"a secret remark")
    assert b"SecretPhoneMaker" in data

    login(user).post(
        address(household), sent(helper, photos=SimpleUploadedFile("../../x.php", data, "text/html"))
    )

    photo = VisitPhoto.objects.get()
    stored = photos.opened(photo.file).read()
    assert b"\xff\xd8\xff" not in (settings.FILES / photo.file).read_bytes()[:200]  # encrypted on the disk
    assert b"SecretPhoneMaker" not in stored and b"secret" not in stored and b"Exif" not in stored
    assert photo.file.startswith("photos/") and photo.file.endswith(".jpg") and "x" not in photo.file[7:-4]
    assert (settings.FILES / photo.file).stat().st_mode & 0o777 == 0o600
    assert photo.taken_on == date(2026, 11, 20)


def test_polyglot_keeps_only_its_pixels(login, paired):
    user, household, helper = paired
    data = picture("PNG") + b"<script>alert(1)</script>PK\x03\x04"

    login(user).post(address(household), sent(helper, photos=SimpleUploadedFile("a.png", data)))

    stored = photos.opened(VisitPhoto.objects.get().file).read()
    assert stored.startswith(b"\xff\xd8\xff") and stored.endswith(b"\xff\xd9")
    assert b"script" not in stored and b"PK\x03\x04" not in stored


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.jpg", b"<html><body>not a picture</body></html>"),
        ("a.gif", None),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("a.jpg", b"\xff\xd8\xff" + b"0" * 100),
    ],
)
def test_not_a_picture_is_refused(login, paired, name, data):
    user, household, helper = paired
    data = data or picture("GIF")

    response = login(user).post(address(household), sent(helper, photos=SimpleUploadedFile(name, data)))

    assert response.status_code == 422
    assert "不是可用的照片" in text(response)
    assert not Visit.objects.exists()


def test_photo_of_too_many_pixels_is_refused_before_decoding(login, paired):
    user, household, helper = paired
    data = picture("PNG", size=(8000, 4000), mode="1")

    response = login(user).post(address(household), sent(helper, photos=SimpleUploadedFile("a.png", data)))

    assert response.status_code == 422
    assert "像素过大" in text(response)


def test_large_photo_is_scaled_down(login, paired):
    user, household, helper = paired
    noise = Image.effect_noise((2000, 1500), 90).convert("RGB")
    out = io.BytesIO()
    noise.save(out, "JPEG", quality=95)

    login(user).post(address(household), sent(helper, photos=SimpleUploadedFile("a.jpg", out.getvalue())))

    kept = photos.opened(VisitPhoto.objects.get().file)
    with Image.open(kept) as stored:
        assert max(stored.size) <= 1600
    assert len(kept.getvalue()) < len(out.getvalue()) / 3


def test_photo_survives_an_error_elsewhere(login, paired):
    user, household, helper = paired
    client = login(user)

    refused = client.post(
        address(household), sent(helper, content="", photos=SimpleUploadedFile("a.jpg", picture()))
    )
    token = refused.context["tokens"][0]
    client.post(address(household), sent(helper, held_photo=token))

    assert VisitPhoto.objects.count() == 1


def test_held_photo_of_somebody_else_is_ignored(login, paired, client):
    user, household, helper = paired
    refused = login(user).post(
        address(household), sent(helper, content="", photos=SimpleUploadedFile("a.jpg", picture()))
    )
    other = factories.user(Role.VILLAGE_CLERK, at="990101100201")

    login(other).post(
        address(household), sent(visitor_text="村干部", held_photo=refused.context["tokens"][0])
    )

    assert Visit.objects.count() == 1
    assert not VisitPhoto.objects.exists()


def test_photo_is_served_to_who_may_see_the_visit_only(login, paired):
    user, household, helper = paired
    client = login(user)
    client.post(address(household), sent(helper, photos=SimpleUploadedFile("a.jpg", picture())))
    url = reverse("visit_photo", args=[VisitPhoto.objects.get().pk])

    response = client.get(url)
    assert response["Content-Type"] == "image/jpeg"
    assert b"".join(response.streaming_content).startswith(b"\xff\xd8")

    assert login(factories.user(Role.COUNTY_OFFICE, at="990102")).get(url).status_code == 404
    assert login(factories.user(Role.HELPER)).get(url).status_code == 404


def test_cancelled_visit_stays_and_no_longer_counts(login, paired):
    user, household, helper = paired
    client = login(user)
    client.post(address(household), sent(helper))
    visit = Visit.objects.get()

    client.post(reverse("visit_cancel", args=[visit.pk]), {"reason": ""})
    visit.refresh_from_db()
    assert visit.cancelled_reason == ""

    client.post(reverse("visit_cancel", args=[visit.pk]), {"reason": "登记错户"})
    visit.refresh_from_db()
    assert visit.cancelled_reason == "登记错户"
    household.refresh_from_db()
    assert household.last_visit_on is None
    assert AuditEvent.objects.filter(action="visit.cancel").exists()


def test_only_the_author_or_an_editor_cancels(login, paired):
    user, household, helper = paired
    login(user).post(address(household), sent(helper))
    url = reverse("visit_cancel", args=[Visit.objects.get().pk])
    colleague = factories.user(Role.HELPER)
    factories.pair(household, colleague, order="2")

    login(colleague).post(url, {"reason": "不是我记的"})
    assert Visit.objects.get().cancelled_reason == ""

    login(factories.user(Role.VILLAGE_CLERK, at="990101100201")).post(url, {"reason": "登记错户"})
    assert Visit.objects.get().cancelled_reason == "登记错户"


def visit_rows(response):
    return [row.pk for row in response.context["page"].rows]


def test_list_shows_own_pairings_and_own_region_only(login):
    mine, other = factories.household(visited=date(2026, 5, 1)), factories.household(visited=date(2026, 5, 2))
    far = factories.household(at="99010210020101", visited=date(2026, 5, 3))
    helper = factories.user(Role.HELPER)
    factories.pair(mine, helper)
    url = reverse("visit_list")

    assert visit_rows(login(helper).get(url)) == [mine.visits.get().pk]
    county = visit_rows(login(factories.user(at="990101")).get(url))
    assert county == [other.visits.get().pk, mine.visits.get().pk]
    assert far.visits.get().pk not in county


def test_list_filters(login):
    household = factories.household()
    helper = factories.pair(household, factories.user(Role.HELPER)).helper

    def visit(**fields):
        made = Visit.objects.create(
            household=household, region_path=household.region_path, content="看望",
            **({"on": date(2026, 5, 1)} | fields),
        )  # fmt: skip
        made.helpers.set([helper])
        return made.pk

    plain = visit()
    phone = visit(way="2", on=date(2026, 5, 2))
    trouble = visit(problem="漏雨", solved=False, on=date(2026, 5, 3))
    solved = visit(problem="断水", solved=True, on=date(2026, 5, 4))
    gone = visit(cancelled_reason="错", on=date(2026, 5, 5))
    client, url = login(factories.user()), reverse("visit_list")

    assert visit_rows(client.get(url)) == [solved, trouble, phone, plain]
    assert visit_rows(client.get(url, {"cancelled": "1"}))[0] == gone
    assert visit_rows(client.get(url, {"way": "2"})) == [phone]
    assert visit_rows(client.get(url, {"problem": "1"})) == [solved, trouble]
    assert visit_rows(client.get(url, {"unsolved": "1"})) == [trouble]
    assert visit_rows(client.get(url, {"since": "2026-05-02", "until": "2026-05-03"})) == [trouble, phone]
    assert visit_rows(client.get(url, {"helper": helper.name})) == [solved, trouble, phone, plain]
    assert visit_rows(client.get(url, {"helper": "没有此人"})) == []
    assert visit_rows(client.get(url, {"region": "990101100201"})) == [solved, trouble, phone, plain]
    assert visit_rows(client.get(url, {"region": "990102"})) == []


def test_list_pages_do_not_repeat(login):
    household = factories.household()
    Visit.objects.bulk_create(
        Visit(household=household, region_path=household.region_path, on=date(2026, 1, 1) + timedelta(days=n // 3), content=str(n))
        for n in range(70)
    )  # fmt: skip
    client, url = login(factories.user()), reverse("visit_list")
    seen, after = [], ""
    while True:
        response = client.get(url, {"after": after} if after else {})
        seen += visit_rows(response)
        after = response.context["page"].next
        if not after:
            break

    assert len(seen) == len(set(seen)) == 70


LISTS = ["visit_list", "my_households", "follow_up_list", "measure_list", "unpaired_list", "helper_list"]


def test_queries_do_not_grow_with_rows(login):
    """The same rows for all lists: making them costs more than the pages."""

    def more(n):
        for _ in range(n):
            household = factories.household(visited=date(2026, 5, 1))
            factories.household()
            helper = factories.pair(household, factories.user(Role.HELPER)).helper
            household.visits.get().helpers.set([helper])
            shared = {"household": household, "region_path": household.region_path, "helper": helper}
            FollowUp.objects.create(what="事", due_end=date(2026, 6, 1), **shared)
            Measure.objects.create(kind="01", what="措施", target_end=date(2026, 6, 1), **shared)

    client, counts = login(factories.user(Role.COUNTY_OFFICE)), {name: [] for name in LISTS}
    for _ in range(2):
        more(4)
        for name in LISTS:
            client.get(reverse(name))
            with CaptureQueriesContext(connection) as queries:
                client.get(reverse(name))
            counts[name].append(len(queries))

    # session, user, posts, the rows, their visitors, names of places, region choices, what may be closed, total
    for name, (few, many) in counts.items():
        assert few == many <= 11, name


def test_my_households_are_the_paired_ones(login, paired):
    user, household, _ = paired
    factories.household()

    page = login(user).get(reverse("my_households"))

    assert [row.pk for row in page.context["page"].rows] == [household.pk]
    assert address(household) in text(page)


def test_an_official_of_the_place_chooses_any_household(login):
    late = factories.household()
    factories.household(registry_status="0", target_end=None)
    clerk = factories.user(Role.VILLAGE_CLERK, at="990101100201")

    page = login(clerk).get(reverse("my_households"))

    assert [row.pk for row in page.context["page"].rows] == [late.pk]
    for state in ("", "over", "due", "soon", "near", "other"):  # the total is a kept figure where one says it
        page = login(clerk).get(reverse("my_households"), {"state": state, "scope": "all"}).context
        assert (page["total"].number, page["total"].exact) == (len(page["page"].rows), True), state


def test_an_ended_pairing_closes_the_door(login, paired):
    user, household, helper = paired
    helper.pairings.update(ends_on=today() - timedelta(days=1))

    assert login(user).get(address(household)).status_code == 404


def test_follow_up_closes_with_a_result_and_opens_again(login, paired):
    user, household, _ = paired
    row = FollowUp.objects.create(
        household=household, region_path=household.region_path, what="补助", due_end=date(2026, 1, 1)
    )
    client, url = login(user), reverse("follow_up_list")

    client.post(reverse("follow_up_close", args=[row.pk]), {"result": " "})
    row.refresh_from_db()
    assert row.closed_on is None

    client.post(reverse("follow_up_close", args=[row.pk]), {"result": "已到账"})
    row.refresh_from_db()
    assert (row.closed_on, row.result) == (today(), "已到账")
    assert [r.pk for r in client.get(url, {"state": "open"}).context["page"].rows] == []

    client.post(reverse("follow_up_reopen", args=[row.pk]), {"reason": "又退回"})
    row.refresh_from_db()
    assert row.closed_on is None
    assert [r.pk for r in client.get(url, {"state": "over"}).context["page"].rows] == [row.pk]
    trail = AuditEvent.objects.filter(action__startswith="follow_up").values_list("action", flat=True)
    assert sorted(trail) == ["follow_up.close", "follow_up.reopen"]


def test_next_leads_nowhere_else(login, paired):
    user, household, _ = paired
    row = FollowUp.objects.create(household=household, region_path=household.region_path, what="补助")

    response = login(user).post(
        reverse("follow_up_close", args=[row.pk]), {"result": "好", "next": "https://evil.example/"}
    )

    assert response.url == reverse("follow_up_list")


def test_last_visit_is_kept_in_the_same_step(login, paired):
    user, household, helper = paired
    client = login(user)
    client.post(address(household), sent(helper, on=(today() - timedelta(days=2)).isoformat()))
    client.post(address(household), sent(helper, content="又去了"))

    assert Household.objects.get(pk=household.pk).last_visit_on == today()
