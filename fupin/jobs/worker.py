"""The worker: one process that does the waiting jobs, one after another, and the daily upkeep."""

import logging
import os
import socket
import threading
import time
import uuid

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import Error, IntegrityError, close_old_connections, connection
from django.utils import timezone

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

    def do(self, job):
        """Do one job to its end, whatever that is. Nothing that goes wrong in it ends the worker."""
        with _Pulse(job):
            try:
                self._run(job)
            except queue.Stopped:
                log.info("job %s stopped", job.pk)
                if self.stopping.is_set():
                    queue.give_back(job)
            except ValidationError as error:
                queue.fail(job, "；".join(error.messages))
            except PermissionDenied:
                queue.fail(job, "账号已停用，或已没有这项权限。")
            except Exception:
                log.exception("job %s (%s) failed", job.pk, job.kind)
                queue.fail(job, f"处理时出错，管理员可按任务号 {job.pk} 在日志中查找原因。")

    def _run(self, job):
        handler = queue.handler_of(job.kind)
        if handler is None:
            raise ValidationError("系统中已没有这类任务。")
        if not job.user.is_active or not all(job.user.may(permission) for permission in job.needs):
            raise PermissionDenied
        log.info("job %s (%s) started", job.pk, job.kind)
        result = handler.run(job, self._step(job))
        queue.finish(job, result or queue.Result())
        log.info("job %s done", job.pk)

    def _step(self, job):
        shown = [0.0]

        def step(done, total):
            if self.stopping.is_set():
                raise queue.Stopped
            if time.monotonic() - shown[0] >= SHOWN or done == total:
                shown[0] = time.monotonic()
                queue.beat(job, done=done, total=total)

        return step

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
    """Signs of life from a thread of its own, so that one long statement does not look like a dead worker."""

    def __init__(self, job):
        self.job = Job(pk=job.pk, worker=job.worker)
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()

    def _beat(self):
        try:
            while not self.over.wait(BEAT):
                try:
                    queue.beat(self.job)
                except queue.Stopped:
                    return
                except Error:
                    log.warning("no sign of life for job %s, the database is busy", self.job.pk)
        finally:
            connection.close()
