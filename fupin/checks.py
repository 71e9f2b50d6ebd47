"""System checks: a database that could lose data is refused before the first row is written."""

from django.apps import apps
from django.conf import settings
from django.core.checks import Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from fupin import sqlite
from fupin.accounts import pii

LOCAL = {"", "localhost", "127.0.0.1", "::1"}
SAFE_SSL = {"require", "verify-ca", "verify-full"}


@register(Tags.security)
def wal_only_on_a_fixed_library(app_configs=None, **kwargs):
    """D1: WAL on SQLite 3.7.0 to 3.51.2 can lose commits that were acknowledged."""
    journal = settings.SQLITE_JOURNAL
    version = ".".join(map(str, settings.SQLITE_VERSION))
    if settings.DATABASE_URL:
        return []
    if journal not in {"WAL", "DELETE"}:
        return [Error(f"FUPIN_SQLITE_JOURNAL 只能是 WAL 或 DELETE，现在是 {journal}。", id="fupin.E002")]
    if journal == "WAL" and not sqlite.wal_is_safe(settings.SQLITE_VERSION):
        return [
            Error(
                f"SQLite {version} 的 WAL 模式可能丢失已提交的数据，拒绝启动；"
                "请去掉 FUPIN_SQLITE_JOURNAL=WAL，或安装 pysqlite3。",
                id="fupin.E001",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def remote_postgresql_is_encrypted(app_configs=None, **kwargs):
    """A PostgreSQL on another machine is reached through TLS."""
    database = settings.DATABASES["default"]
    if "postgresql" not in database["ENGINE"]:
        return []
    options = database.get("OPTIONS", {})
    host = database.get("HOST") or options.get("host", "")
    if host in LOCAL or host.startswith("/") or options.get("sslmode") in SAFE_SSL:
        return []
    return [Warning("DATABASE_URL 指向另一台机器，须带 ?sslmode=verify-full。", id="fupin.W001")]


OURS = ("fupin", "households", "projects")


@register(Tags.models)
def every_field_has_a_class(app_configs=None, **kwargs):
    """A field that nobody has thought about is shown to nobody: it does not even start. See `fupin.accounts.pii`."""
    found, known = [], pii.table()
    for model in apps.get_models():
        if model.__module__.partition(".")[0] not in OURS:
            continue
        said = known.get(model._meta.label_lower, {})
        fields = {field.name for field in (*model._meta.concrete_fields, *model._meta.many_to_many)}
        fields -= {model._meta.pk.name} if model._meta.pk.auto_created else set()
        for name in sorted(fields - set(said)):
            found.append(
                Error(f"{model._meta.label}.{name} 没有数据分级，请写入 field_classes.py。", id="fupin.E010")
            )
        for name in sorted(set(said) - fields):
            found.append(
                Error(f"field_classes.py 写了不存在的 {model._meta.label}.{name}。", id="fupin.E011")
            )
    return found


@register(Tags.database)
def database_keeps_its_promises(app_configs=None, databases=None, **kwargs):
    """D2: what SQLite or PostgreSQL really does, read from a connection."""
    found = []
    for alias in databases or []:
        connection = connections[alias]
        if connection.vendor == "sqlite":
            found += [
                Error(f"SQLite 设置未生效：{line}", id="fupin.E003")
                for line in sqlite.wrong_pragmas(connection, settings.SQLITE_JOURNAL)
            ]
        elif connection.vendor == "postgresql":
            found += _postgresql(connection)
    return found


POSTGRESQL = {"server_encoding": {"UTF8"}, "client_encoding": {"UTF8"}, "full_page_writes": {"on"},
              "fsync": {"on"}, "synchronous_commit": {"on", "remote_apply", "remote_write", "local"}}  # fmt: skip


def _postgresql(connection):
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [list(POSTGRESQL)])
        found = dict(cursor.fetchall())
    return [
        Warning(
            f"PostgreSQL 的 {name} 是 {found.get(name)}，应为 {'、'.join(sorted(wanted))}。", id="fupin.W002"
        )
        for name, wanted in POSTGRESQL.items()
        if found.get(name) not in wanted
    ]


def verify(sender, connection, **kwargs):
    """Run on each new connection: a pragma that did not take is a defect of this machine, found at once."""
    if connection.vendor == "sqlite" and connection.settings_dict["OPTIONS"].get("init_command"):
        wrong = sqlite.wrong_pragmas(connection, settings.SQLITE_JOURNAL)
        if wrong:
            raise ImproperlyConfigured("SQLite 设置未生效：" + "；".join(wrong))
