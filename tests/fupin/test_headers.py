"""Headers of every answer, limits of every request, cookies, tokens, and where a redirect may lead."""

import re
from io import BytesIO

import pytest
from django.conf import settings
from django.test import Client, RequestFactory
from django.urls import get_resolver, path
from django.urls.converters import IntConverter, UUIDConverter

from fupin import urls
from fupin.accounts import policy, throttle
from fupin.accounts.door import safe_next
from fupin.accounts.roles import Role
from fupin.headers import HEADERS, POLICY
from tests import factories

NUMBER = factories.id_number(7)


def broken(request):
    raise ValueError(f"cannot read {NUMBER} of 张三, 13812345678")


class Broken:
    """The product's addresses and one that fails."""

    urlpatterns = [path("broken/", broken, name="broken"), *urls.urlpatterns]
    handler400, handler403, handler404, handler500 = (
        urls.handler400,
        urls.handler403,
        urls.handler404,
        urls.handler500,
    )


def big(client):
    return client.post("/login/again/", {"a": "x"}, CONTENT_LENGTH=str(settings.REQUEST_BYTES + 1))


ANSWERS = {
    "200 page": lambda client: client.get("/profile/"),
    "302 to the login": lambda client: Client().get("/profile/"),
    "200 login": lambda client: Client().get("/login/"),
    "422 login refused": lambda client: Client().post("/login/", {"username": "a", "password": "b"}),
    "400 strange host": lambda client: client.get("/profile/", headers={"Host": "evil.example"}),
    "403": lambda client: client.get("/users/"),
    "403 no token": lambda client: Client(enforce_csrf_checks=True).post("/login/", {"username": "a"}),
    "404": lambda client: client.get("/nowhere/"),
    "405": lambda client: client.get("/logout/"),
    "413": big,
    "200 health": lambda client: client.get("/healthz"),
    "200 static": lambda client: client.get("/static/css/fupin.css"),
    "404 static": lambda client: client.get("/static/nothing.css"),
    "500": lambda client: client.get("/broken/"),
}


@pytest.fixture
def client(db, settings, monkeypatch):
    monkeypatch.setitem(policy.POLICY, "broken", policy.POLICY["profile"])
    settings.ROOT_URLCONF, settings.WHITENOISE_USE_FINDERS = Broken, True
    made = Client(raise_request_exception=False)
    made.force_login(factories.user(Role.VILLAGE_CLERK))
    return made


@pytest.mark.parametrize("name", ANSWERS)
def test_the_golden_headers_stand_on_every_answer(client, name):
    answer = ANSWERS[name](client)
    answer.close()
    assert answer.status_code == int(name[:3])
    nonce = re.search("'nonce-([^']+)'", answer["Content-Security-Policy"]).group(1)
    assert answer["Content-Security-Policy"] == POLICY.format(nonce=nonce)
    assert {header: answer[header] for header in HEADERS} == HEADERS
    assert re.fullmatch("[0-9A-F]{8}", answer["X-Request-ID"])
    if name != "200 static":
        assert answer["Cache-Control"] == "no-store"
    kind = answer.get("Content-Type", "")
    if kind.startswith("text/"):
        assert "charset=utf-8" in kind.replace('"', "")


def test_429_carries_them_too(client, full_house):
    answer = Client().post("/login/", {"username": "a", "password": "b"})
    assert answer.status_code == 429 and 1 <= int(answer["Retry-After"]) <= throttle.FURTHEST + 1
    assert "登录的人太多" in answer.content.decode()
    assert {header: answer[header] for header in HEADERS} == HEADERS


def test_every_script_carries_the_number_of_its_answer(client):
    page = client.get("/profile/")
    nonce = re.search("'nonce-([^']+)'", page["Content-Security-Policy"]).group(1)
    assert set(re.findall("<script[^>]*", page.content.decode())) == {
        script for script in re.findall("<script[^>]*", page.content.decode()) if f'nonce="{nonce}"' in script
    }
    assert client.get("/profile/")["Content-Security-Policy"] != page["Content-Security-Policy"]
    for file in (settings.BASE_DIR / "templates").rglob("*.*"):
        for script in re.findall("<script[^>]*>", file.read_text(encoding="utf-8")):
            assert 'nonce="{{ request.csp_nonce }}"' in script, file


# ---- errors and limits


@pytest.mark.parametrize("name", ["400 strange host", "403", "404", "413", "500"])
def test_an_error_page_shows_its_number_and_nothing_of_the_request(client, name):
    answer = ANSWERS[name](client)
    text = answer.content.decode()
    assert answer["X-Request-ID"] in text
    assert NUMBER not in text
    assert "Traceback" not in text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATA_UPLOAD_MAX_MEMORY_SIZE", 200),
        ("DATA_UPLOAD_MAX_NUMBER_FIELDS", 5),
        ("DATA_UPLOAD_MAX_NUMBER_FILES", 2),
    ],
)
def test_one_more_than_the_limit_is_413_in_words(client, settings, name, value):
    setattr(settings, name, value)
    data = {f"f{n}": "x" * 60 for n in range(6)}
    if name.endswith("FILES"):
        data = {f"f{n}": BytesIO(b"x") for n in range(3)}
    page = client.post("/login/again/", data)
    assert page.status_code == 413
    assert "一次送来的内容太大" in page.content.decode()


def test_who_is_not_logged_in_uploads_nothing_big(db):
    page = Client().post("/login/", {"a": "x"}, CONTENT_LENGTH=str(settings.ANONYMOUS_BYTES + 1))
    assert page.status_code == 413
    assert "4 MB" in page.content.decode()


# ---- cookies, tokens, redirects, addresses


def test_cookies_are_bound_to_this_host_and_closed_to_scripts(db, settings):
    settings.HTTPS = settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "__Host-fupin", "__Host-csrf"
    person = factories.user(Role.VILLAGE_CLERK)
    person.set_password("right-Horse-battery")
    person.save()
    made = Client()
    made.get("/login/", secure=True)
    made.post("/login/", {"username": person.username, "password": "right-Horse-battery"}, secure=True)
    assert set(made.cookies) == {"__Host-fupin", "__Host-csrf"}
    for name, cookie in made.cookies.items():
        assert cookie["secure"]
        assert (cookie["samesite"], cookie["path"], cookie["domain"]) == ("Lax", "/", "")
        assert bool(cookie["httponly"]) == (name == "__Host-fupin")


INVENTED = {IntConverter: "1", UUIDConverter: "6f9619ff-8b86-d011-b42d-00cf4fc964ff"}


def addresses(patterns, before=""):
    """Every address with an invented argument where it takes one."""
    for pattern in patterns:
        text = before + str(pattern.pattern)
        for name, converter in pattern.pattern.converters.items():
            text = re.sub(rf"<([a-z]+:)?{name}>", INVENTED.get(type(converter), "x"), text)
        yield from addresses(pattern.url_patterns, text) if hasattr(pattern, "url_patterns") else [f"/{text}"]


def test_no_address_takes_a_post_without_a_token(db):
    made = Client(enforce_csrf_checks=True, raise_request_exception=False)
    made.force_login(factories.user(Role.ADMINISTRATOR, at=""))
    tried = list(addresses(get_resolver().url_patterns))
    assert len(tried) > 60
    wrong = {
        address: code for address in tried if (code := made.post(address, {"a": "b"}).status_code) != 403
    }
    assert wrong == {}


HOSTS = ["evil.example", "evil.example:80", "user@evil.example", "testserver@evil.example", "testserver.evil.example",
         "evil.example%00.testserver", "１evil.example", "[::1]", "127.1"]  # fmt: skip
FORMS = ["https://{}", "http://{}/", "//{}", "///{}", "\\\\{}", "/\\{}", "\t//{}", "https:{}"]
HOSTILE = [form.format(host) for form in FORMS for host in HOSTS[:7]] + [
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd", "ftp://evil.example",
    "https://", "http:///evil.example", "\x00//evil.example", "https://testserver\\@evil.example", " https://evil.example",
    "mailto:a@evil.example",
]  # fmt: skip


def test_sixty_hostile_targets_lead_nowhere_else():
    request = RequestFactory().get("/login/")
    assert len(HOSTILE) >= 60
    assert {safe_next(request, target) for target in HOSTILE} == {"/"}
    assert safe_next(request, "/profile/?a=1") == "/profile/?a=1"


@pytest.mark.parametrize(
    "header",
    [
        "X-Forwarded-For",
        "X-Real-IP",
        "Forwarded",
        "X-Forwarded-Host",
        "X-Forwarded-Proto",
        "X-Forwarded-Port",
    ],
)
def test_what_the_caller_says_about_itself_changes_nothing(db, header):
    answer = Client().get("/profile/", headers={header: "6.6.6.6"})
    assert answer["Location"] == "/login/?next=/profile/"
    request = RequestFactory().get("/", headers={header: "6.6.6.6"})
    assert throttle.address_of(request) == "127.0.0.1"
    assert request.get_host() == "testserver"
    assert not request.is_secure()
