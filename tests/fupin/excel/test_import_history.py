"""The history of imports: one's own lines, those of the region for who reads its trail, and what a line tells."""

import os
from datetime import timedelta
from unittest.mock import Mock

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from fupin.accounts.roles import Role
from fupin.audit.models import AuditEvent
from fupin.crypt import boxes
from fupin.excel import import_upkeep, import_views, staging
from fupin.excel.models import ImportBatch, State
from households.models import Household
from tests import factories
from tests.workbooks import imported, made, uploaded

pytestmark = pytest.mark.django_db
HEAD = ("户编号", "村", "姓名", "身份证号", "与户主关系", "备用列")
TOWN, OTHER_TOWN, OTHER_COUNTY = "990101100", "990101200", "990102"


@pytest.fixture
def operator(settings, tmp_path):
    settings.FILES = tmp_path / "files"
    factories.region("99010110020101")
    return factories.user(Role.TOWNSHIP_OPERATOR, at=TOWN, name="王经办")


def roll(*, bad=False):
    number = "990101198001010000" if bad else factories.id_number(1, born="19800101")
    return made(HEAD, ("H1", "测试村01", "甲", factories.id_number(2, born="19800101"), "户主", ""), ("H1", "测试村01", "乙", number, "之子", ""), name="花名册2025年.xlsx")  # fmt: skip


def test_a_line_tells_who_when_what_and_how_it_went(login, operator):
    client = login(operator)
    batch = imported(client, roll(bad=True), year=2025)

    lines = client.get(reverse("import_history")).content.decode()
    page = client.get(reverse("import_record", args=[batch.uid])).content.decode()

    for words in ("花名册2025年.xlsx", "户和成员", "王经办", "写入 1 行", "有错 1 行", batch.sha256[:12]):
        assert words in lines, words
    for words in (
        batch.sha256,
        "按表头自动识别",
        "6 列里对上 5 列",
        "备用列",
        "证件号码",
        "到期删除，记录留着",
        "测试镇00",
        "数据年度 2025 年",
    ):
        assert words in page, words
    assert (
        reverse("import_file", args=[batch.uid]) in page
        and reverse("import_workbook", args=[batch.uid]) in page
    )
    assert "990101198001010000" not in page
    file = client.get(reverse("import_file", args=[batch.uid]))
    assert (
        b"".join(file) == b"".join(boxes.pieces(batch.stored)) and "attachment" in file["Content-Disposition"]
    )
    event = AuditEvent.objects.get(action="import.export")
    assert (event.user, event.detail["item"], event.detail["sha256"]) == (operator, "原文件", batch.sha256)


@pytest.mark.parametrize(
    ("role", "at", "seen"),
    [
        (Role.COUNTY_OFFICE, "990101", True), (Role.AUDITOR, "990101", True), (Role.TOWNSHIP_OPERATOR, TOWN, False),
        (Role.COUNTY_OFFICE, OTHER_TOWN, False), (Role.AUDITOR, OTHER_COUNTY, False),
    ],
)  # fmt: skip
def test_others_see_the_lines_of_places_whose_trail_they_read(login, operator, role, at, seen):
    batch = imported(login(operator), roll(), year=2025)
    client = login(factories.user(role, at=at))

    assert ("花名册2025年.xlsx" in client.get(reverse("import_history")).content.decode()) == seen
    record = client.get(reverse("import_record", args=[batch.uid]))
    assert record.status_code == (200 if seen else 404)
    if seen:  # the line, not the work
        assert f'href="{reverse("import_preview", args=[batch.uid])}"' not in record.content.decode()
        for name in ("import_preview", "import_columns"):
            assert client.get(reverse(name, args=[batch.uid])).status_code in (403, 404)
        may_have = role == Role.COUNTY_OFFICE
        assert ("用途（4 至 120 字）" in record.content.decode()) == may_have
    for name in ("import_commit", "import_undo", "import_discard"):
        assert client.post(reverse(name, args=[batch.uid])).status_code in (403, 404)
    assert Household.objects.count() == 1


def test_the_history_is_looked_through(login, operator):
    client = login(operator)
    first = uploaded(client, roll(), year=2025)
    ImportBatch.objects.filter(pk=first.pk).update(created_at=timezone.now() - timedelta(days=40))
    factories.import_batch(user=operator, name="走访.xlsx", kind="visits", state="refused", home=TOWN)

    def shown(**asked):
        page = client.get(reverse("import_history"), asked).content.decode()
        return ["花名册2025年.xlsx" in page, "走访.xlsx" in page]

    assert shown() == [True, True]
    assert shown(kind="visits") == [False, True] == shown(state="refused")
    assert shown(name="花名册") == [True, False] == shown(name=first.sha256[:8].upper())
    assert shown(since=(timezone.localdate() - timedelta(days=3)).isoformat()) == [False, True]
    assert shown(until=(timezone.localdate() - timedelta(days=3)).isoformat()) == [True, False]
    assert shown(who="王经办") == [True, True] and shown(who="谁") == [False, False]
    assert shown(since="昨天") == [True, True]


def test_a_page_of_history_costs_the_same_for_many(login, operator):
    client = login(factories.user(Role.COUNTY_OFFICE, at="990101"))
    factories.import_batch(user=operator, home=TOWN)
    with CaptureQueriesContext(connection) as few:
        client.get(reverse("import_history"))
    for n in range(60):
        factories.import_batch(user=operator, name=f"表{n}.xlsx", home=TOWN)

    with CaptureQueriesContext(connection) as many:
        page = client.get(reverse("import_history")).content.decode()
    assert len(many) == len(few) <= 9
    following = page.split('rel="next"')[0].rpartition('href="')[2].split('"')[0]
    rest = client.get(reverse("import_history") + following.replace("&amp;", "&")).content.decode()
    assert page.count('class="name"') == 50 and rest.count('class="name"') == 11


def test_what_a_killed_process_left_goes_after_a_day(login, operator, settings, tmp_path):
    batch = imported(login(operator), roll(bad=True), year=2025)
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    left = [
        settings.FILES / "imports" / "0123456789abcdef",  # received, and never written down
        batch.stored.with_name(f"{batch.stored.name}.rows.17.new"),
        tmp_path / "tmpx.upload.xlsx",
    ]
    for path in left:
        path.write_text("张三")
        path.with_name(f"fresh{path.name}").write_text("张三")
    (settings.FILES / "marking-left").mkdir()
    (settings.FILES / "marking-fresh").mkdir()
    for path in (*left, batch.stored, settings.FILES / "marking-left"):
        os.utime(path, (0, 0))

    import_upkeep.remove_old_uploads(timezone.localdate())

    assert not [path for path in left if path.exists()]
    assert all(path.with_name(f"fresh{path.name}").exists() for path in left)
    assert [path.name for path in settings.FILES.glob("marking-*")] == ["marking-fresh"]
    assert batch.stored.exists() and staging.path_of(batch.stored).exists()


def test_a_file_is_never_left_to_a_worker_that_was_not_asked(login, operator, monkeypatch):
    """The step to 正在检查 and the job that does it are one transaction."""
    client = login(operator)
    monkeypatch.setattr(import_views, "BIG_FILE", 0)
    monkeypatch.setattr(import_views, "submit_import", Mock(side_effect=ZeroDivisionError))
    with pytest.raises(ZeroDivisionError):
        uploaded(client, roll(bad=True), year=2025)

    batch = ImportBatch.objects.get()
    assert (batch.state, batch.job) == (State.CHECKED, None)
    assert "正在检查" not in client.get(reverse("import_preview", args=[batch.uid])).content.decode()


def test_the_file_goes_when_its_time_is_up_and_the_line_stays(login, operator, settings):
    client = login(operator)
    batch = imported(client, roll(bad=True), year=2025)
    stored = batch.stored
    ImportBatch.objects.update(committed_at=timezone.now() - timedelta(days=settings.IMPORT_FILE_DAYS + 1))

    import_upkeep.remove_old_uploads(timezone.localdate())

    page = client.get(reverse("import_record", args=[batch.uid])).content.decode()
    assert not stored.exists() and "原文件已不在" in page and batch.issues[0]["title"] in page
    assert "花名册2025年.xlsx" in client.get(reverse("import_history")).content.decode()
    assert client.get(reverse("import_file", args=[batch.uid])).status_code == 404
    assert client.get(reverse("import_workbook", args=[batch.uid])).status_code in (302, 404)
