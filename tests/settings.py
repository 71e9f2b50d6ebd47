"""The product's own settings on a throw-away folder, with what would only slow tests down taken out."""

import os
import tempfile

os.environ["FUPIN_VAR"] = os.environ.get("FUPIN_TEST_VAR") or tempfile.mkdtemp(prefix="fupin-test-")

from fupin.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {  # noqa: F405
    **STORAGES,  # noqa: F405
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
