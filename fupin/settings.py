"""Settings. Everything a site changes is an environment variable; `docs/deployment.md` lists them."""

import os
from pathlib import Path

from fupin import sqlite
from fupin.secrets import secret, var_folder

SQLITE_VERSION = sqlite.choose_library()  # before Django imports sqlite3
SQLITE_JOURNAL = sqlite.journal_for(SQLITE_VERSION, os.environ.get("FUPIN_SQLITE_JOURNAL", ""))

import dj_database_url  # noqa: E402

BASE_DIR = Path(__file__).resolve().parent.parent
os.umask(0o077)
VAR = var_folder(BASE_DIR)

DEBUG = os.environ.get("FUPIN_DEBUG") == "1"
SECRET_KEY = os.environ.get("FUPIN_SECRET_KEY") or secret(VAR)
KEYS = os.environ.get("FUPIN_KEYS") or VAR / "keys"
"""The key ring of what is encrypted. Kept apart from the database and its backups: whoever has both reads all."""
SUITE = os.environ.get("FUPIN_SUITE", "INT")
"""The algorithms of the first key: INT (AES, SHA-256) or GM (SM4, SM3). Later keys: `manage.py rotate_keys`."""
AUDIT_KEY_FOLDER = Path(os.environ.get("FUPIN_AUDIT_KEY_FOLDER") or VAR)
"""Where the key of the audit trail lies: never in the database, better not on its disk."""
AUDIT_REMEMBERS = True
"""Whether a process remembers where it left the trail's counters, and tells when somebody has set them back."""
AUDIT_HEAD_COPY = Path(copy) if (copy := os.environ.get("FUPIN_AUDIT_HEADS")) else None
"""A second file that the head of the trail is written to each hour: on another machine, where nobody here deletes."""
ALLOWED_HOSTS = os.environ.get("FUPIN_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("FUPIN_ORIGINS", "").split(",") if o]

# Behind our TLS proxy (FUPIN_HTTPS=1) cookies are host-bound and secure; on one machine without
# a certificate they cannot be, or nobody could log in.
HTTPS = os.environ.get("FUPIN_HTTPS") == "1"
SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-fupin" if HTTPS else "fupin"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "fupin_csrf"
SESSION_ENGINE = "fupin.accounts.sessions"
"""Its rows are `accounts.Session`, which say whose they are; django.contrib.sessions needs no table of its own."""
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "fupin.accounts.door.csrf_failed"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_filters",
    "fupin",
    "fupin.regions",
    "fupin.accounts",
    "fupin.audit",
    "fupin.jobs",
    "fupin.excel",
    "fupin.onetable",
    "fupin.filing",
    "households",
    "projects",
]

MIDDLEWARE = [
    "fupin.headers.RequestNumber",
    "fupin.headers.SecurityHeaders",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "fupin.headers.BodyLimit",
    "fupin.accounts.sessions.KeepAlive",
    "fupin.accounts.door.LoginDoor",
    "fupin.accounts.policy_door.PolicyDoor",
    "fupin.accounts.trail.Trail",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "fupin.urls"
WSGI_APPLICATION = "fupin.wsgi.application"

FORM_RENDERER = "fupin.renderer.Renderer"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "fupin.menu.shell",
            ],
            "builtins": [
                "fupin.templatetags.numbers",
                "fupin.templatetags.shell",
                "fupin.templatetags.folded",
            ],
        },
    },
    {
        # For tables of many cells only (`get_template(name, using="jinja2")`): ten times the speed per cell.
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "NAME": "jinja2",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {"trim_blocks": True, "lstrip_blocks": True},
    },
]

DATABASE_URL = os.environ.get("DATABASE_URL", "")
if DATABASE_URL:
    DATABASES = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=600, conn_health_checks=True)}
else:
    DATABASES = {
        "default": {
            "ENGINE": "fupin.db.sqlite3",
            "NAME": VAR / "fupin.sqlite3",
            "CONN_MAX_AGE": 600,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 90,  # an import of 30,000 households holds the lock for 3 s, on a busy machine many times that
                "init_command": sqlite.init_command(SQLITE_JOURNAL),
                # To read the statement that counts a village costs as much as to run it; of 128 kept ones it is gone
                # by the next save.
                "cached_statements": 500,
            },
        }
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["fupin.accounts.known.Known"]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
PASSWORD_HASHERS = [
    "fupin.accounts.hashers.Argon2",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"fupin.accounts.passwords.{name}"} for name in ("Length", "Classes", "Guessable", "Fresh")
]
DENGBAO = os.environ.get("FUPIN_DENGBAO", "1") != "0"
"""等保 asks for three of four classes of characters, a change every 180 days, and none of the last five. The
guidelines of today ask for none of it, so it can be switched off; length and guessing stay."""
PASSWORD_DAYS = 180 if DENGBAO else 0
PASSWORD_WORDS = [
    w.strip().lower() for w in os.environ.get("FUPIN_PASSWORD_WORDS", "").split(",") if w.strip()
]
"""Further words that no password may mostly consist of: the county's in pinyin, the name of the office."""

OTP_ROLES = [
    role.strip()
    for role in os.environ.get(
        "FUPIN_OTP_ROLES",
        "county_office,finance,project_unit,auditor,system_admin,security_admin,audit_admin,administrator",
    ).split(",")
    if role.strip()
]
"""Roles whose login asks for a second factor: those of the county that see or change everybody's data."""
DEMO = os.environ.get("FUPIN_DEMO") == "1" and not HTTPS
"""Set by `up` while it listens to this machine alone: the demo's own accounts then need no second factor."""
LOGIN_SECONDS = 0.5
"""What every refused login takes, whatever the reason."""

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": VAR / "files", "base_url": None},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
FILE_UPLOAD_TEMP_DIR = VAR / "tmp"  # an upload holds personal data: never in the machine's /tmp
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440  # all fields that are not files
DATA_UPLOAD_MAX_NUMBER_FILES = 12  # a visit has nine photos
REQUEST_BYTES = 64 << 20
"""A whole request with its files: a workbook of 40 MB, or nine photos."""
ANONYMOUS_BYTES = 4 << 20
"""Without a login: the login form with what a page had posted before its session ran out."""
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4000  # a household of 20 members is 20 rows of about 40 cells
SCOPE_RAISES = DEBUG
"""Whether a read in nobody's scope is an error page (for who develops) or a page that is not there."""
FILES = VAR / "files"
"""Uploads, report files and photos. Never under a URL: views serve them after a permission check."""

CROSS_CHECK_DAYS = int(os.environ.get("FUPIN_CROSS_CHECK_DAYS", "15"))
"""Days within which a clue out of a bureau's list is to be looked at in the household."""

MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# What the apps offer to the pages of the project package: modules loaded by `fupin.catalogue`.
UNDO_HOURS = int(os.environ.get("FUPIN_UNDO_HOURS", "24"))
"""How long an import can be undone, as long as nobody has touched its rows."""
IMPORT_FILE_DAYS = int(os.environ.get("FUPIN_IMPORT_FILE_DAYS", "180"))
"""Days that the file of a written import is kept for questions; its figures and findings stay."""

REPORT_MODULES = ["households.reports", "projects.reports"]
IMPORT_MODULES = ["households.imports", "projects.imports"]
UNDO_MODULES = ["households.undo", "projects.undo"]
PAPER_MODULES = ["households.papers.sources", "projects.papers"]
ONETABLE_MODULES = ["households.indicators", "households.reports.officials", "projects.indicators"]
PANEL_MODULES = ["households.panels", "projects.panels"]
TODO_MODULES = ["households.todo", "projects.todo", "fupin.filing.todo"]
JOB_MODULES = ["fupin.excel.jobs", "fupin.excel.import_jobs", "fupin.onetable.jobs", "fupin.filing.jobs"]
COPY_MODULES = ["fupin.filing.frozen"]
"""Where reports of the past are kept as they came out."""
FREEZE_MODULES = ["households.freezing", "projects.freezing"]
LEAVING_MODULES = ["households.leaving"]
TARGET_MODULES = ["fupin.accounts.targets"]
RETIRING_MODULES = ["projects.retiring", "fupin.filing.retiring"]
CLASS_MODULES = ["fupin.field_classes", "households.field_classes", "projects.field_classes"]
DEMO_MODULES = ["households.demo", "projects.demo", "households.demo.papers"]
CODE_MODULES = ["households.codes", "projects.codes"]
UPKEEP_MODULES = [
    "fupin.accounts.upkeep",
    "fupin.jobs.upkeep",
    "fupin.excel.import_upkeep",
    "fupin.filing.days",
    "households.upkeep",
    "projects.upkeep",
]
COUNT_MODULES = ["households.upkeep", "projects.upkeep"]

LOG_FOLDER = VAR / "log"
LOG_DAYS = int(os.environ.get("FUPIN_LOG_DAYS", "365"))
"""Days that a day's log is kept; the law asks for six months."""
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "fupin.logs.Json"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "json"},
        "file": {"()": "fupin.logs.DayFile", "folder": LOG_FOLDER, "formatter": "json"},
        "nowhere": {"class": "logging.NullHandler"},
    },
    "root": {"handlers": ["console", "file"], "level": "INFO"},
    "loggers": {
        "fupin.requests": {"handlers": ["file"], "propagate": False},
        # What the line of the request says already; a failure has its trace there.
        "django.request": {"level": "ERROR"},
        # Anybody can send a wrong host name; it is refused, and worth no trace.
        "django.security.DisallowedHost": {"handlers": ["nowhere"], "propagate": False},
    },
}
