"""Django's own backend, which writes each statement's places for values in SQLite's way once, not at every run, and calls
savepoints by few names."""

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
    """Django gives every savepoint a name of its own: three statements each time that no connection has read yet, and that
    push out of its kept ones those that are long and asked again. Here a savepoint is called by how deep it lies."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._named = {}
        """`{savepoint of Django: its name for the database}` of those that are open, outer before inner."""

    def create_cursor(self, name=None):
        return self.connection.cursor(factory=Cursor)

    def init_connection_state(self):
        self._named.clear()
        super().init_connection_state()

    def _commit(self):
        self._named.clear()
        super()._commit()

    def _rollback(self):
        self._named.clear()
        super()._rollback()

    def _savepoint(self, sid):
        self._named[sid] = f"s{len(self._named)}"
        super()._savepoint(self._named[sid])

    def _savepoint_rollback(self, sid):
        super()._savepoint_rollback(self._inner(sid))

    def _savepoint_commit(self, sid):
        super()._savepoint_commit(self._inner(sid))
        del self._named[sid]

    def _inner(self, sid):
        """The database's name of the savepoint, inside which none is open any more."""
        while (last := next(reversed(self._named))) != sid:
            del self._named[last]
        return self._named[sid]
