"""Every night: what Stripe did since the day before, laid beside what its messages told. What a lost message left behind
is acted on as if the message had come.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from billing import gateway, webhooks
from billing.models import CheckoutAttempt, Dispute, Payee, Payment, Refund, StripeEvent

LOOKS_BACK = timedelta(days=9)
"""A bank debit arrives up to five business days after its visit began, and a night may be missed."""
NIGHT = "reconciliation"
"""The type of the row that says a night was looked at, and what was missing."""


@dataclass(frozen=True)
class Missing:
    """A message that should have come."""

    type: str
    content: gateway.Content
    state: str

    @property
    def id(self) -> str:
        return f"missing-{self.content['id']}-{self.state}"


def reconcile(*, at: datetime) -> StripeEvent | None:
    """Ask Stripe what it has, for each account, and act on what is not here. None where cards are off.

    Raises gateway.GatewayAway: the task comes again; what was found until then stays.
    """
    if gateway.why_off():
        return None
    found = 0
    for account in _accounts():
        for missing in _missing(account, at - LOOKS_BACK):
            event = gateway.Event(missing.id, missing.type, account, at, missing.content)
            kept = webhooks.keep(event, at=at)
            webhooks.act(kept.pk, at=at)
            found += kept.received_at == at
    webhooks.act_due(at=at)
    row: StripeEvent = StripeEvent.objects.update_or_create(
        gateway_id=f"{NIGHT}-{at:%Y-%m-%d}",
        defaults={
            "type": NIGHT,
            "content": {},
            "created_at": at,
            "received_at": at,
            "acted_at": at,
            "answer": _said(found),
        },
    )[0]
    return row


def last_night() -> StripeEvent | None:
    """The latest look, and what it found."""
    return StripeEvent.objects.filter(type=NIGHT).order_by("-received_at").first()


def _accounts() -> list[str]:
    """The provider's own (no name), and each payee's."""
    others = Payee.objects.exclude(stripe_account="").order_by("stripe_account")
    return ["", *others.values_list("stripe_account", flat=True).distinct()]


def _missing(account: str, since: datetime) -> Iterable[Missing]:
    """Visits first: what they bring is acted on before the refunds and disputes of it are looked at."""
    for content in gateway.sessions_since(since, account=account):
        if (state := _state_of_visit(gateway.session_of(content))) and _is_open(content["id"], state):
            yield Missing(f"checkout.session.{state}", content, state)
    for content in gateway.refunds_since(since, account=account):
        yield from _missing_of_refund(content)
    for content in gateway.disputes_since(since, account=account):
        yield from _missing_of_dispute(content)
    for old in Dispute.objects.open().filter(payment__payee__stripe_account=account, opened_at__lt=since):
        yield from _missing_of_dispute(gateway.dispute(old.gateway_id, account=account))


def _state_of_visit(told: gateway.Session) -> str:
    """The end of the name of the message that a visit should have brought; empty while it may still bring one."""
    if told.is_paid:
        return "async_payment_succeeded" if told.is_debit else "completed"
    return "expired" if told.is_expired else ""


def _is_open(session: str, state: str) -> bool:
    """Whether a visit of ours knows less than Stripe: money that is not recorded, or an end that was not told."""
    mine = CheckoutAttempt.objects.filter(session_id=session, payment=None)
    return (mine.open() if state == "expired" else mine).exists()


def _missing_of_refund(content: gateway.Content) -> Iterable[Missing]:
    told = gateway.refund_of(content)
    rows = Refund.objects.filter(gateway_id=told.id)
    if told.failure:
        rows = rows.filter(failure__isnull=False)
    if _is_ours(told.intent) and not rows.exists():
        yield Missing(
            "refund.failed" if told.failure else "refund.created", content, "failed" if told.failure else "made"
        )


def _missing_of_dispute(content: gateway.Content) -> Iterable[Missing]:
    told = gateway.dispute_of(content)
    rows = Dispute.objects.filter(gateway_id=told.id)
    if told.end:
        rows = rows.filter(outcome__isnull=False)
    if _is_ours(told.intent) and not told.is_inquiry and not rows.exists():
        yield Missing("charge.dispute.closed" if told.end else "charge.dispute.created", content, told.end or "open")


def _is_ours(intent: str) -> bool:
    """Whether a payment came through us: others may use the same account."""
    return Payment.objects.filter(gateway_id=intent).exists()


def _said(found: int) -> str:
    if not found:
        return "Nothing was missing."
    return f"{found} message{'s' if found > 1 else ''} had not come; acted on."
