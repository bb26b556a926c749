"""Work in the background: whether it goes on, and what did not come to its end."""

from django.contrib import messages
from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinateWorker

from office import jobs as background
from people.access import Action, require_provider

SHOWN = 100


@require_safe
def jobs(request: HttpRequest) -> HttpResponse:
    require_provider(request.user, Action.READ_MAIL)
    now = timezone.now()
    counts = ProcrastinateJob.objects.filter(status__in=["todo", "doing", "failed"]).aggregate(
        doing=Count("pk", filter=Q(status="doing")),
        due=Count("pk", filter=Q(status="todo") & (Q(scheduled_at=None) | Q(scheduled_at__lte=now))),
        later=Count("pk", filter=Q(status="todo", scheduled_at__gt=now)),
        failed=Count("pk", filter=Q(status="failed")),
    )
    failed = ProcrastinateJob.objects.filter(status="failed").annotate(ended_at=Max("procrastinateevent__at"))
    heard = ProcrastinateWorker.objects.aggregate(at=Max("last_heartbeat"))["at"]
    context = {
        "counts": counts,
        "failed": failed.order_by("-pk")[:SHOWN],
        "heard": heard,
        "is_silent": heard is None or (now - heard).total_seconds() > 60,
    }
    return render(request, "office/jobs.html", context)


@require_POST
def try_again(request: HttpRequest, job_id: int) -> HttpResponse:
    require_provider(request.user, Action.READ_MAIL)
    job = get_object_or_404(ProcrastinateJob, pk=job_id, status="failed")
    background.try_again(app, job, at=timezone.now())
    messages.success(request, _("Job %(number)s starts again.") % {"number": job.pk})
    return redirect("office:jobs")
