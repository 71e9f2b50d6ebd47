"""`check --deploy`: clean as shipped, and each promise broken alone is caught, Django's own included."""

import os

import pytest
from django.core import checks
from django.test import override_settings
from django.urls import get_resolver

from fupin import hardening
from fupin import settings as product

PRODUCTION = {
    "DEBUG": False, "HTTPS": True, "SECURE_SSL_REDIRECT": True, "SECURE_HSTS_SECONDS": 31_536_000,
    "SECURE_HSTS_INCLUDE_SUBDOMAINS": True, "SECURE_HSTS_PRELOAD": True, "SESSION_COOKIE_SECURE": True,
    "CSRF_COOKIE_SECURE": True, "SESSION_COOKIE_NAME": "__Host-fupin", "CSRF_COOKIE_NAME": "__Host-csrf",
    "PASSWORD_HASHERS": product.PASSWORD_HASHERS, "LOGIN_SECONDS": product.LOGIN_SECONDS, "DEMO": False,
    "SECRET_KEY": os.urandom(40).hex(), "ALLOWED_HOSTS": ["fupin.example.org"], "DATABASE_URL": "x",
}  # fmt: skip


def without(names, gone):
    return [name for name in names if name != gone]


MIDDLEWARE = product.MIDDLEWARE
MUTANTS = [
    ("security.W001", {"MIDDLEWARE": without(MIDDLEWARE, "django.middleware.security.SecurityMiddleware")}),
    ("security.W002", {"MIDDLEWARE": without(MIDDLEWARE, "django.middleware.clickjacking.XFrameOptionsMiddleware")}),
    ("security.W003", {"MIDDLEWARE": without(MIDDLEWARE, "django.middleware.csrf.CsrfViewMiddleware")}),
    ("security.W004", {"SECURE_HSTS_SECONDS": 0}), ("security.W005", {"SECURE_HSTS_INCLUDE_SUBDOMAINS": False}),
    ("security.W006", {"SECURE_CONTENT_TYPE_NOSNIFF": False}), ("security.W008", {"SECURE_SSL_REDIRECT": False}),
    ("security.W009", {"SECRET_KEY": "short"}), ("security.W011", {"SESSION_COOKIE_SECURE": False}),
    ("security.W016", {"CSRF_COOKIE_SECURE": False}), ("security.W018", {"DEBUG": True}),
    ("security.W019", {"X_FRAME_OPTIONS": "SAMEORIGIN"}), ("security.W020", {"ALLOWED_HOSTS": []}),
    ("security.W021", {"SECURE_HSTS_PRELOAD": False}), ("security.W022", {"SECURE_REFERRER_POLICY": None}),
    ("security.E023", {"SECURE_REFERRER_POLICY": "nonsense"}), ("security.E024", {"SECURE_CROSS_ORIGIN_OPENER_POLICY": "x"}),
    ("security.W025", {"SECRET_KEY_FALLBACKS": ["short"]}),
    ("fupin.E011", {"PASSWORD_HASHERS": ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]}),
    ("fupin.E011", {"PASSWORD_HASHERS": ["django.contrib.auth.hashers.Argon2PasswordHasher"]}),
    *[("fupin.E012", {"MIDDLEWARE": without(MIDDLEWARE, name)}) for name in hardening.FIRST + hardening.NEEDED],
    ("fupin.E013", {"SESSION_COOKIE_AGE": 86_400}), ("fupin.E013", {"SESSION_ENGINE": "django.contrib.sessions.backends.db"}),
    ("fupin.E013", {"SESSION_SERIALIZER": "x.PickleSerializer"}),
    ("fupin.E014", {"OTP_ROLES": ["county_office"]}), ("fupin.E015", {"LOGIN_SECONDS": 0}),
    *[("fupin.E016", {f"DATA_UPLOAD_MAX_{name}": None}) for name in ("MEMORY_SIZE", "NUMBER_FIELDS", "NUMBER_FILES")],
    ("fupin.E016", {"REQUEST_BYTES": 1 << 30}), ("fupin.E016", {"ANONYMOUS_BYTES": 1 << 30}),
    ("fupin.E017", {"FILE_UPLOAD_PERMISSIONS": 0o644}), ("fupin.E018", {"MEDIA_ROOT": "/srv"}),
    ("fupin.E018", {"STATIC_ROOT": product.VAR}), ("fupin.E019", {"ALLOWED_HOSTS": ["*"]}),
    ("fupin.E020", {"USE_X_FORWARDED_HOST": True}), ("fupin.E021", {"LOG_DAYS": 30}), ("fupin.E022", {"DEMO": True}),
    ("fupin.E023", {"SESSION_COOKIE_NAME": "sessionid"}), ("fupin.E023", {"SESSION_COOKIE_SAMESITE": "None"}),
    ("fupin.E023", {"SESSION_COOKIE_HTTPONLY": False}), ("fupin.E023", {"CSRF_COOKIE_DOMAIN": "example.org"}),
    ("fupin.E024", {"AUTH_PASSWORD_VALIDATORS": product.AUTH_PASSWORD_VALIDATORS[1:]}),
    ("fupin.E025", {"LOGGING": product.LOGGING | {"handlers": product.LOGGING["handlers"] | {"file": {"class": "x"}}}}),
    ("fupin.I001", {"DENGBAO": False}), ("fupin.W026", {"PASSWORD_DAYS": 3650}),
]  # fmt: skip


def found(**settings):
    with override_settings(**PRODUCTION | settings):
        messages = checks.run_checks(tags=[checks.Tags.security], include_deployment_checks=True)
    return {message.id for message in messages}


def test_as_shipped_nothing_is_wrong():
    assert found() == set()


@pytest.mark.parametrize(
    ("expected", "settings"), MUTANTS, ids=[f"{id} {n}" for n, (id, _) in enumerate(MUTANTS)]
)
def test_each_promise_taken_back_is_caught(expected, settings):
    assert expected in found(**settings)


def test_a_django_with_known_holes_is_refused(monkeypatch):
    monkeypatch.setattr(hardening.django, "VERSION", (5, 2, 18, "final", 0))
    assert found() == {"fupin.E010"}


def test_every_rule_has_its_mutant():
    with override_settings(**PRODUCTION):
        numbers = {f"fupin.E0{number}" for number, _, _ in hardening.rules()}
    assert numbers - {"fupin.E010"} == {id for id, _ in MUTANTS if id.startswith("fupin.E")}


def test_what_is_open_without_a_login_is_this_list():
    def views(patterns):
        for pattern in patterns:
            yield from views(pattern.url_patterns) if hasattr(pattern, "url_patterns") else [pattern]

    opened = {
        p.name for p in views(get_resolver().url_patterns) if not getattr(p.callback, "login_required", True)
    }
    assert opened == {"health", "login", "login_code", "login_setup", "logout"}
