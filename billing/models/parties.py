"""Who pays, who is paid, and under what: payers, payees, agreements, funding lines and purchase orders."""

from datetime import date
from decimal import Decimal
from typing import Self

import pghistory
import pgtrigger
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from billing.access import MoneyScoped
from office.models import StoredFile
from people.models import Organization, Person, User


class PayerQuerySet(MoneyScoped):
    organization_path = "organization"
    person_path = "person"


class Payer(models.Model):
    """One organization or one person that pays, with the address its invoices go to."""

    organization = models.OneToOneField(Organization, models.PROTECT, null=True, blank=True, related_name="payer")
    person = models.OneToOneField(Person, models.PROTECT, null=True, blank=True, related_name="payer")
    ap_email = models.EmailField(_("accounts payable e-mail"), blank=True)
    address = models.TextField(blank=True)
    terms_days = models.PositiveSmallIntegerField(default=30)

    objects = PayerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(organization__isnull=True, person__isnull=False)
                | Q(organization__isnull=False, person__isnull=True),
                name="a_payer_is_one_organization_or_one_person",
            )
        ]

    def __str__(self) -> str:
        return str(self.organization or self.person)


class PayeeQuerySet(MoneyScoped):
    payee_path = "pk"


class Payee(models.Model):
    """Who is paid: the provider, or the fiscal agent of a roll-out, with its own remit-to and numbers."""

    organization = models.OneToOneField(Organization, models.PROTECT, related_name="payee")
    remit_to = models.TextField()
    w9 = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    stripe_account = models.CharField(max_length=100, blank=True)
    prefix = models.CharField(max_length=10, blank=True, help_text=_("Set before its document numbers."))

    objects = PayeeQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.organization)


class AgreementKind(models.TextChoices):
    GRANT = "grant", _("Grant")
    FEE_FOR_SERVICE = "fee_for_service", _("Fee for service")
    LCFF = "lcff", _("LCFF")


class AgreementQuerySet(MoneyScoped):
    payer_path = "payer"

    def roads(self, principal):  # type: ignore[no-untyped-def]  # the type is Scoped.roads'
        return super().roads(principal) | self.road("caps__organization", principal.organizations)

    def open_on(self, day: date) -> Self:
        return self.filter(starts_on__lte=day, ends_on__gte=day)


@pghistory.track(exclude=["charged"])
class FundingAgreement(models.Model):
    """What pays for seats: a grant, a fee-for-service contract or LCFF money.

    `payer` is who is invoiced under it; none means that it is never invoiced (a grant that the provider holds).
    `amount` is its dollars, none where it has no limit; `charged` counts what its charges add up to.
    """

    kind = models.CharField(max_length=16, choices=AgreementKind)
    name = models.CharField(max_length=150)
    payer = models.ForeignKey(Payer, models.PROTECT, null=True, blank=True, related_name="agreements")
    funder = models.CharField(max_length=150, blank=True)
    award_no = models.CharField(_("award or contract number"), max_length=60, blank=True)
    amount = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    charged = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0), editable=False)
    rate = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    wording = models.TextField(blank=True, help_text=_("Terms of the contract, printed on its invoices."))
    starts_on = models.DateField()
    ends_on = models.DateField()
    records_until = models.DateField(null=True, blank=True)

    objects = AgreementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(charged__lte=F("amount")), name="an_agreement_is_never_overspent"
            ),
            models.CheckConstraint(condition=Q(charged__gte=0), name="an_agreement_is_never_charged_below_zero"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="an_agreement_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(kind=AgreementKind.GRANT) | Q(payer__isnull=False),
                name="only_a_grant_may_be_never_invoiced",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_invoiced(self) -> bool:
        return self.payer_id is not None

    @property
    def left(self) -> Decimal | None:
        """Dollars not yet charged; none where there is no limit."""
        return None if self.amount is None else self.amount - self.charged

    def covers(self, day: date) -> bool:
        return self.starts_on <= day <= self.ends_on


class AgreementCapQuerySet(MoneyScoped):
    organization_path = "organization"


@pghistory.track(exclude=["charged"])
class AgreementCap(models.Model):
    """A district that a grant serves, and how many dollars of it at most (none: no limit of its own).

    A grant without such rows serves every district.
    """

    agreement = models.ForeignKey(FundingAgreement, models.PROTECT, related_name="caps")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="agreement_caps")
    amount = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    charged = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0), editable=False)

    objects = AgreementCapQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agreement", "organization"], name="a_district_has_one_cap_in_a_grant"),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(charged__lte=F("amount")), name="a_cap_is_never_overspent"
            ),
            models.CheckConstraint(condition=Q(charged__gte=0), name="a_cap_is_never_charged_below_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.organization} under {self.agreement}"

    @property
    def left(self) -> Decimal | None:
        """Dollars not yet charged; none where the share has no limit of its own."""
        return None if self.amount is None else self.amount - self.charged


class Source(models.TextChoices):
    LCFF_BASE = "lcff_base", _("LCFF base")
    LCFF_SUPPLEMENTAL = "lcff_supplemental", _("LCFF supplemental and concentration")
    TITLE_I = "title_i", _("Title I, Part A")
    TITLE_II = "title_ii", _("Title II, Part A")
    GRANT = "grant", _("Grant")
    CONTRACT = "contract", _("Contract")
    LOCAL = "local", _("Other local funds")
    PRIVATE = "private", _("Private payment")


class FundingLineQuerySet(MoneyScoped):
    payer_path = "payer"
    organization_path = "organization"

    def roads(self, principal):  # type: ignore[no-untyped-def]  # the type is Scoped.roads'
        """A grant's line of no district in particular is seen by each that the grant serves; another's never."""
        served = self.road("agreement__caps__organization", principal.organizations)
        return super().roads(principal) | (served & Q(organization__isnull=True))


@pgtrigger.register(
    pgtrigger.Trigger(
        name="a_charged_line_is_never_changed",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func="""
            IF EXISTS (SELECT 1 FROM billing_charge WHERE line_id = OLD.id)
            THEN RAISE EXCEPTION 'a funding line that was charged is never changed' USING ERRCODE = 'check_violation';
            END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        """,
    )
)
class FundingLine(models.Model):
    """What one payer's paper says: agreement, account string word for word, source, LCAP reference.

    `organization` is the district whose people a grant's line pays for, so that its cap is counted; for other lines
    it is the payer's own. Never changed once charged (a trigger sees to it).
    """

    payer = models.ForeignKey(Payer, models.PROTECT, related_name="lines")
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="funding_lines")
    agreement = models.ForeignKey(FundingAgreement, models.PROTECT, null=True, blank=True, related_name="lines")
    source = models.CharField(max_length=20, choices=Source)
    account_string = models.CharField(max_length=120, blank=True)
    lcap_year = models.CharField(_("LCAP year"), max_length=9, blank=True)
    lcap_goal = models.CharField(_("LCAP goal"), max_length=30, blank=True)
    lcap_action = models.CharField(_("LCAP action"), max_length=60, blank=True)
    is_contributing = models.BooleanField(_("contributes to increased or improved services"), null=True, blank=True)
    attested_by = models.CharField(max_length=150, blank=True)
    attested_at = models.DateTimeField(null=True, blank=True)
    evidence = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()

    objects = FundingLineQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(attested_by="", attested_at__isnull=True)
                | (~Q(attested_by="") & Q(attested_at__isnull=False)),
                name="an_attestation_has_its_who_and_when",
            )
        ]
        indexes = [models.Index(fields=["payer", "agreement"], name="line_by_payer")]

    def __str__(self) -> str:
        return " · ".join(
            part for part in [str(self.agreement or self.get_source_display()), self.account_string] if part
        )

    @property
    def lcap_reference(self) -> str:
        """ "LCAP 2026-27 Goal 2 Action 2.3", or nothing."""
        parts = [("LCAP", self.lcap_year), ("Goal", self.lcap_goal), ("Action", self.lcap_action)]
        return " ".join(f"{word} {value}" for word, value in parts if value)

    @property
    def is_invoiced(self) -> bool:
        return self.agreement is None or self.agreement.is_invoiced


class PurchaseOrderQuerySet(MoneyScoped):
    payer_path = "payer"


@pghistory.track(exclude=["drawn"])
class PurchaseOrder(models.Model):
    """A district's purchase order: a promise of dollars until a day. `drawn` counts what its draws add up to."""

    payer = models.ForeignKey(Payer, models.PROTECT, related_name="purchase_orders")
    number = models.CharField(max_length=60)
    issued_on = models.DateField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    amount = models.DecimalField(max_digits=12, decimal_places=2, validators=[MinValueValidator(Decimal("0.01"))])
    drawn = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0), editable=False)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    objects = PurchaseOrderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["payer", "number"], name="a_payer_numbers_a_purchase_order_once"),
            models.CheckConstraint(condition=Q(drawn__lte=F("amount")), name="a_purchase_order_is_never_overdrawn"),
            models.CheckConstraint(condition=Q(drawn__gte=0), name="a_purchase_order_is_never_drawn_below_zero"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def left(self) -> Decimal:
        return self.amount - self.drawn
