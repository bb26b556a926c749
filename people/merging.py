"""Two rows of one person become one, and apart again for 90 days. No row moves: a pointer is set, and cleared.

Whatever reads a person's rows reads those of her aliases too (`.of(person)`); new rows take the canonical person.
Whether two may be merged while both hold places is asked above, where places are known: `portal.persons`.
"""

from datetime import datetime, timedelta
from math import ceil

import pghistory
from django.apps import apps
from django.db import transaction
from django.utils.translation import gettext as _

from people import matching
from people.models import Merge, Person, Suggestion, TwoPeople, Unmerge, User
from people.names import tidy

UNDONE_WITHIN = timedelta(days=90)
LONGEST = 300


class CannotMerge(Exception):
    """Why two people stay two; a sentence."""


class CannotUnmerge(Exception):
    """Why a merge stays; a sentence."""


@transaction.atomic
def merge(person: Person, *, into: Person, evidence: str, by: User | None, at: datetime) -> Merge:
    """Make one person an alias of another, under locks on both. Raises CannotMerge.

    Those who were merged into her before become aliases of the other, and hers again when it is undone.
    """
    alias, canonical = lock(person, into)
    evidence = tidy(evidence)[:LONGEST]
    if not evidence:
        raise CannotMerge(_("Say what shows that the two are one: it is kept with the merge."))
    one, other = sorted((alias.pk, canonical.pk))
    Suggestion.objects.filter(one=one, other=other).delete()
    TwoPeople.objects.filter(one=one, other=other).delete()
    with pghistory.context(user=by and by.pk):
        Person.objects.filter(merged_into=alias).update(merged_into=canonical)
        Person.objects.filter(pk=alias.pk).update(merged_into=canonical)
    person.merged_into = canonical
    return Merge.objects.create(person=alias, into=canonical, evidence=evidence, by=by, at=at)


def lock(person: Person, into: Person) -> tuple[Person, Person]:
    """The two as they are now, locked against a registration or another merge meanwhile. Raises CannotMerge."""
    rows = Person.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=[person.pk, into.pk])
    found = {row.pk: row for row in rows.select_related("merged_into").order_by("pk")}
    if len(found) < 2:
        raise CannotMerge(_("This is one person already."))
    for row in found.values():
        if row.merged_into:
            raise CannotMerge(_("%(name)s was merged into %(into)s.") % {"name": row, "into": row.merged_into})
    return found[person.pk], found[into.pk]


@transaction.atomic
def unmerge(merge: Merge, *, reason: str, by: User | None, at: datetime) -> Unmerge:
    """Take a merge apart, within its 90 days; the two are not suggested again. Raises CannotUnmerge.

    Each row is whose it was; what was done since stays with the person she was merged into.
    """
    keys = [merge.person_id, merge.into_id]
    rows = Person.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=keys).order_by("pk")
    alias = {row.pk: row for row in rows}[merge.person_id]
    reason = tidy(reason)[:LONGEST]
    _check(merge, reason, at)
    with pghistory.context(user=by and by.pk):
        alias.merged_into = None
        _take_back_names(alias)
        alias.save()
        hers = Merge.objects.standing().filter(into=alias)
        Person.objects.filter(pk__in=hers.values("person")).update(merged_into=alias)
    made = Unmerge.objects.create(merge=merge, reason=reason, by=by, at=at)
    matching.keep_apart(alias, merge.into, by=by, at=at)
    return made


def days_left(merge: Merge, *, at: datetime) -> int:
    """For how many days a merge can still be undone, the last begun one counted; negative when it is too late."""
    left = merge.at + UNDONE_WITHIN - at
    return ceil(left / timedelta(days=1)) if left >= timedelta(0) else -1


def _check(merge: Merge, reason: str, at: datetime) -> None:
    if not reason:
        raise CannotUnmerge(_("Say why these are two people after all: it is kept."))
    if Unmerge.objects.filter(merge=merge).exists():
        raise CannotUnmerge(_("This merge was undone before."))
    if at > merge.at + UNDONE_WITHIN:
        raise CannotUnmerge(_("A merge can be undone for 90 days; this one is older. Ask for a correction instead."))


def _take_back_names(alias: Person) -> None:
    """The names she had when she was merged: a name that was hidden since is another person's wish."""
    histories = apps.get_model("people", "PersonEvent")
    own = histories.objects.filter(pgh_obj=alias.pk, merged_into__isnull=True).order_by("-pgh_id").first()
    for name in ("given_name", "family_name", "display_name", "former_name", "sort_key") if own else ():
        setattr(alias, name, getattr(own, name))
