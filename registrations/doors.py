"""Who may register for an institute, and from when on: those it is for, and districts that may come first."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from events.models import Audience, CohortMember, Institute, PriorityWindow
from people.access import Principal
from people.models import Appointment, Organization, Person, User


def reasons(
    institute: Institute, sponsor: Organization | None, people: Sequence[Person], *, at: datetime, by: User | None
) -> list[str]:
    """Why these people may not be registered now: sentences, none where nothing stands in the way.

    The provider's staff may register outside the time, but nobody whom the institute is not for.
    """
    is_staff = by is not None and Principal.of(by).is_provider
    closed = "" if is_staff and not institute.is_canceled else why_closed(institute, at, sponsor=sponsor)
    return [*([closed] if closed else []), *refusals(institute, people).values()]


# --- When ---------------------------------------------------------------------------------------------------------------


def why_closed(institute: Institute, at: datetime, *, sponsor: Organization | None = None) -> str:
    """Why a district cannot register now, or nothing. With a sponsor, a window of hers opens the door earlier."""
    if institute.is_open_for_registration(at=at):
        return ""
    if institute.is_canceled:
        return f"{institute.code} was canceled."
    if institute.published_at is None:
        return f"{institute.code} is not open for registration yet."
    if at < institute.registration_opens_at:
        opens = opens_at(institute, sponsor)
        return "" if opens <= at else f"Registration for {institute.code} opens on {_clock(opens, institute)}."
    closed = _clock(institute.registration_closes_at, institute)
    return f"Registration for {institute.code} closed on {closed}. Ask us whether there is still a place."


def opens_at(institute: Institute, sponsor: Organization | None) -> datetime:
    """From when on a sponsor may register: as everyone, or from the start of a window of her county or region."""
    if sponsor is None or sponsor.county is None:
        return institute.registration_opens_at
    hers = Q(county=sponsor.county) | Q(region__isnull=False, region=sponsor.county.region_id)
    windows = PriorityWindow.objects.filter(hers, institute=institute).values_list("opens_at", flat=True)
    return min([institute.registration_opens_at, *windows])


def _clock(moment: datetime, institute: Institute) -> str:
    return date_format(localtime(moment, institute.tz), "F j, Y, g:i A")


# --- For whom -----------------------------------------------------------------------------------------------------------


def refusals(institute: Institute, people: Collection[Person]) -> dict[int, str]:
    """By their keys, the people whom an institute is not for, each with the sentence why."""
    audiences = audiences_of(institute)
    if not audiences or not people:
        return {}
    keys = [person.canonical_id for person in people]
    welcome = _holding(audiences, keys, institute) | _members(audiences, keys, institute)
    return {
        person.pk: _("%(name)s is not among those whom %(code)s is for: %(audiences)s.")
        % {"name": person.display_name, "code": institute.code, "audiences": in_words(audiences)}
        for person in people
        if person.canonical_id not in welcome
    }


def refusal_of_newcomers(institute: Institute) -> str:
    """Why nobody can come whom we have not met yet, or nothing where the institute is for everyone."""
    audiences = audiences_of(institute)
    if not audiences:
        return ""
    return _("%(code)s is for people with a part we know of: %(audiences)s.") % {
        "code": institute.code,
        "audiences": in_words(audiences),
    }


def audiences_of(institute: Institute) -> list[Audience]:
    """Those whom an institute is for; nobody named means everyone."""
    return list(institute.audiences.select_related("cohort").order_by("appointment", "cohort__name"))


def in_words(audiences: Iterable[Audience]) -> str:
    """ "Core leadership team member, Staff developer, Cohort 2026"."""
    return ", ".join(str(audience) for audience in audiences)


def _holding(audiences: Iterable[Audience], keys: Collection[int], institute: Institute) -> set[int]:
    kinds = [audience.appointment for audience in audiences if audience.appointment]
    return _canonical(Appointment.objects.filter(kind__in=kinds), keys, institute)


def _members(audiences: Iterable[Audience], keys: Collection[int], institute: Institute) -> set[int]:
    cohorts = [audience.cohort_id for audience in audiences if audience.cohort_id]
    return _canonical(CohortMember.objects.filter(cohort__in=cohorts), keys, institute)


def _canonical(rows: QuerySet, keys: Collection[int], institute: Institute) -> set[int]:
    """Who, of these people and their aliases, has such a row on the institute's first day."""
    hers = Q(person__in=keys) | Q(person__merged_into__in=keys)
    on = institute.starts_on
    held = rows.filter(hers, Q(ends_on__isnull=True) | Q(ends_on__gte=on), starts_on__lte=on)
    return {merged or own for merged, own in held.values_list("person__merged_into", "person")}
