"""The product's own settings on a throw-away folder, with what would only slow tests down taken out."""

import atexit
import os
import shutil
import sys
import tempfile

os.environ["FUPIN_VAR"] = tempfile.mkdtemp(prefix="fupin-test-")
atexit.register(shutil.rmtree, os.environ["FUPIN_VAR"], ignore_errors=True)
# Compiled modules, of this process and of those that tests start, lie where Python keeps them, also where the shell says
# otherwise: in a folder apart, those that were installed with the packages would be compiled again.
os.environ["PYTHONPYCACHEPREFIX"] = ""
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

from fupin.regions import scope  # noqa: E402
from fupin.settings import *  # noqa: E402, F403

SCOPE_RAISES = True
scope.process("tests")
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AUDIT_REMEMBERS = False  # a test's end takes back what the test has written
LOGIN_SECONDS = 0  # refused logins need not all take the same time here
STORAGES = {  # noqa: F405
    **STORAGES,  # noqa: F405
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    # A file, as in the product: in memory, SQLite locks whole tables between threads instead of using WAL,
    # and the browser tests talk to a server in another thread.
    DATABASES["default"]["TEST"] = {"NAME": VAR / "test.sqlite3"}  # noqa: F405
