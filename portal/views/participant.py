"""The participant's page: by signing in, or without a password by the signed link in her mail."""

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from people import links
from people.models import Person, User
from portal import participant as participants
from registrations import lineups

PURPOSE = "participant"
CERTIFICATES = "certificates"


@require_safe
@login_not_required
@never_cache
def participant(request: HttpRequest, token: str = "") -> HttpResponse:
    if token:
        try:
            person, _about = links.read(token, purpose=PURPOSE)
        except links.LinkRefused as refusal:
            return render(request, "portal/participant_link.html", {"refusal": str(refusal)}, status=403)
        return _page(request, person, token)
    if not isinstance(request.user, User):
        return redirect_to_login(request.get_full_path())
    person_signed_in = request.user.person
    return _page(request, person_signed_in and (person_signed_in.merged_into or person_signed_in))


def _page(request: HttpRequest, person: Person | None, token: str = "") -> HttpResponse:
    """The same page by either road. Its address may be a key, so it is neither indexed nor told to other sites."""
    now = timezone.now()
    places = participants.places_of(person, at=now) if person else []
    context = {
        "person": person,
        "places": [(place, _badges(request, place)) for place in places],
        "waits": lineups.of_person(person, at=now) if person else [],
        "token": token,
        "certificates_token": links.sign(person, purpose=CERTIFICATES) if person else "",
    }
    response = render(request, "portal/participant.html", context)
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _badges(request: HttpRequest, place: participants.Place) -> list[participants.Badge]:
    if place.is_over:
        return []
    return [
        participants.badge(row, request.build_absolute_uri(reverse("registrations:badge", args=[row.badge])))
        for row in place.registrations
    ]
