"""Paying on Stripe's page: a link that needs no account, a visit to the page, and what came of it.

A link that is opened tells what is owed and starts nothing, as mail scanners open links; a click does. What came of a
visit is said by Stripe's signed messages alone (billing.webhooks), never by the browser that comes back.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from billing import gateway, payments
from billing.models import CheckoutAttempt, Invoice, InvoiceKind, Payee, Payer, Payment, PaymentMethod
from billing.wording import day, dollars
from office import post
from people.models import Provider

VALID_FOR = timedelta(days=730)
"""How long a link opens: an invoice that waits longer is no matter of a card."""
LASTS = timedelta(hours=23)
"""How long a visit may last; Stripe's longest is a day."""
SHORT = timedelta(hours=1)
"""A visit with less time left is not gone on with."""
_SALT = "billing.checkouts"


class CannotCheckOut(Exception):
    """Nothing is paid on Stripe's page; the sentence says why."""


class LinkRefused(CannotCheckOut):
    """The link is not ours, was altered, or is too old."""


# --- The link ---------------------------------------------------------------------------------------------------------


def token_of(invoice: Invoice) -> str:
    """The signed part of the link that pays an invoice."""
    return signing.dumps(invoice.pk, salt=_SALT)


def link_to(invoice: Invoice) -> str:
    """The whole address that pays an invoice without an account, as a mail writes it; empty where it cannot be paid so."""
    if why_not_at_all(invoice):
        return ""
    return post.link(reverse("billing:checkout", kwargs={"token": token_of(invoice)}))


def read(token: str) -> Invoice:
    """The invoice that a link pays, with its balance. Raises LinkRefused."""
    try:
        key = signing.loads(token, salt=_SALT, max_age=VALID_FOR)
    except signing.SignatureExpired:
        raise LinkRefused("This link has expired. Ask us for a new one.") from None
    except signing.BadSignature:
        raise LinkRefused("This link is not complete. Open it from the mail again, or copy all of it.") from None
    related = ("payer__organization", "payer__person", "payee__organization")
    invoice: Invoice = Invoice.objects.issued().with_balance().select_related(*related).get(pk=key)
    return invoice


# --- Whether ----------------------------------------------------------------------------------------------------------


def account_of(payee: Payee) -> str | None:
    """Stripe's account of who is paid; the provider's own is empty, and a fiscal agent may have none."""
    if payee.stripe_account or Provider.objects.filter(organization=payee.organization_id).exists():
        return payee.stripe_account
    return None


def why_not_at_all(invoice: Invoice) -> str:
    """Why an invoice can never be paid on Stripe's page; empty where it can, as long as something is owed."""
    if not invoice.is_issued or invoice.kind != InvoiceKind.INVOICE:
        return f"{invoice} is not an issued invoice."
    if off := gateway.why_off():
        return off
    if account_of(invoice.payee) is None:
        return f"{invoice.payee} takes no cards."
    return ""


def payable(invoice: Invoice) -> dict[str, str]:
    """For the page of an invoice, with its balance: the link that pays it, or why there is none."""
    if not invoice.is_issued or invoice.kind != InvoiceKind.INVOICE or invoice.balance <= 0:
        return {}
    return {"link": link_to(invoice), "why_not": why_not_at_all(invoice)}


def why_not_now(invoice: Invoice) -> str:
    """Why an invoice, with its balance, is not to be paid on Stripe's page at this moment; empty where it is."""
    if reason := why_not_at_all(invoice):
        return reason
    if invoice.balance <= 0:
        return f"{invoice} is paid: nothing is owed."
    debit = on_its_way(invoice)
    if debit:
        return (
            f"A bank debit of {dollars(debit.amount)} was started on {day(timezone.localdate(debit.made_at))}. "
            "A bank takes up to five business days."
        )
    return ""


def on_its_way(invoice: Invoice) -> CheckoutAttempt | None:
    """The bank debit that was started and has neither arrived nor failed."""
    return CheckoutAttempt.objects.open().filter(invoice=invoice).exclude(intent_id="").order_by("-pk").first()


# --- A visit ----------------------------------------------------------------------------------------------------------


def start(invoice: Invoice, *, at: datetime) -> CheckoutAttempt:
    """A visit to Stripe's page that pays what is owed now. A second click finds the first one's page.

    Asks Stripe after the transaction. Raises CannotCheckOut, gateway.GatewayRefused and gateway.GatewayAway.
    """
    attempt, others = _begun(invoice, at=at)
    account = account_of(invoice.payee) or ""
    for other in others:
        _give_up(other, account, at=at)
    token = token_of(invoice)
    return open_page(
        attempt,
        words=f"Invoice {invoice.reference}: {invoice.about}",
        email=invoice.payer.ap_email,
        success=reverse("billing:checkout_done", kwargs={"token": token, "attempt_id": attempt.pk}),
        back=reverse("billing:checkout_left", kwargs={"token": token}),
    )


def open_page(attempt: CheckoutAttempt, *, words: str, email: str, success: str, back: str) -> CheckoutAttempt:
    """Have Stripe show a page for an attempt, of an invoice or of an order; the same attempt has one page.

    `success` and `back` are paths of ours. Not in a transaction. Raises gateway.GatewayRefused and GatewayAway.
    """
    if attempt.url:
        return attempt
    visit = gateway.Visit(
        words=words,
        amount=attempt.amount,
        about=_about(attempt),
        email=email,
        success_url=post.link(success),
        cancel_url=post.link(back),
        expires_at=attempt.expires_at,
    )
    opened = gateway.open_session(visit, account=account_of(attempt.payee) or "", key=_key(attempt))
    attempt.session_id, attempt.url = opened.id, opened.url
    attempt.save(update_fields=["session_id", "url"])
    return attempt


def begin(
    *,
    payer: Payer,
    payee: Payee,
    amount: Decimal,
    expires_at: datetime,
    invoice: Invoice | None = None,
    order_key: str = "",
    at: datetime,
) -> CheckoutAttempt:
    """The row of a visit, before Stripe is asked: for an invoice, or for an order that the app above knows by its key."""
    made: CheckoutAttempt = CheckoutAttempt.objects.create(
        payer=payer,
        payee=payee,
        invoice=invoice,
        order_key=order_key,
        amount=amount,
        made_at=at,
        expires_at=expires_at,
    )
    return made


@transaction.atomic
def _begun(invoice: Invoice, *, at: datetime) -> tuple[CheckoutAttempt, Sequence[CheckoutAttempt]]:
    """The attempt for what is owed now, and those whose amount is owed no more."""
    list(Invoice.objects.select_for_update().filter(pk=invoice.pk).values_list("pk"))
    fresh = Invoice.objects.with_balance().select_related("payer", "payee").get(pk=invoice.pk)
    if reason := why_not_now(fresh):
        raise CannotCheckOut(reason)
    others = list(CheckoutAttempt.objects.open().filter(invoice=invoice, expires_at__gt=at).order_by("pk"))
    for attempt in others:
        if attempt.amount == fresh.balance and attempt.expires_at > at + SHORT:
            others.remove(attempt)
            return attempt, others
    parties = {"payer": fresh.payer, "payee": fresh.payee, "invoice": fresh}
    return begin(**parties, amount=fresh.balance, expires_at=at + LASTS, at=at), others


def _give_up(attempt: CheckoutAttempt, account: str, *, at: datetime) -> None:
    """Close the page of a visit whose amount is owed no more; one that was paid meanwhile is told by its message."""
    if attempt.session_id:
        try:
            gateway.close_session(attempt.session_id, account=account)
        except gateway.GatewayRefused:
            return
    rows = CheckoutAttempt.objects.open().filter(pk=attempt.pk, intent_id="")
    rows.update(ended_at=at, ended_as="Something else was owed by then")


def _key(attempt: CheckoutAttempt) -> str:
    """Of our row; with its second, as a database that is made anew counts from one again."""
    return f"checkout-{attempt.pk}-{int(attempt.made_at.timestamp())}"


def _about(attempt: CheckoutAttempt) -> str:
    return attempt.invoice.reference if attempt.invoice else attempt.order_key


# --- What came of it --------------------------------------------------------------------------------------------------


def settle(attempt: CheckoutAttempt, told: gateway.Session, *, method: PaymentMethod, at: datetime) -> str:
    """Record the money of a visit, once, and put it to its invoice as far as that owes; the rest is the payer's credit.

    Runs under the attempt's lock. Returns what was done.
    """
    if attempt.payment_id:
        return "Recorded before."
    invoice = _locked(attempt.invoice_id)
    share = min(told.amount, invoice.balance) if invoice else Decimal(0)
    payment = payments.record(
        payer=attempt.payer,
        payee=attempt.payee,
        method=method,
        reference=told.intent,
        amount=told.amount,
        received_on=timezone.localdate(at),
        shares=[payments.Share(invoice, share)] if invoice and share > 0 else [],
        again=True,
        gateway_id=told.intent,
        by=None,
        at=at,
    )
    _end(attempt, "Paid", intent=told.intent, payment=payment, at=at)
    rest = told.amount - max(share, Decimal(0))
    credit = f" {dollars(rest)} waits as the payer's credit." if rest and invoice else ""
    return f"{dollars(told.amount)} recorded for {_about(attempt)}.{credit}"


def wait_for_bank(attempt: CheckoutAttempt, told: gateway.Session) -> str:
    """Remember that a bank debit was started. Runs under the attempt's lock."""
    if attempt.ended_at:
        return f"Ended before: {attempt.ended_as}."
    attempt.intent_id = told.intent
    attempt.save(update_fields=["intent_id"])
    return "The bank was asked for the money."


def lapse(attempt: CheckoutAttempt, *, why: str, at: datetime) -> str:
    """End a visit that brought nothing. Runs under the attempt's lock."""
    if attempt.ended_at:
        return f"Ended before: {attempt.ended_as}."
    _end(attempt, why, intent=attempt.intent_id, payment=None, at=at)
    return why


def _locked(key: int | None) -> Invoice | None:
    """The invoice with its balance, locked."""
    if key is None:
        return None
    list(Invoice.objects.select_for_update().filter(pk=key).values_list("pk"))
    invoice: Invoice = Invoice.objects.with_balance().get(pk=key)
    return invoice


def _end(attempt: CheckoutAttempt, how: str, *, intent: str, payment: Payment | None, at: datetime) -> None:
    attempt.ended_at, attempt.ended_as, attempt.intent_id, attempt.payment = at, how[:200], intent, payment
    attempt.save(update_fields=["ended_at", "ended_as", "intent_id", "payment"])
