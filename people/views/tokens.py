"""Keys to the API: one's own, made on a page and shown once."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from people import once, tokens
from people.forms import OnceForm
from people.models import ApiToken


class TokenForm(OnceForm):
    """What a key is for, and how long it opens the door."""

    name = forms.CharField(
        label=gettext_lazy("What is it for?"),
        help_text=gettext_lazy("Such as “Our HR system”. You will know by it which key to end."),
        max_length=100,
    )
    days = forms.TypedChoiceField(
        label=gettext_lazy("Good for"),
        coerce=int,
        choices=[(30, gettext_lazy("30 days")), (90, gettext_lazy("90 days")), (365, gettext_lazy("a year"))],
        initial=90,
    )


@require_http_methods(["GET", "POST"])
def own(request: HttpRequest) -> HttpResponse:
    """The keys of whoever is signed in. A new one is shown in the answer to its form and never again."""
    form = TokenForm(request.POST or None)
    key = _make(request, form) if form.is_valid() else ""
    if form.is_valid() and not key:
        messages.info(request, _("That key was made already and is not shown twice. End it and make a new one."))
        return redirect("people:tokens")
    rows = ApiToken.objects.filter(user=request.user.pk).order_by("-created_at", "-pk")
    context = {
        "form": TokenForm() if key else form,
        "key": key,
        "tokens": [(token, _state(token)) for token in rows],
    }
    answer = render(request, "people/tokens.html", context, status=422 if form.errors else 200)
    answer["Cache-Control"] = "no-store, private"
    return answer


@require_POST
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    token = get_object_or_404(ApiToken.objects.filter(user=request.user.pk), pk=token_id)
    tokens.revoke(token, at=timezone.now())
    messages.success(request, _("“%(name)s” opens nothing any more.") % {"name": token.name})
    return redirect("people:tokens")


def _make(request: HttpRequest, form: TokenForm) -> str:
    """The new key, or nothing when this form was sent before: the answer that is kept does not hold it."""
    made: list[str] = []

    def do() -> dict[str, Any]:
        token, key = tokens.issue(
            request.user,  # type: ignore[arg-type]  # a page behind the sign-in
            name=form.cleaned_data["name"],
            days=form.cleaned_data["days"],
            at=timezone.now(),
        )
        made.append(key)
        return {"token": token.pk}

    once.act(
        form.cleaned_data["submission_key"],
        do,
        verb="make_token",
        by=request.user,  # type: ignore[arg-type]  # a page behind the sign-in
        at=timezone.now(),
        content=[form.cleaned_data["name"], form.cleaned_data["days"]],
    )
    return made[0] if made else ""


def _state(token: ApiToken) -> dict[str, str]:
    if token.revoked_at:
        return {"label": _("Ended"), "tone": ""}
    if token.expires_at <= timezone.now():
        return {"label": _("Expired"), "tone": ""}
    return {"label": _("Opens"), "tone": "good"}
