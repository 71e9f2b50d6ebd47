"""What every page has: the shell, the headers, the weight, the error pages; and what templates never contain."""

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.template.loader import get_template
from django.test import RequestFactory

from fupin.accounts.roles import Role
from fupin.views import failed
from tests import factories

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def gzipped(content):
    return len(gzip.compress(content, 9))


@pytest.mark.django_db
def test_first_load_below_200_kb_later_ones_below_30(login):
    page = login(factories.user(Role.ADMINISTRATOR, at="")).get("/users/").content
    linked = set(re.findall(rb'(?:href|src)="/static/([^"#]+)', page))
    assert len(linked) >= 6
    files = sum(gzipped(Path(finders.find(name.decode())).read_bytes()) for name in linked)
    assert gzipped(page) < 30 * 1024
    assert files + gzipped(page) < 200 * 1024


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/login/", "/profile/", "/nowhere/", "/healthz", "/users/"])
def test_every_answer_carries_the_policy(login, address):
    answer = login(factories.user()).get(address)
    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Frame-Options"] == "DENY"
    assert re.fullmatch("[0-9A-F]{8}", answer["X-Request-ID"])


@pytest.mark.django_db
def test_the_menu_offers_what_one_may_open(login):
    clerk = login(factories.user(Role.VILLAGE_CLERK)).get("/profile/").content.decode()
    assert "用户与岗位" not in clerk
    # Years of closed items come first by date: from the menu one sees what is still to be done.
    assert 'href="/follow-ups/?state=open"' in clerk and 'href="/measures/?state=open"' in clerk
    admin = login(factories.user(Role.SYSTEM_ADMIN)).get("/users/").content.decode()
    assert re.search(r'href="/users/" aria-current="page"', admin)


@pytest.mark.django_db
def test_a_page_costs_few_queries(login, django_assert_max_num_queries):
    client = login(factories.user())
    with django_assert_max_num_queries(4):  # session, user, posts, and the page's own
        client.get("/profile/")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "status", "word"), [("/nowhere/", 404, "没有找到"), ("/users/", 403, "没有权限")]
)
def test_errors_stand_in_the_shell_with_a_number(login, address, status, word):
    answer = login(factories.user(Role.VILLAGE_CLERK)).get(address)
    text = answer.content.decode()
    assert answer.status_code == status
    assert word in text
    assert answer["X-Request-ID"] in text


def test_a_failure_shows_the_number_and_nothing_else():
    request = RequestFactory().get("/households/?q=机密")
    request.number = "0A1B2C3D"
    answer = failed(request)
    assert answer.status_code == 500
    assert "0A1B2C3D" in answer.content.decode()
    assert "机密" not in answer.content.decode()


@pytest.mark.django_db
def test_the_region_menu_lists_ones_own_places(login):
    factories.region("990101001")
    factories.region("990102001")
    page = login(factories.user(Role.COUNTY_OFFICE, at="990101")).get("/scope/")
    assert "测试镇01" in page.content.decode()
    assert "990102" not in page.content.decode()


@pytest.mark.django_db
def test_who_is_nobody_yet_is_told_so(login):
    user = factories.user()
    user.posts.all().delete()
    assert "没有岗位" in login(user).get("/scope/").content.decode()


names = [str(file.relative_to(ROOT / "templates")) for file in TEMPLATES]


@pytest.mark.parametrize("name", names)
def test_a_template_has_no_inline_style_or_script(name):
    source = (ROOT / "templates" / name).read_text(encoding="utf-8")
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:|hx-on", source)
    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", source)
    assert "|safe" not in source or name == "components/field.html" or "body|safe" in source
    if "{% extends" in source or name.startswith(("base", "5", "403_csrf")):
        get_template(name)


@pytest.mark.parametrize("name", [name for name in names if name.startswith("components/")])
def test_a_component_says_its_arguments_first(name):
    first = (ROOT / "templates" / name).read_text(encoding="utf-8").lstrip()
    assert first.startswith(("{#", "{% comment %}"))


def test_vendored_files_are_the_ones_listed():
    """static/vendor/README.md names every file with its sha256."""
    import hashlib

    folder = ROOT / "static" / "vendor"
    listed = dict(
        re.findall(r"\| `([^`]+)` \|[^\n]*`([0-9a-f]{64})`", (folder / "README.md").read_text("utf-8"))
    )
    found = {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.rglob("*")
        if file.is_file() and file.name != "README.md"
    }
    assert listed == found


def test_static_files_can_be_hashed(settings, tmp_path):
    """Every file that a stylesheet or a script names exists, or `up` would not start."""
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    call_command("collectstatic", "--noinput", verbosity=0)
    assert (tmp_path / "staticfiles.json").exists()
