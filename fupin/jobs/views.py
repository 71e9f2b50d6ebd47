"""One's own jobs: the list, one with its progress, its file. Jobs have no region: only the owner sees them."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from fupin.audit.record import record
from fupin.crypt import boxes
from fupin.jobs import queue
from fupin.jobs.models import Job

SHOWN = 50
"""The newest jobs on the list; older ones have no file any more."""


@require_GET
def job_list(request):
    return render(request, "jobs/job_list.html", {"jobs": Job.objects.visible_to(request.user)[:SHOWN]})


@require_GET
@never_cache
def job_detail(request, uid):
    """The page; for htmx the piece that polls itself until the job has ended."""
    job = get_object_or_404(Job.objects.visible_to(request.user), uid=uid)
    piece = request.headers.get("HX-Target") == "job"
    return render(request, "jobs/_job.html" if piece else "jobs/job_detail.html", {"job": job})


@require_POST
def job_cancel(request, uid):
    job = get_object_or_404(Job.objects.visible_to(request.user), uid=uid)
    if queue.cancel(job):
        messages.success(request, f"已取消「{job.title}」。")
    return redirect("job_detail", uid=uid)


@require_GET
@never_cache
def job_file(request, uid):
    """The result file, if the owner still holds what it took to ask for it."""
    job = get_object_or_404(Job.objects.visible_to(request.user).exclude(file=""), uid=uid)
    if not job.may_be_fetched_by(request.user):
        raise PermissionDenied
    path = settings.FILES / job.file
    if not path.is_file():
        raise Http404
    record(
        "job.fetch",
        job,
        by=request.user,
        sha256=job.result.get("sha256", ""),
        seen=job.result.get("seen", ""),
    )
    response = FileResponse(boxes.opened(path), as_attachment=True, filename=job.file_name)
    response["Content-Length"] = boxes.plain_size(path)
    return response
