"""What Stripe tells us: each signed message kept once as it came, and acted on once, in whatever order they come.

A message about a payment that is not here yet waits for it. The visit (CheckoutAttempt) of a payment is locked first, so
that two messages about one payment follow each other; then the invoices, then the payment.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from billing import card_refunds, checkouts, disputes, gateway, refunds, tasks
from billing.models import CheckoutAttempt, Dispute, Payment, PaymentMethod, StripeEvent

PATIENCE = timedelta(days=4)
"""How long a message waits for its payment: Stripe repeats one that did not arrive for three days."""


class CannotTake(Exception):
    """The message is not acted on; the sentence says why."""


class _Waits(Exception):
    """What the message is about is not here yet."""


# --- Kept -------------------------------------------------------------------------------------------------------------


def take(payload: bytes, signature: str, *, at: datetime) -> StripeEvent:
    """Keep a signed message, once, and have it acted on in the background.

    Raises CannotTake for a signature that is not Stripe's, and for money of another currency (which is kept to be seen).
    """
    try:
        event = gateway.verified(payload, signature)
    except gateway.NotStripe as refusal:
        raise CannotTake(str(refusal)) from refusal
    kept = keep(event, at=at)
    try:
        _look(event)
    except gateway.OtherCurrency as refusal:
        StripeEvent.objects.unanswered().filter(pk=kept.pk).update(acted_at=at, answer=str(refusal)[:300])
        raise CannotTake(str(refusal)) from refusal
    return kept


@transaction.atomic
def keep(event: gateway.Event, *, at: datetime) -> StripeEvent:
    """The row of an event: made, and acted on in the background, when it comes for the first time."""
    content = {"type": event.type, "object": dict(event.content)}
    kept, is_new = StripeEvent.objects.get_or_create(
        gateway_id=event.id,
        defaults={
            "type": event.type[:80],
            "account": event.account,
            "content": content,
            "created_at": event.created_at,
            "received_at": at,
        },
    )
    if is_new and event.type in ACTS:
        tasks.act_on_event.defer(event=kept.pk)
    elif is_new:
        kept.acted_at, kept.answer = at, "Not ours to act on."
        kept.save(update_fields=["acted_at", "answer"])
    return kept


# --- Acted on ---------------------------------------------------------------------------------------------------------


def act(key: int, *, at: datetime) -> StripeEvent:
    """Act on a kept event, unless that was done; then on those that waited for what it brought.

    Raises gateway.GatewayAway where Stripe must be asked and does not answer: the task comes again.
    """
    event = StripeEvent.objects.get(pk=key)
    if event.acted_at:
        return event
    spelled = _spelled_out(event)
    done = _acted(event, spelled, at=at)
    if done.acted_at and event.type in BRINGS:
        for waiting in _waiting():
            _acted(waiting, _spelled_out(waiting), at=at)
    return done


def act_due(*, at: datetime) -> int:
    """Act on what waits; what has waited too long for a payment is not about one of ours. Returns how many are done."""
    return sum(bool(act(event.pk, at=at).acted_at) for event in _waiting())


def _waiting() -> list[StripeEvent]:
    return list(StripeEvent.objects.unanswered().order_by("created_at", "pk"))


@transaction.atomic
def _acted(event: StripeEvent, contents: list[gateway.Content], *, at: datetime) -> StripeEvent:
    kept: StripeEvent = StripeEvent.objects.select_for_update().get(pk=event.pk)
    if kept.acted_at:
        return kept
    try:
        with transaction.atomic():
            answers = [ACTS[kept.type](content, at) for content in contents]
        kept.acted_at, kept.answer = at, " ".join(answers)[:300] or "Nothing moved."
    except gateway.OtherCurrency as refusal:
        kept.acted_at, kept.answer = at, str(refusal)[:300]
    except _Waits as wait:
        is_over = kept.received_at < at - PATIENCE
        kept.acted_at, kept.answer = (at, "About a payment that is not ours.") if is_over else (None, str(wait))
    kept.save(update_fields=["acted_at", "answer"])
    return kept


def _spelled_out(event: StripeEvent) -> list[gateway.Content]:
    """What the event is about. A charge that was refunded does not say by which refunds: Stripe is asked."""
    content: gateway.Content = event.content["object"]
    if event.type != "charge.refunded":
        return [content]
    return list(gateway.refunds_of(str(content.get("payment_intent")), account=event.account))


def _look(event: gateway.Event) -> None:
    """Whether the money of an event is in dollars. Raises OtherCurrency."""
    readers = {"checkout": gateway.session_of, "refund": gateway.refund_of, "charge": gateway.refund_of}
    if event.type in ACTS:
        reader = gateway.dispute_of if event.type.startswith("charge.dispute.") else readers[event.type.split(".")[0]]
        reader(event.content)


# --- Visits -----------------------------------------------------------------------------------------------------------


def _completed(content: gateway.Content, at: datetime) -> str:
    """A card paid at once; a bank is asked, and tells later."""
    told = gateway.session_of(content)
    attempt = _attempt_of(told)
    if attempt is None:
        return NOT_OURS
    if not told.is_paid:
        return checkouts.wait_for_bank(attempt, told)
    # A debit that is told of only now was waited for, or says so itself.
    method = PaymentMethod.ACH if told.is_debit or attempt.intent_id else PaymentMethod.CARD
    return checkouts.settle(attempt, told, method=method, at=at)


def _debit_arrived(content: gateway.Content, at: datetime) -> str:
    told = gateway.session_of(content)
    attempt = _attempt_of(told)
    return checkouts.settle(attempt, told, method=PaymentMethod.ACH, at=at) if attempt else NOT_OURS


def _debit_failed(content: gateway.Content, at: datetime) -> str:
    attempt = _attempt_of(gateway.session_of(content))
    return checkouts.lapse(attempt, why="The bank did not pay", at=at) if attempt else NOT_OURS


def _expired(content: gateway.Content, at: datetime) -> str:
    attempt = _attempt_of(gateway.session_of(content))
    return checkouts.lapse(attempt, why="Left without paying", at=at) if attempt else NOT_OURS


def _attempt_of(told: gateway.Session) -> CheckoutAttempt | None:
    """The visit, locked; none where somebody else uses the same account."""
    rows = CheckoutAttempt.objects.select_for_update(of=("self",))
    found: CheckoutAttempt | None = rows.filter(session_id=told.id).select_related("invoice", "payer", "payee").first()
    return found


def _payment_of(intent: str) -> Payment:
    """The payment, with its visit locked. Raises _Waits."""
    visits = CheckoutAttempt.objects.select_for_update(of=("self",)).filter(payment__gateway_id=intent)
    if not list(visits.values_list("pk")):
        raise _Waits(f"Waits for the payment {intent or 'it is about'}.")
    payment: Payment = Payment.objects.get(gateway_id=intent)
    return payment


# --- Refunds ----------------------------------------------------------------------------------------------------------


def _refunded(content: gateway.Content, at: datetime) -> str:
    """One of ours learns its number; one that was made at Stripe is written down; one that failed is the payer's again."""
    told = gateway.refund_of(content)
    payment = _payment_of(told.intent)
    made = card_refunds.write_down(payment, told, at=at)
    if told.failure:
        refunds.fail(made, reason=f"The refund failed: {told.failure}", at=at)
        return f"Refund {told.id} failed."
    return f"Refund {told.id} is written down."


# --- Disputes ---------------------------------------------------------------------------------------------------------


def _disputed(content: gateway.Content, at: datetime) -> str:
    """Opened, funded, closed: each message holds the whole dispute, so any of them may be the first to come."""
    told = gateway.dispute_of(content)
    if told.is_inquiry:
        return "The bank asks; no money moved."
    dispute: Dispute = disputes.open(_payment_of(told.intent), told, at=at)
    if not told.end:
        return f"Dispute {told.id} is open."
    (disputes.win if told.end == "won" else disputes.lose)(dispute, at=at)
    return f"Dispute {told.id} is {told.end}."


NOT_OURS = "Of a visit that is not ours."
BRINGS = {"checkout.session.completed", "checkout.session.async_payment_succeeded"}
ACTS: dict[str, Callable[[gateway.Content, datetime], str]] = {
    "checkout.session.completed": _completed,
    "checkout.session.async_payment_succeeded": _debit_arrived,
    "checkout.session.async_payment_failed": _debit_failed,
    "checkout.session.expired": _expired,
    "charge.refunded": _refunded,
    "charge.refund.updated": _refunded,
    "refund.created": _refunded,
    "refund.updated": _refunded,
    "refund.failed": _refunded,
    "charge.dispute.created": _disputed,
    "charge.dispute.updated": _disputed,
    "charge.dispute.funds_withdrawn": _disputed,
    "charge.dispute.funds_reinstated": _disputed,
    "charge.dispute.closed": _disputed,
}
