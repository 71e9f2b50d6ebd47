"""No key ring, no start: unless the database holds nothing encrypted yet, and then the first key is made."""

from django.apps import apps
from django.conf import settings
from django.core.checks import Error, Tags, register
from django.db import connection

from fupin.crypt import ring
from fupin.crypt.fields import Encrypted


def encrypted_fields():
    """Every encrypted field of every model."""
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if isinstance(field, Encrypted):
                yield field


def holds_tokens():
    """The first encrypted column that holds a value, as `table.column`; "" when none does."""
    tables = set(connection.introspection.table_names())
    quote = connection.ops.quote_name
    for field in encrypted_fields():
        table = field.model._meta.db_table
        if table not in tables:
            continue
        with connection.cursor() as cursor:
            column = quote(field.column)
            cursor.execute(f"SELECT 1 FROM {quote(table)} WHERE {column} <> '' LIMIT 1")  # noqa: S608
            if cursor.fetchone():
                return f"{table}.{field.column}"
    return ""


def ensure():
    """The ring; made when there is none and nothing encrypted yet. Raises ring.MissingKeys."""
    if not ring.exists() and not holds_tokens():
        return ring.create(settings.SUITE)
    return ring.ring()


def after_migrate(sender, **kwargs):
    ensure()


@register(Tags.security)
def keys_are_there(app_configs=None, **kwargs):
    """Said before anything is read: `up` and gunicorn end here rather than with an error on every page."""
    if settings.SUITE not in ring.SUITES:
        return [
            Error(
                f"FUPIN_SUITE 只能是 {' 或 '.join(ring.SUITES)}，现在是 {settings.SUITE}。", id="fupin.E005"
            )
        ]
    if not ring.exists():
        return []
    try:
        ring.ring()
    except ring.MissingKeys as error:
        return [Error(str(error), id="fupin.E006")]
    return []


@register(Tags.database)
def keys_fit_the_data(app_configs=None, databases=None, **kwargs):
    """A database with encrypted values and no key ring."""
    if not databases or ring.exists():
        return []
    found = holds_tokens()
    if not found:
        return []
    try:
        ring.read()
    except ring.MissingKeys as error:
        return [Error(f"数据库里已有加密的数据（{found}）。{error}", id="fupin.E007")]
    return []
