"""Who turned out to be the same person, or not; and the addresses that people say were theirs."""

from typing import Self

import pgtrigger
from django.db import models
from django.db.models import F, Q

from people.access import Scoped
from people.models.persons import Person
from people.models.users import User

NEVER_CHANGED = pgtrigger.Update | pgtrigger.Delete


class MergeQuerySet(Scoped):
    person_path = "into"

    def standing(self) -> Self:
        """Not taken apart again."""
        return self.filter(undone__isnull=True)


@pgtrigger.register(pgtrigger.Protect(name="a_merge_is_never_changed", operation=NEVER_CHANGED))
class Merge(models.Model):
    """A person was merged into another: on what evidence, by whom. No row moves: the pointer is `Person.merged_into`."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="merges")
    into = models.ForeignKey(Person, models.PROTECT, related_name="merges_in")
    evidence = models.CharField(max_length=300)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    objects = MergeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(person=F("into")), name="nobody_is_merged_into_herself"),
            models.CheckConstraint(condition=~Q(evidence=""), name="a_merge_has_its_evidence"),
        ]

    def __str__(self) -> str:
        return f"{self.person} into {self.into}"


class UnmergeQuerySet(Scoped):
    person_path = "merge__into"


@pgtrigger.register(pgtrigger.Protect(name="an_unmerge_is_never_changed", operation=NEVER_CHANGED))
class Unmerge(models.Model):
    """A merge that was taken apart again, within its 90 days."""

    merge = models.OneToOneField(Merge, models.PROTECT, related_name="undone")
    reason = models.CharField(max_length=300)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    objects = UnmergeQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="an_unmerge_has_its_reason")]

    def __str__(self) -> str:
        return f"{self.merge}, undone"


class TwoPeople(models.Model):
    """Two people who look alike and are not the same: staff said so, and they are not suggested again."""

    one = models.ForeignKey(Person, models.PROTECT, related_name="+")
    other = models.ForeignKey(Person, models.PROTECT, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "two people"
        constraints = [
            models.CheckConstraint(condition=Q(one__lt=F("other")), name="a_pair_is_kept_smaller_key_first"),
            models.UniqueConstraint(fields=["one", "other"], name="a_pair_is_kept_once"),
        ]

    def __str__(self) -> str:
        return f"{self.one} and {self.other}"


class AddressClaimQuerySet(Scoped):
    person_path = "person"


class AddressClaim(models.Model):
    """An address that a person says was hers; confirmed by a click on the page behind the link that was mailed there."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="address_claims")
    address = models.EmailField()
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)

    objects = AddressClaimQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "address"], name="an_address_is_claimed_once")]

    def __str__(self) -> str:
        return f"{self.address} claimed by {self.person}"
