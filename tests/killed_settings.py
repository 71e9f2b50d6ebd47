"""Settings of the worker processes that tests/fupin/excel/test_written_once.py starts, kills and starts again."""

from fupin.settings import *  # noqa: F403

JOB_MODULES = ["tests.fupin.excel.killed_jobs"]
MIGRATION_MODULES = dict.fromkeys(name.rpartition(".")[2] for name in INSTALLED_APPS)  # noqa: F405
"""Tables straight from the models, as in the suite's own database (see tests/fupin/test_up.py)."""
