"""The imports' own job, in a process that kills itself (SIGKILL) at the point that KILL_AT names.

Points: start, begin (in the transaction), rows:N (at the N-th table written), end (before the commit), committed.
"""

import os
import signal

from fupin import journal
from fupin.excel import batches, import_jobs, undo
from fupin.jobs.queue import Handler

tables = 0


def die_at(point):
    if point == os.environ.get("KILL_AT", ""):
        os.kill(os.getpid(), signal.SIGKILL)


def before(module, name, point):
    """Die when `module.name` is called."""
    real = getattr(module, name)

    def instead(*args, **kwargs):
        die_at(point() if callable(point) else point)
        return real(*args, **kwargs)

    setattr(module, name, instead)


def next_table():
    global tables
    tables += 1
    return f"rows:{tables}"


def after_begin(real):
    def instead(*args):
        real(*args)
        die_at("begin")

    return instead


def run(job, step):
    die_at("start")
    result = import_jobs.run_import(job, step)
    die_at("committed")
    return result


batches._begin = after_begin(batches._begin)
before(journal, "made", next_table)
before(undo, "keep", "end")
JOBS = [Handler("import", run)]
