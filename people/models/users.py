"""Those who sign in, and the part each plays where."""

import hashlib
import secrets
from datetime import datetime
from typing import Any, ClassVar, Self

import pghistory
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from people.access import Role
from people.models.organizations import Organization, Region
from people.models.persons import Person


class UserManager(BaseUserManager["User"]):
    """Makes users by e-mail, as Django's and allauth's own commands ask for it."""

    def create_user(self, email: str, password: str | None = None, **more: Any) -> "User":
        user = self.model(email=email.lower(), **more)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **more: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **more)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    """Someone with a login: an e-mail address, and usually a person."""

    email = models.EmailField(unique=True)
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="users")
    is_staff = models.BooleanField(_("may use the admin"), default=False)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(email=Func(F("email"), function="LOWER")), name="a_login_is_in_small_letters"
            )
        ]

    def __str__(self) -> str:
        return self.person.display_name if self.person else self.email


class MembershipQuerySet(models.QuerySet["Membership"]):
    def active(self) -> Self:
        return self.filter(ended_at__isnull=True)


@pghistory.track()
class Membership(models.Model):
    """A user's role at an organization, for a region, or with the provider."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="memberships")
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, related_name="memberships")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=[Role.COORDINATOR, Role.BUSINESS_OFFICE, Role.HOST], organization__isnull=False)
                | Q(role__in=[Role.STAFF, Role.FINANCE, Role.DIRECTOR], organization__isnull=True),
                name="a_role_of_a_district_names_its_organization",
            ),
            models.UniqueConstraint(
                fields=["user", "role", "organization", "region"],
                condition=Q(ended_at__isnull=True),
                nulls_distinct=False,
                name="a_role_is_held_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"


class HandOverQuerySet(models.QuerySet["HandOver"]):
    def waiting(self) -> Self:
        return self.filter(ended_at__isnull=True)

    def due(self) -> Self:
        """The colleague has signed in, at least once."""
        return self.waiting().filter(to__user__last_login__isnull=False)


class HandOver(models.Model):
    """A part that goes to a colleague: it ends when she has signed in, or at once. What was done under it stays."""

    part = models.ForeignKey(Membership, models.CASCADE, related_name="hand_overs")
    to = models.ForeignKey(Membership, models.CASCADE, related_name="taken_over")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = HandOverQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(part=F("to")), name="a_part_is_handed_to_another"),
            models.UniqueConstraint(
                fields=["part"], condition=Q(ended_at__isnull=True), name="a_part_is_handed_over_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.part}, to {self.to.user}"


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def usable(self, *, at: datetime) -> Self:
        return self.filter(revoked_at__isnull=True, expires_at__gt=at)


class ApiToken(models.Model):
    """A key to the API. Only its hash is kept; the key itself is shown once."""

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def new_key() -> str:
        return f"cadre_{secrets.token_urlsafe(32)}"

    @staticmethod
    def digest_of(key: str) -> str:
        return hashlib.sha256(key.encode()).hexdigest()
