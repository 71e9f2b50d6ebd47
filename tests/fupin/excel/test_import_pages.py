"""The import pages, as a township official walks them."""

import re
from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from fupin.accounts.roles import Role
from fupin.audit.models import AuditEvent
from fupin.excel import batches, import_upkeep
from fupin.excel.models import ImportBatch
from households.models import Household, Member, RegionCount
from tests import factories

pytestmark = pytest.mark.django_db
HEADER = "户编号,乡镇,村,姓名,身份证号,与户主关系,性别,是否贫困户,致贫原因,家庭纯收入,联系电话"


@pytest.fixture
def clerk(settings, tmp_path):
    settings.FILES = tmp_path / "files"
    factories.region("99010110020101")
    return factories.user(Role.TOWNSHIP_OPERATOR, at="990101100")


def village():
    return factories.region("990101100201").short_name


def line(n, *, household="H1", relation="之子", name="甲", number=None, **more):
    number = number or factories.id_number(n, born="19900101")
    return f"{household},测试镇00,{more.get('village') or village()},{name}{n},{number},{relation},男,是,{more.get('cause', '因病')},1200,15412345678"


def book(*lines):
    return SimpleUploadedFile("名册2020年.csv", "\n".join([HEADER, *lines]).encode("gb18030"))


def upload(client, file, **said):
    response = client.post(reverse("import_upload"), {"file": file, **said})
    assert response.status_code == 302
    return client.get(response["Location"])


def test_upload_preview_and_commit(login, clerk):
    client = login(clerk)

    page = upload(client, book(line(1, relation="户主"), line(2), line(3, number="990101199001010099")))

    text = page.content.decode()
    assert not Household.objects.exists()
    assert "证件号码校验位不符" in text
    assert "990101199001010099" not in text  # personal, masked in the list of findings
    assert "提交 2 行" in text

    batch = ImportBatch.objects.get()
    assert batch.year == 2020
    page = client.post(reverse("import_commit", args=[batch.uid]), {"policy": "good"}, follow=True)

    assert "已写入 2 行" in page.content.decode()
    assert Member.objects.count() == 2
    household = Household.objects.get()
    assert (household.number, household.head_name, household.size, household.registry_status) == (
        "H1",
        "甲1",
        2,
        "1",
    )
    assert household.main_cause == "01"
    assert AuditEvent.objects.filter(action="household.import", user=clerk).count() == 1
    assert AuditEvent.objects.filter(action="import.commit", user=clerk).count() == 1


def test_all_or_nothing_writes_nothing(login, clerk):
    client = login(clerk)
    upload(client, book(line(1, relation="户主"), line(2, number="990101199001010099")))
    batch = ImportBatch.objects.get()

    client.post(reverse("import_commit", args=[batch.uid]), {"policy": "all"})

    assert not Household.objects.exists()


def test_the_same_file_twice_changes_nothing(login, clerk):
    client = login(clerk)
    for _ in range(2):
        upload(client, book(line(1, relation="户主"), line(2)))
        batch = ImportBatch.objects.first()
        client.post(reverse("import_commit", args=[batch.uid]))
    batch.refresh_from_db()

    assert batch.report["written"] == {
        "households_new": 0, "households_changed": 0, "households_same": 1,
        "persons_new": 0, "persons_changed": 0, "persons_same": 2,
    }  # fmt: skip
    assert AuditEvent.objects.filter(action="household.import").count() == 1
    assert (
        "导入过" in client.get(reverse("import_preview", args=[batch.uid])).content.decode()
        or batch.state == "done"
    )


def test_a_changed_value_is_updated_and_audited(login, clerk):
    client = login(clerk)
    for cause in ("因病", "因残"):
        upload(client, book(line(1, relation="户主", cause=cause)))
        client.post(reverse("import_commit", args=[ImportBatch.objects.first().uid]))

    household = Household.objects.get()
    assert household.main_cause == "02"
    assert list(household.causes.values_list("cause", flat=True)) == ["02"]
    assert ImportBatch.objects.first().report["written"]["households_changed"] == 1


def test_a_household_that_moved_takes_its_rows_and_counts_along(login, clerk):
    client = login(clerk)
    there = factories.region("990101100202")
    there.name = there.short_name = "新址村"
    there.key = "新址"
    there.save()
    for place in (None, "新址村"):
        upload(client, book(line(1, relation="户主", village=place), line(2, village=place)))
        client.post(reverse("import_commit", args=[ImportBatch.objects.first().uid]))

    assert Household.objects.get().region == there
    assert set(Member.objects.values_list("region_path", flat=True)) == {there.path}
    counts = dict(RegionCount.objects.values_list("region_path", "figures"))
    assert counts["990101100201"].get("all", [0, 0]) == [0, 0]
    assert counts["990101100202"]["all"] == [1, 2]


def test_villages_outside_the_post_are_not_found(login, clerk):
    factories.region("99010210020101")
    other = factories.region("990102100202")
    other.name = other.short_name = "别处村"
    other.key = "别处"
    other.save()

    page = upload(login(clerk), book(line(1, relation="户主", village="别处村")))

    assert "村名在您的辖区里查不到" in page.content.decode()
    assert "提交 0 行" in page.content.decode()


def test_a_number_used_elsewhere_is_refused(login, clerk):
    factories.household(at="99010210020101", number="H1")

    page = upload(login(clerk), book(line(1, relation="户主")))

    assert "户编号已被辖区以外的户使用" in page.content.decode()


def test_what_was_corrected_in_another_window_is_not_submitted_unseen(login, clerk):
    client = login(clerk)
    upload(client, book(line(1, relation="户主")))
    batch = ImportBatch.objects.get()
    seen = batch.version
    ImportBatch.objects.update(version=seen + 1)

    answer = client.post(reverse("import_commit", args=[batch.uid]), {"version": seen})

    assert ["在别的窗口里又更正过" in str(said) for said in get_messages(answer.wsgi_request)] == [True]
    assert not Household.objects.exists()


def test_a_person_already_in_another_household_is_refused(login, clerk):
    client = login(clerk)
    upload(client, book(line(1, relation="户主")))
    client.post(reverse("import_commit", args=[ImportBatch.objects.first().uid]))

    page = upload(client, book(line(2, household="H2", relation="户主"), line(1, household="H2")))

    assert "已登记在户 H1" in page.content.decode()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.xlsx", b"", "空的"),
        ("a.xlsx", b"<html><table></table></html>", "扩展名不符"),
        ("a.xlsx", b"PK\x03\x04broken", "损坏"),
        ("a.xlsx", b"\x89PNG\r\n\x1a\n\0\0", "扩展名不符"),
        ("a.csv", "甲,乙\n1,2\n".encode(), "表头"),
        ("a.csv", "户编号,姓名,身份证号,性别\n1,甲,1,男\n".encode(), "缺少这些列：与户主关系"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "扩展名不符"),
    ],
)
def test_a_file_that_is_none_is_refused_in_a_sentence(login, clerk, name, content, sentence):
    response = login(clerk).post(
        reverse("import_upload"), {"file": SimpleUploadedFile(name, content)}, follow=True
    )

    assert sentence in response.content.decode()
    assert not Household.objects.exists()


def test_the_filter_shows_one_kind_of_finding(login, clerk):
    client = login(clerk)
    upload(client, book(line(1, relation="户主", cause="懒"), line(2, number="990101199001010099")))
    address = reverse("import_preview", args=[ImportBatch.objects.get().uid])

    only = client.get(address, {"code": "cause_unknown"}).content.decode()

    assert len(re.findall(r"<tr id=\"r-\d+\" class=\"(?:bad|wrn)-row", only)) == 1


def test_list_of_findings_as_a_workbook(login, clerk):
    client = login(clerk)
    upload(client, book(line(1, relation="户主"), line(2, number="990101199001010099")))

    response = client.get(reverse("import_issues", args=[ImportBatch.objects.get().uid]))

    assert b"".join(response.streaming_content).startswith(b"PK")


def test_discarding_removes_the_file(login, clerk, settings, django_capture_on_commit_callbacks):
    client = login(clerk)
    upload(client, book(line(1, relation="户主")))
    batch = ImportBatch.objects.get()
    stored = settings.FILES / batch.file
    assert stored.stat().st_mode & 0o777 == 0o600

    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("import_discard", args=[batch.uid]))

    assert not stored.exists()
    assert batch.name not in client.get(reverse("import_list")).content.decode()
    assert client.get(reverse("import_preview", args=[batch.uid])).status_code == 404
    assert client.post(reverse("import_commit", args=[batch.uid])).status_code == 404
    batch = ImportBatch.objects.get()
    assert (batch.undone_by, batch.kept_issues, batch.columns) == (clerk, [], [])
    assert "已放弃" in client.get(reverse("import_history"), {"state": "discarded"}).content.decode()
    kept = client.get(reverse("import_record", args=[batch.uid])).content.decode()
    assert batch.sha256 in kept and clerk.name in kept and "没有写入，原文件已删除" in kept


def test_a_discarded_file_is_not_discarded_twice(login, clerk):
    upload(login(clerk), book(line(1, relation="户主")))
    batch = ImportBatch.objects.get()

    assert [batches.discard(batch, by=clerk), batches.discard(batch, by=clerk)] == [True, False]
    assert AuditEvent.objects.filter(action="import.discard").count() == 1


def test_forgotten_uploads_are_thrown_away(login, clerk, settings, django_capture_on_commit_callbacks):
    upload(login(clerk), book(line(1, relation="户主")))
    batch = ImportBatch.objects.get()
    stored = settings.FILES / batch.file

    import_upkeep.remove_old_uploads(timezone.localdate() + timedelta(days=7))
    assert stored.exists()
    with django_capture_on_commit_callbacks(execute=True):
        import_upkeep.remove_old_uploads(timezone.localdate() + timedelta(days=8))

    assert not stored.exists()
    assert ImportBatch.objects.get().state == "discarded"


def test_an_import_whose_worker_gave_up_can_be_submitted_again(login, clerk):
    client = login(clerk)
    upload(client, book(line(1, relation="户主")))
    job = factories.job(user=clerk, state="failed")
    ImportBatch.objects.update(state="writing", job=job.uid)
    address = reverse("import_preview", args=[ImportBatch.objects.get().uid])

    assert "写入没有完成" in client.get(address).content.decode()
    client.post(address + "commit/")

    assert Household.objects.count() == 1


def test_somebody_elses_import_does_not_exist(login, clerk):
    batch = factories.import_batch()

    assert login(clerk).get(reverse("import_preview", args=[batch.uid])).status_code == 404


def test_a_double_submit_uploads_once(login, clerk):
    client = login(clerk)
    key = re.search(
        r'name="submit_key" value="([^"]+)"', client.get(reverse("import_list")).content.decode()
    )[1]

    for _ in range(2):
        upload(client, book(line(1, relation="户主")), submit_key=key)

    assert ImportBatch.objects.count() == 1


def test_queries_do_not_grow_with_imports(login, clerk, django_assert_num_queries):
    client = login(clerk)
    client.get(reverse("import_list"))
    for _ in range(10):
        factories.import_batch(user=clerk)

    # session, user, posts, imports
    with django_assert_num_queries(4):
        client.get(reverse("import_list"))


def test_a_scope_that_changed_between_preview_and_commit_is_refused(login, clerk):
    upload(login(clerk), book(line(1, relation="户主")))
    batch = ImportBatch.objects.get()
    clerk.posts.update(region=factories.region("990101100201"))
    clerk = type(clerk).objects.get(pk=clerk.pk)

    page = login(clerk).post(reverse("import_commit", args=[batch.uid]), {"policy": "good"}, follow=True)

    assert "管理范围在检查之后变了" in page.content.decode()
    assert not Household.objects.exists()

    login(clerk).post(reverse("import_recheck", args=[batch.uid]))
    login(clerk).post(reverse("import_commit", args=[batch.uid]), {"policy": "good"})
    assert Household.objects.count() == 1


def test_a_scope_that_changed_while_the_file_waited_for_the_worker_is_refused(login, clerk):
    upload(login(clerk), book(line(1, relation="户主")))
    batch = ImportBatch.objects.get()
    assert batches.ask_to_write(batch, policy="good")
    clerk.posts.update(region=factories.region("990101100201"))
    batch = ImportBatch.objects.get()

    with pytest.raises(ValidationError, match="管理范围"):
        batches._begin(batch, type(clerk).objects.get(pk=clerk.pk))

    batch.refresh_from_db()
    assert batch.state == "writing"
