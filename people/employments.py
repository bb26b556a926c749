"""Where people work: begun and ended by the day, so that what they did before stays where they did it."""

from datetime import date, datetime, timedelta

import pghistory
from django.db import IntegrityError, transaction
from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from people.models import Employment, Organization, Person, School, User

FURTHEST = timedelta(days=366)
"""How far ahead a job may begin or end: beyond that it is a slip."""


class CannotEmploy(Exception):
    """Why a job is not begun or ended so; a sentence."""


@transaction.atomic
def begin(
    person: Person,
    organization: Organization,
    *,
    role: str,
    on: date,
    by: User,
    at: datetime,
    school: School | None = None,
) -> Employment:
    """A person works somewhere from a day on, beside wherever else she works. Raises CannotEmploy."""
    if not organization.is_open:
        raise CannotEmploy(_("%s is open no more. Choose its successor.") % organization)
    if school and school.organization_id != organization.pk:
        raise CannotEmploy(_("%(school)s is no school of %(place)s.") % {"school": school, "place": organization})
    _check(on, at)
    try:
        with transaction.atomic(), pghistory.context(user=by.pk):
            return Employment.objects.create(
                person_id=person.canonical_id, organization=organization, school=school, role=role, starts_on=on
            )
    except IntegrityError:
        told = {"name": person, "place": organization}
        raise CannotEmploy(_("%(name)s has that job at %(place)s already.") % told) from None


@transaction.atomic
def end(employment: Employment, *, on: date, by: User, at: datetime) -> Employment:
    """A person works there until a day, the last one. Certificates keep the district of their days. Raises CannotEmploy."""
    ended: Employment = Employment.objects.select_for_update(of=("self",)).get(pk=employment.pk)
    if ended.ends_on and ended.ends_on < localdate(at):
        raise CannotEmploy(_("This job ended on %s.") % date_format(ended.ends_on, "F j, Y"))
    if on < ended.starts_on:
        raise CannotEmploy(_("It began on %s: it cannot end before.") % date_format(ended.starts_on, "F j, Y"))
    _check(on, at)
    with pghistory.context(user=by.pk):
        ended.ends_on = on
        ended.save(update_fields=["ends_on"])
    return ended


def _check(day: date, at: datetime) -> None:
    if day > localdate(at) + FURTHEST:
        raise CannotEmploy(_("%s is more than a year ahead. Look at the year again.") % date_format(day, "F j, Y"))
