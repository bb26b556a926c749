"""Those on the staff who see money prove twice who they are."""

from collections.abc import Callable

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from people.access import Action, may

OPEN = ("/accounts/", "/static/", "/healthz", "/brand")
API = "/api/"


class SecondFactorForMoney:
    """Sends whoever may bill, and has a password alone, to set up two-step sign-in. A demo asks nobody."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.refusal(request) or self.get_response(request)

    def refusal(self, request: HttpRequest) -> HttpResponse | None:
        if settings.DEMO or request.path.startswith(OPEN) or not request.user.is_authenticated:
            return None
        if not may(request.user, Action.BILL) or _has_second_factor(request):
            return None
        sentence = _("You see other people's money: set up two-step sign-in first, then go on.")
        if request.path.startswith(API):  # with a session; a call with a key has no user yet
            return JsonResponse({"detail": sentence}, status=403)
        messages.warning(request, sentence)
        return redirect("mfa_index")


def _has_second_factor(request: HttpRequest) -> bool:
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return bool(Authenticator.objects.filter(user_id=request.user.pk, type__in=kinds).exists())
