"""Every report opens in LibreOffice without an error, text that looks like a formula included."""

import pytest
from django.urls import reverse

from fupin.catalogue import offers
from tests import factories
from tests.workbooks import converted

pytestmark = [pytest.mark.django_db, pytest.mark.libreoffice]

NAMES = [report.name for report in offers("REPORT_MODULES", "REPORTS")]


def test_every_report_opens(login, tmp_path):
    household = factories.household(members=2, target_end=None)
    factories.member(household, name="=1+1")
    project = factories.project(name="=1+1")
    client = login(factories.user())
    books = {name: b"".join(client.get(reverse("report_download", args=[name]))) for name in NAMES}

    texts = {name: path.read_text("utf-8") for name, path in converted(tmp_path, "csv", **books).items()}

    for name, text in texts.items():
        assert "Err:" not in text, name
        assert "单位负责人" in text or name == "R03", name
    for name in ("L01", "R01", "R02", "R03", "R16"):
        assert household.number in texts[name], name
    assert project.number in texts["R12"]
    assert "=1+1" in texts["R12"]
