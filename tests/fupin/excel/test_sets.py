"""Zips: the whole set of a township, and a village's 户档 with one workbook a household."""

import io
import zipfile
from urllib.parse import unquote

import openpyxl
import pytest
from django.urls import reverse

from fupin.accounts.roles import Role
from fupin.audit.models import AuditEvent
from fupin.excel.sets import INDEX, Names, plain
from fupin.jobs.models import Job
from fupin.jobs.worker import Worker
from tests import factories

pytestmark = pytest.mark.django_db
TOWN, VILLAGE = "990101100", "990101100201"


def fetched(client, response):
    """The zip of the job that `response` leads to, and what it is called."""
    Worker().loop(once=True)
    job = Job.objects.latest("pk")
    assert job.state == "done", job.message
    answer = client.get(reverse("job_file", args=[job.uid]))
    return zipfile.ZipFile(io.BytesIO(b"".join(answer))), unquote(answer["Content-Disposition"])


def test_names_are_taken_by_every_system():
    assert plain('1组-脱贫户/监测户-张"三"#1-2-村') == "1组-脱贫户 监测户-张 三  1-2-村"
    assert plain(" .. ") == "未命名" and len(plain("长" * 200)) == 80
    names = Names()
    assert [names.of("a"), names.of("a"), names.of("b")] == ["a", "a-2", "b"]


def test_a_villages_households_each_in_a_file_of_its_own(login):
    for n in (1, 2):
        home = factories.household(
            at=f"{VILLAGE}01", members=0, registry_status="3", exit_year=2018, number=f"H{n}"
        )
        factories.member(home, relation="01", name="赵=一")
        type(home).objects.filter(pk=home.pk).update(head_name="赵=一", size=2)
    factories.household(at="99010110020201")
    client = login(factories.user(Role.TOWNSHIP_OPERATOR, at=TOWN))
    address = reverse("report_files", args=["R03"])

    page = reverse("report_detail", args=["R03"])
    assert "打包户档" in client.get(f"{page}?region={VILLAGE}").content.decode()
    assert "请先把范围选到村" in client.get(f"{page}?region={TOWN}").content.decode()
    assert client.post(f"{address}?region={TOWN}").url.startswith(reverse("report_detail", args=["R03"]))
    assert (
        client.post(f"{address}?region={VILLAGE}", {"reveal": "1", "purpose": "村级归档"}).status_code == 403
    )
    book, name = fetched(client, client.post(f"{address}?region={VILLAGE}"))

    assert "赵" not in name and ".zip" in name
    files = sorted(set(book.namelist()) - {INDEX})
    assert files == ["1组-脱贫户-赵=一-2-测试村01-2.xlsx", "1组-脱贫户-赵=一-2-测试村01.xlsx"]
    sheet = openpyxl.load_workbook(io.BytesIO(book.read(files[1]))).active
    words = " ".join(str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value)
    assert "H1" in words and "H2" not in words and "********" in words
    index = openpyxl.load_workbook(io.BytesIO(book.read(INDEX))).active
    links = [cell.hyperlink.target for row in index.iter_rows() for cell in row if cell.hyperlink]
    assert sorted(links) == files
    assert [cell.value for cell in index[5]][1:5] == ["合计 2 户", None, None, 4]
    event = AuditEvent.objects.get(action="report.export")
    assert (event.detail["rows"], event.detail["whole"]) == (2, [])


def test_the_whole_set_of_a_township(login):
    factories.household(number="H1")
    factories.household(at="99010120020101", number="H2")
    client = login(factories.user(Role.TOWNSHIP_OPERATOR, at=TOWN))
    address = reverse("report_set")

    assert client.post(address, {"region": "990101200", "year": "2026"}).url == reverse("report_list")
    assert not Job.objects.exists()
    book, name = fetched(client, client.post(address, {"region": TOWN, "year": "2026"}))

    names = book.namelist()
    assert {entry[:3] for entry in names} >= {"R01", "R02", "R04", "R12", "R15", "R22"} and "全套报表" in name
    roster = next(entry for entry in names if entry.startswith("R02"))
    sheet = openpyxl.load_workbook(io.BytesIO(book.read(roster))).active
    words = {cell.value for row in sheet.iter_rows() for cell in row}
    assert "H1" in words and "H2" not in words
