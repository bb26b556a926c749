"""Chaperones: who comes with a district's people at no cost, as many of each district as the institute allows."""

from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.models import Institute
from people.models import Organization
from registrations.models import Seat, WaitlistEntry

CHAPERONE = "chaperone"
"""What a roster says in the place of what pays."""


def here(sponsor: Organization | None, institute: Institute) -> int:
    """How many a district has there: in seats, and in line."""
    hers = {"allotment__is_chaperone": True, "allotment__order__sponsor": sponsor, "institute": institute}
    waiting = WaitlistEntry.objects.waiting().filter(offers__isnull=True, **hers)
    return Seat.objects.held().filter(**hers).count() + (waiting.aggregate(seats=Sum("seats"))["seats"] or 0)


def why_not(wanted: int, sponsor: Organization | None, institute: Institute) -> str:
    """Why a district cannot bring so many more; nothing where it can. Under the institute's lock before it is kept."""
    if not wanted:
        return ""
    known = here(sponsor, institute)
    return sentence(institute, known) if known + wanted > institute.chaperones else ""


def sentence(institute: Institute, known: int) -> str:
    """Why there is no room for one more beside those who are known."""
    if not institute.chaperones:
        return _("%(code)s has no seats for chaperones: choose who pays.") % {"code": institute.code}
    told = {"code": institute.code, "most": institute.chaperones, "known": known}
    allowed = ngettext(
        "%(code)s takes %(most)s chaperone of each district at no cost.",
        "%(code)s takes %(most)s chaperones of each district at no cost.",
        institute.chaperones,
    )
    held = _("Yours has %(known)s already: choose who pays.") if known else _("Choose who pays for the others.")
    return f"{allowed % told} {held % told}"
