"""What a participant says of herself, by link or signed in: another name, another address. Opening a link changes nothing."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from people import claims, corrections, links, once
from people.forms import ClaimForm, OnceForm, WishedNameForm
from people.models import AddressClaim, EmailAddress, NameRequest, Person, User
from portal import persons
from portal.views.participant import PURPOSE


def hers(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page of one participant, by her link or signed in; nobody is sent to sign in, and no other link opens it."""

    @wraps(view)
    def page(request: HttpRequest, token: str = "", **parts: Any) -> HttpResponse:
        if not token and not isinstance(request.user, User):
            return redirect_to_login(request.get_full_path())
        try:
            person = _who(request, token)
        except links.LinkRefused as refusal:
            return _refused(request, refusal)
        return _closed(view(request, person, token, **parts))

    return login_not_required(never_cache(require_http_methods(["GET", "POST"])(page)))


@hers
def my_name(request: HttpRequest, person: Person, token: str) -> HttpResponse:
    form = WishedNameForm(request.POST or None, initial={"given": person.given_name, "family": person.family_name})
    if form.is_valid():
        asked = {name: form.cleaned_data[name] for name in ("given", "family", "display", "hides_former")}

        def do() -> int:
            return corrections.ask_for_name(person, **asked, at=timezone.now()).pk

        try:
            act_once(request, form, do, "ask_for_name")
        except (corrections.CannotCorrect, once.KeyUsedForSomethingElse) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("We have your wish. A person reads it, and your certificates follow."))
            return redirect(_address("my_name", token))
    waiting = NameRequest.objects.of(person).waiting().first()
    context = {"person": person, "form": form, "waiting": waiting, "token": token}
    return render(request, "portal/my_name.html", context, status=422 if form.errors else 200)


@hers
def my_address(request: HttpRequest, person: Person, token: str) -> HttpResponse:
    form = ClaimForm(request.POST or None)
    if form.is_valid():

        def do() -> int:
            return persons.claim_address(person, form.cleaned_data["address"], at=timezone.now()).pk

        try:
            act_once(request, form, do, "claim_address")
        except (claims.CannotClaim, once.KeyUsedForSomethingElse) as refusal:
            form.add_error("address", str(refusal))
        else:
            messages.success(request, _("A link is on its way to that address. Open it and press the button there."))
            return redirect(_address("my_address", token))
    context = {"person": person, "form": form, "token": token} | _addresses_of(person)
    return render(request, "portal/my_address.html", context, status=422 if form.errors else 200)


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def confirm_address(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the link that was mailed to a claimed address: the button on it confirms, opening it does not."""
    try:
        claim = claims.read(token)
    except links.LinkRefused as refusal:
        return _refused(request, refusal)
    form = OnceForm(request.POST or None)
    if form.is_valid():
        claim = claims.confirm(claim, at=timezone.now())
    return _closed(render(request, "portal/confirm_address.html", {"claim": claim, "form": form}))


def _addresses_of(person: Person) -> dict[str, Any]:
    own = Person.objects.of(person)
    return {
        "addresses": EmailAddress.objects.filter(person__in=own).order_by("-is_preferred", "pk"),
        "claims": AddressClaim.objects.filter(person__in=own).order_by("pk"),
    }


def _who(request: HttpRequest, token: str) -> Person:
    """Whoever the link is for; without a link whoever is signed in. Raises links.LinkRefused."""
    if token:
        return links.read(token, purpose=PURPOSE)[0]
    own = request.user.person if isinstance(request.user, User) else None
    if own is None:
        raise links.LinkRefused(_("Your login belongs to no participant yet."))
    return own.merged_into or own


def act_once(request: HttpRequest, form: OnceForm, do: Callable[[], Any], verb: str) -> None:
    content = {name: str(value) for name, value in form.cleaned_data.items()}
    by = request.user if isinstance(request.user, User) else None
    once.act(form.cleaned_data["submission_key"], do, verb=verb, by=by, at=timezone.now(), content=content)


def _address(name: str, token: str) -> str:
    return reverse(f"portal:{name}", kwargs={"token": token} if token else {})


def _refused(request: HttpRequest, refusal: links.LinkRefused) -> HttpResponse:
    return _closed(render(request, "portal/participant_link.html", {"refusal": str(refusal)}, status=403))


def _closed(answer: HttpResponse) -> HttpResponse:
    """The address is the key: it is neither indexed nor told to other sites.

    To our own it is told: under `no-referrer` a browser says `Origin: null` with a form, and the form is refused.
    """
    answer["Referrer-Policy"] = "same-origin"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    return answer
