"""Settings of the worker processes that tests/fupin/test_worker_process.py starts on a database of its own."""

from fupin.settings import *  # noqa: F403

JOB_MODULES = ["tests.fupin.slow_jobs"]
MIGRATION_MODULES = dict.fromkeys(name.rpartition(".")[2] for name in INSTALLED_APPS)  # noqa: F405
"""Tables straight from the models, as in the suite's own database (see tests/fupin/test_up.py)."""
