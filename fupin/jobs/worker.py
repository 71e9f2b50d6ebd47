"""The worker: one process that does the waiting jobs, one after another, and the daily upkeep."""

import logging
import os
import socket
import threading
import time
import uuid
from functools import partial

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import Error, IntegrityError, close_old_connections, connection
from django.utils import timezone

from fupin.audit import keeper
from fupin.catalogue import offers
from fupin.jobs import queue
from fupin.jobs.models import Job, PeriodicRun

log = logging.getLogger("fupin.jobs")

IDLE = 1.0
"""Seconds between two looks for work."""
BEAT = 10.0
"""Seconds between two signs of life while a job runs."""
SHOWN = 0.5
"""Progress is written at most this often (seconds): the page asks once a second."""


class Worker:
    """Does jobs until `stop()`. `once` ends when nothing waits."""

    def __init__(self):
        self.name = f"{socket.gethostname()[:30]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self.stopping = threading.Event()

    def stop(self, *_signal):
        self.stopping.set()

    def loop(self, *, once=False):
        looked = 0.0
        while not self.stopping.is_set():
            if (
                not connection.in_atomic_block
            ):  # inside a caller's transaction the connection is not ours to drop
                close_old_connections()
            keeper.tend()
            try:
                if time.monotonic() - looked > 30 or once:
                    looked = time.monotonic()
                    queue.rescue()
                    self.upkeep()
                job = queue.claim(self.name)
                if job is not None:
                    self.do(job)
                    continue
            except Error:
                log.exception("database not available, trying again")
            if once:
                return
            self.stopping.wait(IDLE)

    def take(self, job):
        """Take this one job, None when another worker has it."""
        return queue.claim(self.name, job=job)

    def do(self, job):
        """Do one job to its end, whatever that is. Nothing that goes wrong in it ends the worker."""
        with _Pulse(job, self.stopping) as pulse:
            end = self._run(job, pulse.step)
        end()

    def _run(self, job, step):
        """Run the handler; what comes back is the way the job ends, to be called once the pulse has stopped."""
        try:
            return self._handle(job, step)
        except queue.Stopped:
            log.info("job %s stopped", job.pk)
            return partial(queue.give_back, job) if self.stopping.is_set() else lambda: None
        except ValidationError as error:
            return partial(queue.fail, job, "；".join(error.messages))
        except PermissionDenied:
            return partial(queue.fail, job, "账号已停用，或已没有这项权限。")
        except Exception:
            log.exception("job %s (%s) failed", job.pk, job.kind)
            return partial(queue.fail, job, f"处理时出错，管理员可按任务号 {job.pk} 在日志中查找原因。")

    def _handle(self, job, step):
        handler = queue.handler_of(job.kind)
        if handler is None:
            raise ValidationError("系统中已没有这类任务。")
        if not job.user.is_active or not all(job.user.may(permission) for permission in job.needs):
            raise PermissionDenied
        log.info("job %s (%s) started", job.pk, job.kind)
        result = handler.run(job, step) or queue.Result()
        log.info("job %s done", job.pk)
        return partial(queue.finish, job, result)

    def upkeep(self):
        """Run what is due today and has not run yet, each once among all workers."""
        today = timezone.localdate()
        for name, run in offers("UPKEEP_MODULES", "UPKEEP"):
            if not _first_today(name, today):
                continue
            try:
                run(today)
            except Exception:
                log.exception("upkeep %s failed, next try tomorrow", name)


def _first_today(name, today):
    if PeriodicRun.objects.filter(name=name, day__lt=today).update(day=today):
        return True
    if PeriodicRun.objects.filter(name=name).exists():
        return False
    try:
        PeriodicRun.objects.create(name=name, day=today)
    except IntegrityError:
        return False
    return True


class _Pulse:
    """Signs of life and progress, written from a thread with a connection of its own.

    The job's own connection reads its rows through an open cursor. In SQLite's WAL mode such a connection holds an
    old snapshot, and the moment anybody else has written, every write on it fails at once ("database is locked").
    A thread also keeps a job alive that spends minutes in one statement.
    """

    def __init__(self, job, stopping):
        self.job, self.stopping = Job(pk=job.pk, worker=job.worker), stopping
        self.over, self.lost = threading.Event(), threading.Event()
        self.progress = {}
        self.thread = None
        if not connection.in_atomic_block:  # within a test's transaction another connection would see no job
            self.thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self):
        if self.thread:
            self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        if self.thread:
            self.thread.join()

    def step(self, done, total):
        """What a handler calls: notes how far it is. Raises Stopped when the work is to end."""
        self.progress = {"done": done, "total": total}
        if not self.thread:
            queue.beat(self.job, **self.progress)
        if self.stopping.is_set() or self.lost.is_set():
            raise queue.Stopped

    def _beat(self):
        written, since = {}, time.monotonic()
        try:
            while not self.over.wait(SHOWN):
                keeper.tend()  # a long job does not leave the trail unsealed
                progress = self.progress
                if progress == written and time.monotonic() - since < BEAT:
                    continue
                try:
                    queue.beat(self.job, **progress)
                    written, since = progress, time.monotonic()
                except queue.Stopped:
                    self.lost.set()
                    return
                except Error:
                    log.warning("no sign of life for job %s, the database is busy", self.job.pk)
        finally:
            connection.close()
