"""Paying for oneself: a seat held for half an hour while its person pays by card, and what comes of the money.

The seat is taken and charged at once, as every seat is. It is invoiced, and the invoice paid, when the money has come,
never before; a seat whose money does not come goes back free of charge. Money that comes after that seats her if a
place is free, and goes back to her card if none is.
"""

from datetime import datetime, timedelta

from django.core import signing
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.timezone import localtime

from billing import card_refunds, checkouts, gateway, invoicing, ledger, payments, refunds
from billing import tasks as billing_tasks
from billing.models import CheckoutAttempt, FundingLine, Invoice, Payer, Payment, Source
from billing.wording import dollars
from events.models import Institute
from office import post
from people.models import EmailAddress, Person
from registrations import billable, enrollment, funding, later, seating
from registrations.models import Allotment, AllotmentFunding, Order, Registration, Seat
from registrations.refusals import CannotRegister

HOLD = timedelta(minutes=30)
GRACE = timedelta(minutes=1)
"""Stripe's page lasts 30 minutes at least, so the seat is held a minute longer than it takes to open the page."""
VALID_FOR = timedelta(days=365)
_SALT = "registrations.self_paying"


class LinkRefused(CannotRegister):
    """The link is not ours, was altered, or is too old."""


# --- The link ---------------------------------------------------------------------------------------------------------


def token_of(order: Order) -> str:
    """The signed part of the address of one's own order."""
    return signing.dumps(order.pk, salt=_SALT)


def read(token: str) -> Order:
    """The order behind an address. Raises LinkRefused."""
    try:
        key = signing.loads(token, salt=_SALT, max_age=VALID_FOR)
    except signing.BadSignature:
        raise LinkRefused("This address is not complete. Copy all of it, or begin again.") from None
    order: Order = Order.objects.select_related("payer_person").get(pk=key)
    return order


# --- Holding ----------------------------------------------------------------------------------------------------------


def why_not(institute: Institute, *, at: datetime) -> str:
    """Why nobody can pay for herself here now; empty where one can."""
    if off := gateway.why_off():
        return off
    if checkouts.account_of(ledger.payee_for(institute.fiscal_agent)) is None:
        return f"{institute.code} takes no cards."
    if institute.team_rule_id:
        return f"{institute.code} is for teams: ask your district to register one."
    if not institute.price:
        return f"{institute.code} costs nothing: ask us for a place."
    return enrollment.why_closed(institute, at)


@transaction.atomic
def hold(institute: Institute, *, given_name: str, family_name: str, email: str, key: str, at: datetime) -> Order:
    """Take and charge a seat for someone who pays for it herself; under a key that was used, the order of that time.

    She is somebody new, as nothing about her was proved: staff are told where she looks like someone we know.
    Raises CannotRegister.
    """
    known: Order | None = Order.objects.filter(key=key).first()
    if known:
        return known
    if reason := why_not(institute, at=at):
        raise CannotRegister(reason)
    person = _person(given_name, family_name, email, at=at)
    order = Order.objects.create(payer_person=person, terms=institute.terms, key=key, at=at)
    allotment = Allotment.objects.create(order=order, institute=institute, seats_wanted=1, price=institute.price)
    line = FundingLine.objects.create(payer=_payer(person, email), source=Source.PRIVATE, made_at=at)
    share = funding.Share(line, institute.starts_on, institute.ends_on)
    AllotmentFunding.objects.bulk_create(funding.parts([share], institute, allotment))
    [registration] = enrollment.register([person], allotment=allotment, by=None, at=at)
    Seat.objects.filter(pk=registration.seat_id).update(held_until=at + HOLD + GRACE)
    return order


def pay(order: Order, *, at: datetime) -> CheckoutAttempt:
    """The page on which she pays; asked twice it is the same page. Not in a transaction.

    Raises CannotRegister where nothing is held any more, gateway.GatewayRefused and gateway.GatewayAway.
    """
    attempt = _attempt(order, at=at)
    person = order.payer_person
    assert person  # noqa: S101 - whoever pays for herself
    where = reverse("registrations:own_place", args=[token_of(order)])
    institute = order.allotments.select_related("institute").get().institute
    return checkouts.open_page(
        attempt, words=seating.words_for(institute), email=_address(person), success=where, back=where
    )


@transaction.atomic
def _attempt(order: Order, *, at: datetime) -> CheckoutAttempt:
    seat = _locked(order)
    waiting: CheckoutAttempt | None = (
        CheckoutAttempt.objects.open().filter(order_key=_key(order)).order_by("-pk").first()
    )
    if waiting:
        return waiting
    if seat.released_at or seat.held_until is None or seat.held_until <= at:
        raise CannotRegister("Your seat is not held any more. Begin again, if there is still a place.")
    allotment = seat.allotment
    line = allotment.fundings.select_related("line__payer").earliest("pk").line
    payee = ledger.payee_for(seat.institute.fiscal_agent)
    # Stripe's shortest visit is half an hour; money that comes after the hold is answered by `settle`.
    until = max(seat.held_until, at + HOLD + GRACE)
    return checkouts.begin(
        payer=line.payer, payee=payee, amount=allotment.price, expires_at=until, order_key=_key(order), at=at
    )


# --- What came of it --------------------------------------------------------------------------------------------------


def sweep(*, at: datetime) -> None:
    """Answer what came in, and give back what was held too long."""
    for payment in unanswered():
        settle(payment, at=at)
    for order in Order.objects.filter(pk__in=_lapsed(at).values("allotment__order")).order_by("pk"):
        lapse(order, at=at)


def unanswered() -> list[Payment]:
    """Card payments of orders whose dollars are on no invoice and did not go back."""
    own = Payment.objects.with_rest().filter(checkout__order_key__startswith="order-", refunds=None, rest__gt=0)
    return list(own.filter(disputes=None).select_related("checkout").order_by("pk"))


@transaction.atomic
def settle(payment: Payment, *, at: datetime) -> Invoice | None:
    """Confirm the seat that a payment is for, issue its invoice and pay it; or send the money back. Acts once.

    Returns the last invoice, none where the money goes back.
    """
    order = Order.objects.select_related("payer_person").get(pk=int(payment.checkout.order_key.partition("-")[2]))
    person = order.payer_person
    assert person  # noqa: S101 - whoever pays for herself
    seating.lock_people([person])
    seat = _locked(order)
    fresh = Payment.objects.with_rest().get(pk=payment.pk)
    if fresh.rest <= 0:
        return None
    if seat.released_at and not _seated_again(seat, person, at=at):
        _send_back(fresh, order, at=at)
        return None
    Seat.objects.filter(allotment=seat.allotment_id, released_at=None).update(held_until=None)
    later.confirm(order)
    return _invoiced(order, fresh, at=at)


@transaction.atomic
def lapse(order: Order, *, at: datetime) -> bool:
    """Give a held seat back, free of charge, unless its money came or a bank was asked for it. Whether it did."""
    seat = _locked(order)
    visits = CheckoutAttempt.objects.filter(order_key=_key(order))
    comes = visits.filter(payment__isnull=False).exists() or visits.open().exclude(intent_id="").exists()
    if comes or seat.released_at or seat.held_until is None or seat.held_until > at:
        return False
    seating.give_back([seat], seat.institute, words="Not paid in time", by=None, at=at)
    return True


def let_go(order: Order, *, at: datetime) -> bool:
    """She gives the held seat back herself, before anything was paid."""
    Seat.objects.filter(allotment__order=order, released_at=None, held_until__gt=at).update(held_until=at)
    return lapse(order, at=at)


def _lapsed(at: datetime) -> QuerySet[Seat]:
    found: QuerySet[Seat] = Seat.objects.held().filter(held_until__lte=at, allotment__order__payer_person__isnull=False)
    return found


def _seated_again(seat: Seat, person: Person, *, at: datetime) -> bool:
    """Whether there was still a place for money that came late."""
    try:
        with transaction.atomic():
            enrollment.register([person], allotment=seat.allotment, by=None, at=at)
    except CannotRegister:
        return False
    return True


def _invoiced(order: Order, payment: Payment, *, at: datetime) -> Invoice:
    """The order's invoices, one for each fiscal year of its days: issued, paid by this payment, and sent."""
    institute = order.allotments.select_related("institute").get().institute
    owed = billable.charges_of(institute).filter(seat_charge__seat__allotment__order=order, invoice_line=None)
    drafts = invoicing.draft_all(
        billable.lines_for(owed),
        about=seating.words_for(institute),
        subject_key=billable.subject_key(institute),
        by=None,
        at=at,
    )
    issued = [invoicing.issue(draft, by=None, at=at) for draft in drafts]
    shares = [payments.Share(invoice, invoicing.total_of(invoice)) for invoice in issued]
    payments.allocate(payment, shares, by=None, at=at)
    billing_tasks.send.defer(invoices=[invoice.pk for invoice in issued], by=None, key="first")
    return issued[-1]


def _send_back(payment: Payment, order: Order, *, at: datetime) -> None:
    institute = order.allotments.select_related("institute").get().institute
    reason = f"No place was left at {institute.code} when the money came"
    try:
        card_refunds.refund(payment, payment.rest, reason=reason, by=None, at=at)
    except refunds.CannotRefund:
        return  # it stays unanswered, and is tried again
    person = order.payer_person
    assert person  # noqa: S101 - whoever pays for herself
    text = (
        f"Your payment of {dollars(payment.rest)} came after your seat at {institute} had gone back, and no other seat "
        "is free. All of it goes back to the card it came from; your bank shows it within ten days."
    )
    post.send(
        post.Letter(
            to=_address(person),
            subject=f"Your payment for {institute.code} goes back",
            template="mail/notice",
            context={"text": text},
            person=person,
            about=f"order {order.pk}",
            key=f"order-{order.pk}-sent-back-{payment.pk}",
        ),
        at=at,
    )


# --- Rows -------------------------------------------------------------------------------------------------------------


def standing(order: Order, *, at: datetime) -> dict[str, object]:
    """What her page says: the seat as it stands now, until when it is held, what was paid or went back."""
    registration = Registration.objects.filter(seat__allotment__order=order).select_related("seat").latest("pk")
    seat = registration.seat
    attempt = CheckoutAttempt.objects.filter(order_key=_key(order)).select_related("payment").order_by("-pk").first()
    payment = attempt.payment if attempt else None
    is_held = seat.released_at is None and seat.held_until is not None
    return {
        "institute": order.allotments.select_related("institute__venue").get().institute,
        "price": order.allotments.get().price,
        "is_confirmed": seat.released_at is None and seat.held_until is None,
        "is_held": is_held and seat.held_until > at,
        "held_until": localtime(seat.held_until, seat.institute.tz) if is_held and seat.held_until else None,
        "is_sent_back": bool(payment and payment.refunds.exists()),
        "is_waited_for": bool(attempt and not attempt.ended_at and (attempt.intent_id or payment)) or bool(payment),
        "email": _address(registration.person),
    }


def _locked(order: Order) -> Seat:
    """The latest seat of an order, under its institute's lock."""
    allotment = order.allotments.get()
    institute = seating.lock_institute(allotment.institute_id)
    seat: Seat = allotment.seats.select_related("allotment").latest("pk")
    seat.institute = institute
    return seat


def _key(order: Order) -> str:
    return f"order-{order.pk}"


def _person(given_name: str, family_name: str, email: str, *, at: datetime) -> Person:
    person = Person.named(given_name, family_name, created_at=at)
    person.save()
    EmailAddress.objects.create(person=person, address=email.lower(), is_preferred=True)
    return person


def _payer(person: Person, email: str) -> Payer:
    payer: Payer = Payer.objects.create(person=person, ap_email=email.lower(), terms_days=0)
    return payer


def _address(person: Person) -> str:
    return person.addresses.get(is_preferred=True).address
