"""Changes of mind: each a row of its own that is never changed, beside the seat it is about."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from billing.models import FundingLine
from events.access import InstituteScoped
from events.models import Terms
from people.models import Organization, User
from registrations.models.orders import Allotment
from registrations.models.seats import Registration, Seat

NEVER_CHANGED = pgtrigger.Update | pgtrigger.Delete


class ChangeScoped(InstituteScoped):
    """What a change cost is the sponsor's: who hosts or facilitates sees names and attendance, never money."""

    sponsor_path = "seat__allotment__order__sponsor"


class SubstitutionQuerySet(ChangeScoped):
    institute_path = "seat__institute"
    person_path = "from_registration__person"


@pgtrigger.register(pgtrigger.Protect(name="a_substitution_is_never_changed", operation=NEVER_CHANGED))
class Substitution(models.Model):
    """Another person sits in the seat from a day on: the seat, its money and its choices stay."""

    seat = models.ForeignKey(Seat, models.PROTECT, related_name="substitutions")
    from_registration = models.ForeignKey(Registration, models.PROTECT, related_name="substitutions_away")
    to_registration = models.OneToOneField(Registration, models.PROTECT, related_name="substitution")
    first_day = models.DateField()
    reason = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    objects = SubstitutionQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.to_registration.person} for {self.from_registration.person} from {self.first_day}"


class WithdrawalCause(models.TextChoices):
    CHANGE_OF_PLANS = "change_of_plans", _("Change of plans")
    ILLNESS = "illness", _("Illness")
    LEFT_DISTRICT = "left_district", _("Left the district")
    NOT_NAMED = "not_named", _("No name by the naming day")
    NO_FUNDS = "no_funds", _("No funds")
    CLOSURE = "closure", _("School closure, strike or disaster")
    CANCELED = "canceled", _("The institute was canceled")
    OTHER = "other", _("Other")


class WithdrawalQuerySet(ChangeScoped):
    pass


@pgtrigger.register(pgtrigger.Protect(name="a_withdrawal_is_never_changed", operation=NEVER_CHANGED))
class Withdrawal(models.Model):
    """A seat given back: under which version of the terms, and what of its price came back and was kept.

    `is_forced`: by the provider's staff for a cause beyond anyone's power, in full whatever the ladder says; then
    `words` are the reason.
    """

    seat = models.OneToOneField(Seat, models.PROTECT, related_name="withdrawal")
    registration = models.ForeignKey(Registration, models.PROTECT, null=True, blank=True, related_name="withdrawals")
    terms = models.ForeignKey(Terms, models.PROTECT, related_name="withdrawals")
    days_before = models.IntegerField()
    percent = models.PositiveSmallIntegerField()
    back = models.DecimalField(max_digits=10, decimal_places=2)
    kept = models.DecimalField(max_digits=10, decimal_places=2)
    cause = models.CharField(max_length=20, choices=WithdrawalCause)
    words = models.CharField(max_length=200, blank=True)
    is_forced = models.BooleanField(default=False)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    objects = WithdrawalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(back__gte=0, kept__gte=0), name="a_withdrawal_keeps_no_less_than_nothing"
            ),
            models.CheckConstraint(condition=Q(percent__lte=100), name="a_withdrawal_gives_back_all_at_most"),
            models.CheckConstraint(
                condition=Q(is_forced=False) | ~Q(words=""), name="a_forced_withdrawal_has_its_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seat} given back, ${self.back}"


class TransferQuerySet(ChangeScoped):
    pass


@pgtrigger.register(pgtrigger.Protect(name="a_transfer_is_never_changed", operation=NEVER_CHANGED))
class Transfer(models.Model):
    """A person moved with her money from a seat at one institute to a seat at another."""

    seat = models.OneToOneField(Seat, models.PROTECT, related_name="transfer_away")
    from_registration = models.ForeignKey(
        Registration, models.PROTECT, null=True, blank=True, related_name="transfers_away"
    )
    to_seat = models.OneToOneField(Seat, models.PROTECT, related_name="transfer")
    back = models.DecimalField(max_digits=10, decimal_places=2)
    kept = models.DecimalField(max_digits=10, decimal_places=2)
    terms = models.ForeignKey(Terms, models.PROTECT, related_name="transfers")
    reason = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    objects = TransferQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(seat=F("to_seat")), name="a_transfer_leads_elsewhere")]

    def __str__(self) -> str:
        return f"{self.seat} to {self.to_seat}"


class TakeoverQuerySet(ChangeScoped):
    organization_path = "asked_of"


class Takeover(models.Model):
    """A district asks another to take a seat over, with its money: done when the other accepts."""

    seat = models.ForeignKey(Seat, models.PROTECT, related_name="takeovers")
    asked_of = models.ForeignKey(Organization, models.PROTECT, related_name="takeovers")
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    is_accepted = models.BooleanField(null=True, blank=True)

    objects = TakeoverQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["seat"], condition=Q(answered_at__isnull=True), name="a_seat_is_asked_over_once_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, is_accepted__isnull=True)
                | Q(answered_at__isnull=False, is_accepted__isnull=False),
                name="an_answered_takeover_says_how",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seat} to {self.asked_of}"


class PayerMoveQuerySet(ChangeScoped):
    pass


@pgtrigger.register(pgtrigger.Protect(name="a_payer_move_is_never_changed", operation=NEVER_CHANGED))
class PayerMove(models.Model):
    """A seat's money moved: its charges were taken back from one allotment's lines and made anew under another's."""

    seat = models.ForeignKey(Seat, models.PROTECT, related_name="payer_moves")
    from_allotment = models.ForeignKey(Allotment, models.PROTECT, related_name="payer_moves_away")
    to_allotment = models.ForeignKey(Allotment, models.PROTECT, related_name="payer_moves")
    line = models.ForeignKey(FundingLine, models.PROTECT, related_name="payer_moves")
    takeover = models.OneToOneField(Takeover, models.PROTECT, null=True, blank=True, related_name="move")
    reason = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    objects = PayerMoveQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.seat} now paid by {self.line}"
