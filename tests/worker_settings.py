"""Settings of the worker processes that tests/fupin/test_worker_process.py starts on a database of its own."""

from fupin.settings import *  # noqa: F403

JOB_MODULES = ["tests.fupin.slow_jobs"]
