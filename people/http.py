"""The door of every page: who asks, forms that act once, and a second proof from those who see money."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from people import once
from people.access import Action, may
from people.forms import put
from people.models import User

OPEN = ("/accounts/", "/static/", "/healthz", "/brand")
API = "/api/"


class Request(HttpRequest):
    """Of somebody who is signed in: LoginRequiredMiddleware lets nobody else through."""

    user: User


def act(request: Request, form: BaseForm, do: Callable[[], Any], *, verb: str) -> Any:
    """What `do` answers (JSON); a form that arrives twice gets the first answer.

    Raises KeyUsedForSomethingElse, after the way back and with other content: the form gets a key of its own then.
    """
    # What was posted, not what the form made of it: after the first time an invoice may be open no more.
    posted = {name: values for name, values in request.POST.lists() if name != "csrfmiddlewaretoken"}
    key, now = form.cleaned_data["submission_key"], timezone.now()
    try:
        return once.act(key, do, verb=verb, by=request.user, at=now, content=[request.path, posted])[0]
    except once.KeyUsedForSomethingElse as refusal:
        put(form, "submission_key", once.new_key())
        sentence = _("This form was sent before, with something else in it. Send it once more if you want this too.")
        raise once.KeyUsedForSomethingElse(sentence) from refusal


class SignInAgain(LoginRequiredMiddleware):
    """Leads whoever is signed out to the sign-in page; from a part of a page the whole page goes, and comes back to it."""

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponseBase | None:
        refusal = super().process_view(request, *view)
        if refusal is None or request.headers.get("HX-Request") != "true":
            return refusal
        here = urlsplit(request.headers.get("HX-Current-URL", "")).path
        return HttpResponse(status=204, headers={"HX-Redirect": redirect_to_login(here or "/")["Location"]})


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
