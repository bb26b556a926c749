"""Disputes: a card holder asks her bank for a payment back. Its invoices owe again; the seat and the certificate stay.

Scenario 19. While a dispute is open the bank has the dollars; won, they are put to the same invoices again.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.urls import reverse

from billing import gateway, payments
from billing.models import Allocation, Dispute, DisputeEnd, DisputeOutcome, Invoice, Payment
from billing.wording import day, dollars
from office import post
from people.models import Provider


@transaction.atomic
def open(payment: Payment, told: gateway.Contest, *, at: datetime) -> Dispute:  # noqa: A001 - the trade's word
    """The bank has taken dollars of a payment back: so are its allocations, as far as its rest does not cover them.

    The same dispute twice is one. Tells the provider by mail until when evidence is wanted. Locks the invoices, then
    the payment.
    """
    known: Dispute | None = Dispute.objects.filter(gateway_id=told.id).first()
    if known:
        return known
    lock(payment)
    stood = Payment.objects.with_rest().get(pk=payment.pk)
    # A bank may dispute all of a payment of which a part went back already: no more is held than there is.
    held = min(told.amount, stood.amount - stood.refunded - stood.disputed)
    free(payment, held - stood.rest, reason=_reason(told.id), at=at)
    made: Dispute = Dispute.objects.create(
        payment=payment,
        gateway_id=told.id,
        amount=held,
        fee=told.fee,
        reason=told.reason,
        evidence_due_at=told.due_at,
        opened_at=at,
    )
    _tell(made, at=at)
    return made


@transaction.atomic
def win(dispute: Dispute, *, at: datetime) -> DisputeOutcome:
    """The dollars are the payment's again, and go to the invoices they were taken from, as far as these still owe."""
    lock(dispute.payment)
    outcome, is_new = DisputeOutcome.objects.get_or_create(dispute=dispute, defaults={"kind": DisputeEnd.WON, "at": at})
    if is_new:
        shares = _owing_again(dispute)
        if shares:
            payments.allocate(dispute.payment, shares, by=None, at=at)
    return outcome


@transaction.atomic
def lose(dispute: Dispute, *, at: datetime) -> DisputeOutcome:
    """The dollars are gone, and the invoices go on owing them."""
    outcome: DisputeOutcome = DisputeOutcome.objects.get_or_create(
        dispute=dispute, defaults={"kind": DisputeEnd.LOST, "at": at}
    )[0]
    return outcome


def invoices_of(dispute: Dispute) -> list[Invoice]:
    """The invoices that a disputed payment had paid, with their balances."""
    keys = Allocation.objects.filter(payment=dispute.payment_id).values("invoice")
    return list(Invoice.objects.filter(pk__in=keys).with_balance().order_by("pk"))


def open_of(invoice: Invoice) -> list[Dispute]:
    """The open disputes of payments that an invoice had."""
    return list(Dispute.objects.open().filter(payment__allocations__invoice=invoice).distinct().order_by("pk"))


def collections_note(dispute: Dispute) -> str:
    """What whoever collects a lost dispute may be told: who owes what since when, and nothing of who sat where."""
    owing = [invoice for invoice in invoices_of(dispute) if invoice.balance > 0]
    lines = [
        f"{invoice.reference}: {dollars(invoice.balance)}, due {day(invoice.due_on)}"
        for invoice in owing
        if invoice.due_on
    ]
    total = dollars(sum((invoice.balance for invoice in owing), Decimal(0)))
    return "\n".join([f"{dispute.payment.payer} owes {total} to {dispute.payment.payee}.", *lines])


# --- Allocations that fall ----------------------------------------------------------------------------------------------


def lock(payment: Payment) -> None:
    """Lock the invoices that a payment is on, by their keys, then the payment."""
    keys = Allocation.objects.filter(payment=payment).values("invoice")
    list(Invoice.objects.select_for_update().filter(pk__in=keys).order_by("pk").values_list("pk"))
    Payment.objects.select_for_update().get(pk=payment.pk)


def free(payment: Payment, amount: Decimal, *, reason: str, at: datetime) -> list[Allocation]:
    """Take dollars of a payment off its invoices, the newest first, and no more than is on them. Runs under `lock`."""
    back = []
    for key, allocated in _net(payment):
        part = min(allocated, amount)
        if part > 0:
            back.append(Allocation(payment=payment, invoice_id=key, amount=-part, reason=reason, at=at))
            amount -= part
    return Allocation.objects.bulk_create(back)


def _net(payment: Payment) -> Iterable[tuple[int, Decimal]]:
    """What of a payment is on which invoice, the newest invoice first."""
    rows = Allocation.objects.filter(payment=payment).order_by().values("invoice").annotate(net=Sum("amount"))
    return list(rows.order_by("-invoice").values_list("invoice", "net"))


def _owing_again(dispute: Dispute) -> list[payments.Share]:
    """What the dispute took off each invoice: no more than it owes today, and than the payment has, as some went back."""
    rows = Allocation.objects.filter(payment=dispute.payment_id, reason=_reason(dispute.gateway_id))
    taken = {row.invoice_id: -row.amount for row in rows}
    rest = Payment.objects.with_rest().get(pk=dispute.payment_id).rest
    shares = []
    for invoice in Invoice.objects.filter(pk__in=taken).with_balance().order_by("pk"):
        amount = min(taken[invoice.pk], invoice.balance, rest)
        if amount > 0:
            shares.append(payments.Share(invoice, amount))
            rest -= amount
    return shares


def _reason(key: str) -> str:
    return f"Card dispute {key}"


def _tell(dispute: Dispute, *, at: datetime) -> None:
    provider = Provider.objects.first()
    if provider is None or not provider.email:
        return
    until = f" Evidence is wanted until {day(dispute.evidence_due_at.date())}." if dispute.evidence_due_at else ""
    text = (
        f"The bank took back {dollars(dispute.amount)} that {dispute.payment.payer} had paid by card, and a fee of "
        f"{dollars(dispute.fee)}. The invoice owes again; seats and certificates stay as they are.{until} "
        "The packet builds itself: look at it, and send it."
    )
    letter = post.Letter(
        to=provider.email,
        subject=f"A card payment of {dollars(dispute.amount)} is disputed",
        template="mail/notice",
        context={"text": text, "url": post.link(reverse("billing:payment", args=[dispute.payment_id])),
                 "action": "Open the payment"},
        about=f"dispute {dispute.pk}",
        key=f"dispute-{dispute.gateway_id}",
    )  # fmt: skip
    post.send(letter, at=at)
