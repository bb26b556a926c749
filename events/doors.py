"""Who may come to an institute, who may register first, and for whom seats are set aside: set by the provider's staff.

What these mean for those who register, `registrations.doors` and `registrations.places` say.
"""

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from events.models import Audience, Cohort, Institute, PriorityWindow, SetAside
from people.models import County, Organization, Region


class CannotSetDoors(Exception):
    """Why a door stays as it is; the sentence is fit for whoever asked."""


@transaction.atomic
def name_audience(institute: Institute, *, appointments: Collection[str], cohorts: Collection[Cohort]) -> None:
    """Exactly these may come; without any, everyone. Who has a place keeps it."""
    wanted = {(kind, None) for kind in appointments} | {("", cohort.pk) for cohort in cohorts}
    for audience in institute.audiences.all():
        if (audience.appointment, audience.cohort_id) not in wanted:
            audience.delete()
        wanted.discard((audience.appointment, audience.cohort_id))
    Audience.objects.bulk_create(
        Audience(institute=institute, appointment=kind, cohort_id=cohort)
        for kind, cohort in sorted(wanted, key=lambda pair: (pair[0], pair[1] or 0))
    )


def copy_audience(of: Institute, to: Institute) -> None:
    """The next of its kind is for the same people."""
    Audience.objects.bulk_create(
        Audience(institute=to, appointment=audience.appointment, cohort_id=audience.cohort_id)
        for audience in of.audiences.order_by("pk")
    )


@transaction.atomic
def fill_gaps(institute: Institute, *, is_filled: bool) -> None:
    """Whether seats too few for the first in line go to a later one."""
    Institute.objects.select_for_update(no_key=True).get(pk=institute.pk)
    Institute.objects.filter(pk=institute.pk).update(fills_small_gaps=is_filled)


@transaction.atomic
def open_early(institute: Institute, *, to: County | Region, at: datetime) -> PriorityWindow:
    """Districts of a county or region may register from `at` on. Set again, it takes the place of the first.

    Raises CannotSetDoors.
    """
    if at >= institute.registration_opens_at:
        raise CannotSetDoors(_("Registration opens to all by then: choose an earlier time."))
    where = {"county": to} if isinstance(to, County) else {"region": to}
    window, _is_new = PriorityWindow.objects.update_or_create(institute=institute, **where, defaults={"opens_at": at})
    return window


@transaction.atomic
def set_aside(institute: Institute, *, seats: int, to: Organization, until: date) -> SetAside:
    """Seats that only one district may take up to the end of a day. Set again, it takes the place of the first.

    What is set aside fits among the free seats and those the district has. Raises CannotSetDoors.
    """
    locked: Institute = Institute.objects.select_for_update(of=("self",), no_key=True).get(pk=institute.pk)
    if until > locked.ends_on:
        raise CannotSetDoors(_("The institute is over by then: choose an earlier day."))
    others = SetAside.objects.filter(institute=locked).exclude(organization=to).aggregate(seats=Sum("seats"))
    left = locked.capacity - (others["seats"] or 0)
    if seats > left:
        raise CannotSetDoors(
            _("%(code)s has %(capacity)s seats, of which %(left)s can be set aside.")
            % {"code": locked.code, "capacity": locked.capacity, "left": max(0, left)}
        )
    wanted = {"seats": seats, "until": until}
    kept, _is_new = SetAside.objects.update_or_create(institute=locked, organization=to, defaults=wanted)
    return kept
