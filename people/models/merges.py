"""Who may be or turned out to be the same person, or not; what people say of their own addresses and names."""

from typing import Self

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

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


class Likeness(models.IntegerChoices):
    """Why two people may be one, the strongest reason first."""

    CLAIM = 1, _("A claimed address")
    ADDRESS = 2, _("The same address")
    NAME = 3, _("The same name in one district")
    SCHOOL = 4, _("A similar name at one school")


class SuggestionQuerySet(models.QuerySet["Suggestion"]):
    def open(self) -> Self:
        """Of two who were not merged since."""
        return self.filter(one__merged_into__isnull=True, other__merged_into__isnull=True)


class Suggestion(models.Model):
    """Two people who may be one, for staff to look at. Found anew by `people.matching`; nothing follows by itself."""

    one = models.ForeignKey(Person, models.CASCADE, related_name="+")
    other = models.ForeignKey(Person, models.CASCADE, related_name="+")
    reason = models.PositiveSmallIntegerField(choices=Likeness)
    found_at = models.DateTimeField()

    objects = SuggestionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(one__lt=F("other")), name="a_suggestion_has_the_smaller_key_first"),
            models.UniqueConstraint(fields=["one", "other"], name="a_suggestion_is_made_once"),
        ]
        indexes = [models.Index(fields=["reason", "id"], name="suggestion_by_reason")]

    def __str__(self) -> str:
        return f"{self.one} and {self.other}?"


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


class NameRequestQuerySet(Scoped):
    person_path = "person"

    def of(self, person: Person) -> Self:
        """Of the person and of those merged into her."""
        return self.filter(person__in=Person.objects.of(person))

    def waiting(self) -> Self:
        return self.filter(decided_at__isnull=True)


class NameRequest(models.Model):
    """Another name that a person asks to be called by; staff decide. With `hides_former` the old one is shown nowhere."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="name_requests")
    given_name = models.CharField(max_length=100, blank=True)
    family_name = models.CharField(max_length=100, blank=True)
    display_name = models.CharField(max_length=200)
    hides_former = models.BooleanField(default=False)
    asked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    is_granted = models.BooleanField(default=False)

    objects = NameRequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(display_name=""), name="a_name_that_is_asked_for_is_one"),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True, is_granted=False)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="a_decision_on_a_name_says_who_and_when",
            ),
            models.UniqueConstraint(
                fields=["person"], condition=Q(decided_at__isnull=True), name="a_person_asks_for_one_name_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} asks to be called {self.display_name}"
