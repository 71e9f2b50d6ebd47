"""The product's settings, with Django's admin beside it as the peer. Only the bench of pages uses them."""

from fupin.settings import *  # noqa: F403

INSTALLED_APPS = ["django.contrib.admin", *INSTALLED_APPS]  # noqa: F405
ROOT_URLCONF = "tests.bench.pages_urls"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {  # noqa: F405
    **STORAGES,  # noqa: F405
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
ALLOWED_HOSTS = ["testserver"]
SILENCED_SYSTEM_CHECKS = ["admin.E408", "admin.E409", "admin.E410", "admin.W411", "admin.E403"]
LOGGING = {"version": 1, "disable_existing_loggers": True}

AUDIT_REMEMBERS = (
    False  # one process, a database for each size: what was left in one is not missing in the next
)
