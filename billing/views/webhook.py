"""Where Stripe's messages arrive."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from billing import webhooks


@csrf_exempt
@login_not_required
@require_POST
def webhook(request: HttpRequest) -> HttpResponse:
    """A signed message, kept and acted on in the background; 400 with a sentence for any other."""
    try:
        webhooks.take(request.body, request.headers.get("Stripe-Signature", ""), at=timezone.now())
    except webhooks.CannotTake as refusal:
        return HttpResponse(str(refusal), status=400, content_type="text/plain; charset=utf-8")
    return HttpResponse(status=200)
