"""What a participant says of one of her places, by her link or signed in: what she needs, and what she chose."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from events import calendars
from office.files import ICS
from people import once
from people.models import Person, User
from portal.views.details import act_once, hers
from registrations import choices, confirmations, needs
from registrations.line_forms import ChoiceForm
from registrations.models import Registration
from registrations.need_forms import NeedsForm
from registrations.refusals import CannotChange

TWICE = once.KeyUsedForSomethingElse


@hers
def my_needs(request: HttpRequest, person: Person, token: str, registration_id: int) -> HttpResponse:
    place = _place(person, registration_id)
    form = NeedsForm([place], request.POST or None, with_help=True)
    if form.is_valid():

        def do() -> int:
            return needs.keep_all(form.told(), by=_by(request), at=timezone.now())

        try:
            act_once(request, form, do, "keep_own_needs")
        except (needs.CannotKeepNeed, TWICE) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Kept. Your coordinator and the provider's staff see it, nobody else."))
            return redirect(_home(token))
    context = {"place": place, "form": form, "home": _home(token), "purge_day": needs.purge_day(place.institute)}
    return render(request, "portal/my_needs.html", context, status=422 if form.errors else 200)


@hers
def my_choices(request: HttpRequest, person: Person, token: str, registration_id: int) -> HttpResponse:
    place = _place(person, registration_id)
    form = ChoiceForm(request.POST or None, menu=choices.menu_of(place))
    if form.is_valid():
        strand_id, session_ids = form.chosen()

        def do() -> int:
            now = timezone.now()
            return choices.keep(place, strand_id=strand_id, session_ids=session_ids, by=None, at=now).pk

        try:
            act_once(request, form, do, "choose_own")
        except (CannotChange, TWICE) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Kept. Your agenda shows what you chose."))
            return redirect(_home(token))
    context = {"place": place, "form": form, "home": _home(token)}
    return render(request, "portal/my_choices.html", context, status=422 if form.errors else 200)


@hers
def my_days(request: HttpRequest, person: Person, token: str, registration_id: int) -> HttpResponse:  # noqa: ARG001 - as its siblings
    """Her days as a calendar file: the same entries as in her mail, as they are now."""
    place = _place(person, registration_id)
    institute = place.institute
    copies = [confirmations.copy_for(place)]
    [file] = calendars.invitations(institute, institute.sessions.in_order(), copies, at=timezone.now())
    answer = HttpResponse(file, content_type=f"{ICS}; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{institute.code}.ics"'
    return answer


def _place(person: Person, registration_id: int) -> Registration:
    """One of her own, under any of her names: not of those whom she may see for another reason."""
    own = Registration.objects.live().filter(person__in=Person.objects.of(person))
    place: Registration = get_object_or_404(own.select_related("institute__venue", "person"), pk=registration_id)
    return place


def _by(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


def _home(token: str) -> str:
    parts: dict[str, Any] = {"token": token} if token else {}
    return reverse("portal:participant", kwargs=parts)
