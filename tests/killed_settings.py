"""Settings of the worker processes that tests/fupin/excel/test_written_once.py starts, kills and starts again."""

from fupin.settings import *  # noqa: F403

JOB_MODULES = ["tests.fupin.excel.killed_jobs"]
