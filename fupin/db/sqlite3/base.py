"""Django's own backend, which writes each statement's places for values in SQLite's way once, not at every run."""

from functools import lru_cache

from django.db.backends.sqlite3 import base

_convert = lru_cache(maxsize=2000)(base.SQLiteCursorWrapper.convert_query)
_LONG = 100_000
"""Characters from which a statement is not kept: thousands of rows in one INSERT."""


class Cursor(base.SQLiteCursorWrapper):
    def convert_query(self, query, *, param_names=None):
        if param_names is None and len(query) < _LONG:
            return _convert(None, query)
        return super().convert_query(query, param_names=param_names)


class DatabaseWrapper(base.DatabaseWrapper):
    def create_cursor(self, name=None):
        return self.connection.cursor(factory=Cursor)
