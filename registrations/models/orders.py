"""What a district asked for, and the money that pays for it: drafts, orders, allotments."""

from typing import Self

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q

from billing.models import FundingAgreement, FundingLine, PurchaseOrder
from events.access import InstituteScoped
from events.models import Cohort, Institute, Program, Terms
from people.models import Organization, Person, User


class RosterDraftQuerySet(InstituteScoped):
    sponsor_path = "sponsor"

    def unsubmitted(self) -> Self:
        return self.filter(order__isnull=True)


class RosterDraft(models.Model):
    """A roster that is being made for one institute: its rows as they were given, and what was decided of each."""

    sponsor = models.ForeignKey(Organization, models.PROTECT, related_name="roster_drafts")
    institute = models.ForeignKey(Institute, models.PROTECT, related_name="roster_drafts")
    rows = models.JSONField(default=list)
    columns = models.JSONField(default=dict)
    funding = models.JSONField(default=dict)
    source_name = models.CharField(max_length=200, blank=True)
    revision = models.PositiveIntegerField(default=1)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="roster_drafts")
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    order = models.OneToOneField("Order", models.SET_NULL, null=True, blank=True, related_name="draft")

    objects = RosterDraftQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sponsor", "institute"],
                condition=Q(order__isnull=True),
                name="a_sponsor_has_one_open_roster_for_an_institute",
            )
        ]

    def __str__(self) -> str:
        return f"Roster of {self.sponsor} for {self.institute}"


class OrderQuerySet(InstituteScoped):
    sponsor_path = "sponsor"
    person_path = "payer_person"


@pghistory.track()
class Order(models.Model):
    """What a sponsor asked for at once, under the terms that were in force then."""

    sponsor = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="orders")
    payer_person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="own_orders")
    placed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="orders")
    terms = models.ForeignKey(Terms, models.PROTECT, related_name="orders")
    key = models.CharField(max_length=100, unique=True)
    at = models.DateTimeField()
    past_the_line = models.CharField(max_length=200, blank=True)  # why staff seated them before those in line

    objects = OrderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(sponsor__isnull=True, payer_person__isnull=False)
                | Q(sponsor__isnull=False, payer_person__isnull=True),
                name="an_order_has_a_sponsor_or_a_paying_person",
            )
        ]
        indexes = [models.Index(fields=["sponsor", "-at"], name="order_by_sponsor")]

    def __str__(self) -> str:
        return f"Order {self.pk}"


class AllotmentQuerySet(InstituteScoped):
    sponsor_path = "order__sponsor"
    person_path = "order__payer_person"


@pghistory.track()
class Allotment(models.Model):
    """Seats at an institute at one price: "12 seats at LT27-01 at $525 for Alder Valley".

    Those of chaperones cost nothing, and nobody pays for them.
    """

    order = models.ForeignKey(Order, models.PROTECT, related_name="allotments")
    institute = models.ForeignKey(Institute, models.PROTECT, related_name="allotments")
    seats_wanted = models.PositiveIntegerField()
    price = models.DecimalField(max_digits=10, decimal_places=2)
    is_chaperone = models.BooleanField(default=False)

    objects = AllotmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(price__gte=0), name="an_allotments_price_is_not_negative"),
            models.CheckConstraint(condition=Q(seats_wanted__gte=1), name="an_allotment_has_seats"),
            models.CheckConstraint(condition=Q(is_chaperone=False) | Q(price=0), name="a_chaperone_costs_nothing"),
        ]

    def __str__(self) -> str:
        return f"{self.seats_wanted} seats at {self.institute.code} at ${self.price}"


class AllotmentFundingQuerySet(InstituteScoped):
    sponsor_path = "allotment__order__sponsor"


@pgtrigger.register(
    pgtrigger.Trigger(
        name="the_parts_of_a_price_make_the_price",
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        timing=pgtrigger.Deferred,
        declare=[("allotment_key", "bigint"), ("parts", "numeric"), ("whole", "numeric")],
        func="""
            IF TG_OP = 'DELETE' THEN allotment_key := OLD.allotment_id; ELSE allotment_key := NEW.allotment_id; END IF;
            SELECT price INTO whole FROM registrations_allotment WHERE id = allotment_key;
            SELECT sum(amount) INTO parts FROM registrations_allotmentfunding WHERE allotment_id = allotment_key;
            IF whole IS NOT NULL AND parts IS DISTINCT FROM whole
            THEN RAISE EXCEPTION 'the parts of a seat''s price make its price' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NULL;
        """,
    )
)
class AllotmentFunding(models.Model):
    """The part of each seat's price that one funding line pays, for the days from first to last."""

    allotment = models.ForeignKey(Allotment, models.PROTECT, related_name="fundings")
    line = models.ForeignKey(FundingLine, models.PROTECT, related_name="allotment_fundings")
    purchase_order = models.ForeignKey(
        PurchaseOrder, models.PROTECT, null=True, blank=True, related_name="allotment_fundings"
    )
    first_day = models.DateField()
    last_day = models.DateField()
    amount = models.DecimalField(max_digits=10, decimal_places=2)

    objects = AllotmentFundingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="a_part_of_a_price_is_not_negative"),
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="a_part_ends_after_it_starts"),
        ]

    def __str__(self) -> str:
        return f"${self.amount} by {self.line}"


class FundingScopeQuerySet(InstituteScoped):
    sponsor_path = "agreement__payer__organization"


class FundingScope(models.Model):
    """A program or a cohort whose seats an agreement may pay. Without such rows it may pay any."""

    agreement = models.ForeignKey(FundingAgreement, models.PROTECT, related_name="scopes")
    program = models.ForeignKey(Program, models.PROTECT, null=True, blank=True, related_name="funding_scopes")
    cohort = models.ForeignKey(Cohort, models.PROTECT, null=True, blank=True, related_name="funding_scopes")

    objects = FundingScopeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(program__isnull=True, cohort__isnull=False) | Q(program__isnull=False, cohort__isnull=True),
                name="a_scope_is_one_program_or_one_cohort",
            ),
            models.UniqueConstraint(
                fields=["agreement", "program", "cohort"], nulls_distinct=False, name="a_scope_is_given_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement} may pay {self.program or self.cohort}"
