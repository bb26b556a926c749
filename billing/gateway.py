"""Stripe: the only module that speaks to it, and the only one in which a dollar is a hundred cents.

Each call carries an idempotency key made from our row, so that a call that is made again (by us after a time-out, or
by a task that runs twice) acts once. Nothing here is called in a transaction.
"""

import io
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import stripe
from django.conf import settings

CURRENCY = "usd"
METHODS = ("card", "us_bank_account")
PAUSES: tuple[float, ...] = (0.3, 1, 2)
"""Seconds before the second, third and fourth try."""
TOLERANCE = 300
"""Seconds that a signature is good for."""
_CENT = Decimal("0.01")

Content = Mapping[str, Any]


class GatewayRefused(Exception):
    """Stripe does not do it, and would not the next time; the sentence says why."""


class GatewayAway(Exception):
    """Stripe did not answer, or had too much to do: what was asked may be asked again with the same key."""


class NotStripe(Exception):
    """The signature is not Stripe's, or the message is no event."""


class OtherCurrency(Exception):
    """Money of another country: our books are in dollars."""


# --- On and off -------------------------------------------------------------------------------------------------------


def why_off() -> str:
    """Why cards cannot be taken; empty where they can."""
    missing = [name for name in ("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRETS") if not getattr(settings, name)]
    return f"Cards and bank debits are off: set {' and '.join(missing)}." if missing else ""


# --- What Stripe tells, in our words ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Event:
    """A signed message: `content` is the thing it is about, as it was then."""

    id: str
    type: str
    account: str
    created_at: datetime
    content: Content


@dataclass(frozen=True)
class Session:
    """A visit to Stripe's page; `is_paid` when the money is certain."""

    id: str
    intent: str
    url: str
    amount: Decimal
    is_paid: bool
    is_expired: bool
    is_debit: bool


@dataclass(frozen=True)
class SentBack:
    """A refund; `ours` is the key of our row where we asked for it."""

    id: str
    intent: str
    amount: Decimal
    ours: int | None
    failure: str


@dataclass(frozen=True)
class Contest:
    """A dispute. An inquiry is a question of the bank's that moves no money."""

    id: str
    intent: str
    amount: Decimal
    fee: Decimal
    reason: str
    due_at: datetime | None
    is_inquiry: bool
    end: str


def verified(payload: bytes, signature: str) -> Event:
    """The event that a signed message tells of. Raises NotStripe."""
    for secret in settings.STRIPE_WEBHOOK_SECRETS:
        try:
            stripe.WebhookSignature.verify_header(payload, signature, secret, TOLERANCE)
        except (stripe.SignatureVerificationError, UnicodeDecodeError):
            continue
        return event_of(json.loads(payload))
    raise NotStripe("The signature of this message is not Stripe's.")


def event_of(told: Content) -> Event:
    """An event as Stripe writes it. Raises NotStripe."""
    try:
        return Event(
            id=str(told["id"]),
            type=str(told["type"]),
            account=str(told.get("account") or ""),
            created_at=_moment(told["created"]),
            content=told["data"]["object"],
        )
    except (KeyError, TypeError) as missing:
        raise NotStripe("This message is no event.") from missing


def session_of(content: Content) -> Session:
    """Raises OtherCurrency."""
    intent = content.get("payment_intent")
    details = intent if isinstance(intent, Mapping) else {}
    charge = details.get("latest_charge")
    kind = (charge.get("payment_method_details") or {}).get("type") if isinstance(charge, Mapping) else ""
    return Session(
        id=content["id"],
        intent=str(details.get("id", "") if details else intent or ""),
        url=str(content.get("url") or ""),
        amount=_dollars(content, "amount_total"),
        is_paid=content.get("payment_status") == "paid",
        is_expired=content.get("status") == "expired",
        is_debit=kind == "us_bank_account",
    )


def refund_of(content: Content) -> SentBack:
    """Raises OtherCurrency."""
    ours = str((content.get("metadata") or {}).get("refund", ""))
    failed = content.get("status") in {"failed", "canceled"}
    return SentBack(
        id=content["id"],
        intent=str(content.get("payment_intent") or ""),
        amount=_dollars(content, "amount"),
        ours=int(ours) if ours.isdecimal() else None,
        failure=str(content.get("failure_reason") or content["status"]).replace("_", " ") if failed else "",
    )


def dispute_of(content: Content) -> Contest:
    """Raises OtherCurrency."""
    status = str(content.get("status", ""))
    due = (content.get("evidence_details") or {}).get("due_by")
    return Contest(
        id=content["id"],
        intent=str(content.get("payment_intent") or ""),
        amount=_dollars(content, "amount"),
        fee=sum((_in_dollars(move["fee"]) for move in content.get("balance_transactions") or []), Decimal(0)),
        reason=str(content.get("reason", "")).replace("_", " "),
        due_at=_moment(due) if due else None,
        is_inquiry=status.startswith("warning_"),
        end=status if status in {"won", "lost"} else "",
    )


# --- What we ask of Stripe --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Visit:
    """What Stripe's page is to show, and where it sends the visitor afterwards. No name of a participant goes there."""

    words: str
    amount: Decimal
    about: str
    email: str
    success_url: str
    cancel_url: str
    expires_at: datetime


def open_session(visit: Visit, *, account: str, key: str) -> Session:
    """A page of Stripe's on which one amount is paid, by card or from a bank account."""
    price = {"currency": CURRENCY, "unit_amount": _cents(visit.amount), "product_data": {"name": visit.words[:250]}}
    metadata = {"about": visit.about, "site": settings.SITE_URL}
    params: dict[str, Any] = {
        "mode": "payment",
        "line_items": [{"price_data": price, "quantity": 1}],
        "payment_method_types": list(METHODS),
        "client_reference_id": visit.about,
        "metadata": metadata,
        "payment_intent_data": {"description": visit.words[:250], "metadata": metadata},
        "success_url": visit.success_url,
        "cancel_url": visit.cancel_url,
        "expires_at": int(visit.expires_at.timestamp()),
    }
    if visit.email:
        params["customer_email"] = visit.email
    made = _ask(lambda to: to.v1.checkout.sessions.create(params, _options(account, key)))  # type: ignore[arg-type]
    return session_of(made)


def close_session(session: str, *, account: str) -> None:
    """Have a page of Stripe's take no more money. Raises GatewayRefused where it was paid meanwhile."""
    _ask(lambda to: to.v1.checkout.sessions.expire(session, options=_options(account)))


def refund(intent: str, amount: Decimal, *, ours: int, account: str, key: str) -> SentBack:
    """Send dollars of a payment back by the road they came; `ours` is the key of our refund."""
    metadata = {"refund": str(ours), "site": settings.SITE_URL}
    asked: Any = {"payment_intent": intent, "amount": _cents(amount), "metadata": metadata}
    return refund_of(_ask(lambda to: to.v1.refunds.create(asked, _options(account, key))))


def submit_evidence(dispute: str, *, words: str, file: bytes | None, account: str, key: str) -> None:
    """Give the card holder's bank what we know, for good: the bank looks at it once."""
    evidence = {"uncategorized_text": words[:20_000]}
    if file:
        named = io.BytesIO(file)
        named.name = "evidence.pdf"
        upload: Any = {"purpose": "dispute_evidence", "file": named}
        kept = _ask(lambda to: to.v1.files.create(upload, _options(account, f"{key}-file")))
        evidence["service_documentation"] = kept["id"]
    asked: Any = {"evidence": evidence, "submit": True}
    _ask(lambda to: to.v1.disputes.update(dispute, asked, _options(account, key)))


# --- What Stripe has --------------------------------------------------------------------------------------------------


def sessions_since(moment: datetime, *, account: str) -> Iterator[Content]:
    """The visits made since, each with how it was paid."""
    asked = {"expand": ["data.payment_intent.latest_charge"]}
    return _listed(lambda to, page: to.v1.checkout.sessions.list(page, _options(account)), moment, asked)


def refunds_since(moment: datetime, *, account: str) -> Iterator[Content]:
    return _listed(lambda to, page: to.v1.refunds.list(page, _options(account)), moment)


def refunds_of(intent: str, *, account: str) -> Iterator[Content]:
    asked = {"payment_intent": intent}
    return _listed(lambda to, page: to.v1.refunds.list(page, _options(account)), None, asked)


def disputes_since(moment: datetime, *, account: str) -> Iterator[Content]:
    return _listed(lambda to, page: to.v1.disputes.list(page, _options(account)), moment)


def dispute(key: str, *, account: str) -> Content:
    """A dispute as it stands."""
    return _ask(lambda to: to.v1.disputes.retrieve(key, options=_options(account)))


# --- How -------------------------------------------------------------------------------------------------------------


def _client() -> stripe.StripeClient:
    base = settings.STRIPE_API_BASE
    return stripe.StripeClient(
        settings.STRIPE_SECRET_KEY,
        base_addresses={"api": base, "files": base} if base else None,
        max_network_retries=0,  # _ask tries again, after 429 too
        http_client=stripe.RequestsClient(timeout=settings.STRIPE_TIMEOUT),
    )


def _ask(call: Callable[[stripe.StripeClient], Any]) -> Content:
    """What Stripe answers. Raises GatewayRefused and GatewayAway."""
    if off := why_off():
        raise GatewayRefused(off)
    client = _client()
    for pause in (*PAUSES, None):
        try:
            return dict(call(client).to_dict())
        except (stripe.APIConnectionError, stripe.RateLimitError, stripe.APIError) as away:
            if pause is None:
                raise GatewayAway("Stripe does not answer. Nothing was paid; try again in a minute.") from away
            time.sleep(pause)
        except stripe.StripeError as refusal:
            raise GatewayRefused(f"Stripe refused: {refusal.user_message or refusal}") from refusal
    raise AssertionError


def _listed(
    call: Callable[[stripe.StripeClient, Any], Any], since: datetime | None, asked: Mapping[str, Any] | None = None
) -> Iterator[Content]:
    """All pages of a list, each asked for when the one before is used up."""
    page: dict[str, Any] = {"limit": 100, **(asked or {})}
    if since:
        page["created"] = {"gte": int(since.timestamp())}
    while True:
        answer = _ask(partial(_paged, call, page))
        rows: Sequence[Content] = answer["data"]
        yield from rows
        if not answer["has_more"] or not rows:
            return
        page = page | {"starting_after": rows[-1]["id"]}


def _paged(call: Callable[[stripe.StripeClient, Any], Any], page: Any, to: stripe.StripeClient) -> Any:
    return call(to, page)


def _options(account: str, key: str = "") -> Any:
    options = {"stripe_account": account} if account else {}
    return options | ({"idempotency_key": key} if key else {})


def _cents(amount: Decimal) -> int:
    cents = amount * 100
    if cents != int(cents):
        raise GatewayRefused(f"${amount} has a fraction of a cent.")
    return int(cents)


def _in_dollars(cents: int) -> Decimal:
    return (Decimal(cents) / 100).quantize(_CENT)


def _dollars(content: Content, name: str) -> Decimal:
    currency = str(content.get("currency") or CURRENCY)
    if currency != CURRENCY:
        raise OtherCurrency(f"This is about money in {currency.upper()}; only US dollars are taken here.")
    return _in_dollars(content.get(name) or 0)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
