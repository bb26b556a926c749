"""Whatever is done in whatever order, the books balance: random sequences of verbs, and the audit after each.

A verb may refuse, with its sentence; what it may not do is to leave the books broken. Sequences are drawn the same each
time, so that a run is as good as another, and what breaks is shrunk to the few steps that matter.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

import pytest
from django.db import transaction
from django.db.models import Model, QuerySet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing import books, disputes, gateway, invoicing, payments, refunds, statements, trial, write_offs
from billing.ledger import CannotCharge
from billing.models import (
    AgreementCap,
    Dispute,
    FundingLine,
    Invoice,
    InvoiceKind,
    Payment,
    PaymentMethod,
    PurchaseOrder,
    Refund,
    WriteOffBatch,
)
from billing.payments import Share
from events.models import Institute
from people.access import Role
from people.models import Organization, User
from registrations import billable, recount, substitutes, withdrawals
from registrations.models import Registration, Seat
from registrations.newcomers import Attendee
from registrations.refusals import CannotChange, CannotRegister
from tests import make

pytestmark = pytest.mark.django_db

REFUSALS = (
    CannotCharge, CannotChange, CannotRegister, invoicing.CannotIssue, payments.CannotPay, refunds.CannotRefund,
    write_offs.CannotWriteOff,
)  # fmt: skip
EARLY = make.NOW  # all comes back
LATE = datetime(2027, 1, 12, 20, tzinfo=UTC)  # nine days before: half is kept
M = TypeVar("M", bound=Model)


@dataclass
class World:
    """A district with three kinds of money, an institute with few seats, and two who bill."""

    district: Organization
    institute: Institute
    lines: list[tuple[FundingLine, PurchaseOrder | None]]
    omar: User
    rosa: User
    steps: int = 0
    by: dict[str, Any] = field(default_factory=dict)

    def number(self) -> int:
        self.steps += 1
        return self.steps


@dataclass(frozen=True)
class Step:
    """A verb, which of the rows it is done to, how much of what there is, and when."""

    verb: Callable[[World, "Step"], object]
    which: int
    percent: int
    at: datetime

    def one(self, rows: "QuerySet[M]") -> M | None:
        found = list(rows.order_by("pk"))
        return found[self.which % len(found)] if found else None

    def of(self, dollars: Decimal) -> Decimal:
        """Mostly less than there is, at times more: a refusal must break nothing either."""
        return (dollars * self.percent / 100).quantize(Decimal("0.01"))


def a_world() -> World:
    district, omar = make.organization("Alder Valley Unified"), make.user("omar@x.test", Role.STAFF, Role.FINANCE)
    contract = make.agreement(district, amount=Decimal(3000))
    grant = make.agreement(amount=Decimal(2000))
    AgreementCap.objects.create(agreement=grant, organization=district, amount=Decimal(1200))
    order = make.purchase_order(district, "2000.00")
    lines = [(make.line(district), order), (make.line(district, contract), None), (make.line(district, grant), None)]
    rosa = make.user("rosa@x.test", Role.FINANCE)
    return World(district, make.institute(capacity=9), lines, omar, rosa, by={"by": omar, "at": make.NOW})


# --- The verbs --------------------------------------------------------------------------------------------------------


def register(world: World, step: Step) -> None:
    line, order = world.lines[step.which % 3]
    people = [f"Una{world.number()} Vane" for _each in range(1 + step.percent % 3)]
    make.placed(world.district, world.institute, *people, by=world.omar, paid_by=line, purchase_order=order)


def withdraw(world: World, step: Step) -> None:
    seat = step.one(Seat.objects.held())
    if seat:
        withdrawals.withdraw([seat], by=world.omar, at=step.at)


def substitute(world: World, step: Step) -> None:
    leaving = step.one(Registration.objects.live())
    if leaving:
        newcomer = Attendee(f"Tomas{world.number()}", "Wexler")
        substitutes.substitute(leaving, newcomer, is_sure=True, by=world.omar, at=step.at)


def invoice(world: World, step: Step) -> None:
    """Also the credit memos of what was taken back."""
    for draft in billable.draft_invoices(world.institute, by=world.omar, at=step.at):
        invoicing.issue(draft, by=world.omar, at=step.at)


def pay(world: World, step: Step) -> None:
    owed = step.one(Invoice.objects.open())
    if owed:
        amount = step.of(owed.balance) + 1
        payments.record(
            payer=owed.payer, payee=owed.payee, method=PaymentMethod.CHECK, reference=f"check {world.number()}",
            amount=amount + step.which, received_on=make.NOW.date(), shares=[Share(owed, amount)], **world.by,
        )  # fmt: skip


def use_credit(world: World, step: Step) -> None:
    owed = step.one(Invoice.objects.open())
    if owed:
        payments.use_credit(owed, **world.by)


def refund(world: World, step: Step) -> None:
    paid = step.one(Payment.objects.with_rest().filter(rest__gt=0))
    if paid:
        refunds.refund(paid, step.of(paid.rest), method=PaymentMethod.CHECK, reason="Asked", **world.by)


def fail(world: World, step: Step) -> None:
    made = step.one(Refund.objects.standing())
    if made:
        refunds.fail(made, reason="Returned", at=make.NOW)


def bounce(world: World, step: Step) -> None:
    paid = step.one(Payment.objects.all())
    if paid:
        refunds.bounce(paid, reason="No funds", **world.by)


def write_off(world: World, step: Step) -> None:
    owed = step.one(Invoice.objects.open())
    if owed:
        write_offs.write_off(write_offs.Wish(owed, step.of(owed.balance)), reason="Rest", **world.by)


def owe_again(world: World, step: Step) -> None:
    given_up = step.one(Invoice.objects.issued().with_balance().filter(written_off__gt=0))
    if given_up:
        write_offs.take_back(write_offs.Wish(given_up, step.of(given_up.written_off)), reason="It came", **world.by)


def ask_to_write_off(world: World, step: Step) -> None:
    owed = Invoice.objects.open().order_by("pk")
    wishes = [write_offs.Wish(each, step.of(each.balance)) for each in owed]
    write_offs.ask(wishes, reason="Small rests", **world.by)


def decide(world: World, step: Step) -> None:
    asked = step.one(WriteOffBatch.objects.undecided())
    if asked:
        write_offs.decide(asked, is_approved=step.which % 2 == 0, by=world.rosa, at=make.NOW)


def dispute(world: World, step: Step) -> None:
    paid = step.one(Payment.objects.with_rest().filter(refunded=0, disputed=0))
    if paid:
        contest = gateway.Contest(
            id=f"du_{world.number()}",
            amount=paid.amount,
            fee=Decimal(15),
            reason="fraudulent",
            due_at=None,
            intent="",
            is_inquiry=False,
            end="",
        )
        disputes.open(paid, contest, at=make.NOW)


def end_dispute(world: World, step: Step) -> None:
    fought = step.one(Dispute.objects.open())
    if fought:
        (disputes.win if step.which % 2 else disputes.lose)(fought, at=make.NOW)


VERBS = [
    register, register, withdraw, substitute, invoice, invoice, pay, pay, use_credit, refund, fail, bounce, write_off,
    owe_again, ask_to_write_off, decide, dispute, end_dispute,
]  # fmt: skip
STEPS = st.builds(
    Step,
    verb=st.sampled_from(VERBS),
    which=st.integers(0, 5),
    percent=st.sampled_from([1, 33, 50, 100, 100, 101]),
    at=st.sampled_from([EARLY, LATE]),
)


def what_is_broken(world: World) -> list[str]:
    """The audit; and the trial balance and the statement, which are added up by other roads."""
    broken = [*books.broken_equations(), *recount.broken_equations()]
    owed = Invoice.objects.issued().filter(kind=InvoiceKind.INVOICE).with_balance()
    by_invoice = sum((each.balance for each in owed), Decimal(0))
    by_year = sum((row.open for row in trial.documents()), Decimal(0))
    free = sum((paid.rest for paid in Payment.objects.with_rest()), Decimal(0))
    last = datetime.now(UTC).date().replace(year=2100)
    stated = statements.state(make.payer(world.district), make.payee(), first=EARLY.date(), last=last)
    if not by_invoice == by_year == stated.closing:
        broken.append(f"Owed: {by_invoice} by invoice, {by_year} by year, {stated.closing} by statement.")
    if not free == sum((row.unallocated for row in trial.payments()), Decimal(0)) == stated.unallocated:
        broken.append(f"Not allocated: {free} by payment, {stated.unallocated} by statement.")
    return broken


@pytest.mark.usefixtures("provider")
@settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=6, max_size=14))
def test_the_books_balance_whatever_is_done_in_whatever_order(steps: list[Step]) -> None:
    with transaction.atomic():
        world = a_world()
        register(world, Step(register, 0, 2, EARLY))
        invoice(world, Step(invoice, 0, 1, EARLY))
        for step in steps:
            try:
                with transaction.atomic():
                    step.verb(world, step)
            except REFUSALS:
                pass
            assert what_is_broken(world) == [], step
        transaction.set_rollback(True)
