"""Charges: what may be promised, and what it counts."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from billing import ledger
from billing.models import AgreementCap, Charge, ChargeKind, Draw, FundingAgreement, FundingLine, PurchaseOrder
from people.models import Organization
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]


def wanted(line: FundingLine, amount: str = "525.00", times: int = 1, **more: Any) -> list[ledger.Wanted]:
    """Seats at LT27-01, 21 to 23 January 2027, unless told otherwise."""
    defaults: dict[str, Any] = {
        "line": line,
        "payee": make.payee(),
        "kind": ChargeKind.SEAT,
        "words": "Seat at LT27-01",
        "amount": Decimal(amount),
        "first_day": date(2027, 1, 21),
        "last_day": date(2027, 1, 23),
    }
    return [ledger.Wanted(**defaults | more) for _ in range(times)]


def charge(line: FundingLine, *args: Any, **more: Any) -> list[Charge]:
    return ledger.charge_all(wanted(line, *args, **more), by=None, at=make.NOW)


def capped(amount: str, *, agreement_amount: str, district: Organization) -> AgreementCap:
    grant = make.agreement(name="NSF-LEAP", amount=Decimal(agreement_amount))
    return AgreementCap.objects.create(agreement=grant, organization=district, amount=Decimal(amount))


def test_a_charge_says_whose_money_for_which_days_of_which_fiscal_year(alder_valley):
    line = make.line(alder_valley)

    (made,) = charge(line)

    assert (made.line, made.payee, made.amount) == (line, make.payee(), Decimal("525.00"))
    assert (made.first_day, made.last_day, made.fiscal_year) == (date(2027, 1, 21), date(2027, 1, 23), 2027)


def test_charges_come_in_the_order_they_were_asked_for(alder_valley, bristlecone):
    lines = [make.line(alder_valley), make.line(bristlecone)] * 2

    made = ledger.charge_all([wanted(line)[0] for line in lines], by=None, at=make.NOW)

    assert [each.line for each in made] == lines


def test_charges_count_in_the_agreement_the_cap_and_the_purchase_order(alder_valley):
    cap = capped("2000.00", agreement_amount="60000.00", district=alder_valley)
    line = make.line(alder_valley, cap.agreement)
    order = PurchaseOrder.objects.create(payer=line.payer, number="4711", amount=Decimal(5250), at=make.NOW)

    charge(line, times=3, purchase_order=order)

    for row in (cap, cap.agreement, order):
        row.refresh_from_db()
    assert (cap.agreement.charged, cap.charged, order.drawn) == (Decimal(1575), Decimal(1575), Decimal(1575))
    assert list(Draw.objects.values_list("purchase_order", "amount")) == [(order.pk, Decimal("525.00"))] * 3


def test_an_agreement_is_never_overspent(alder_valley):
    grant = make.agreement(name="NSF-LEAP", amount=Decimal("75.00"))
    line = make.line(alder_valley, grant)

    with pytest.raises(ledger.AgreementShort) as refusal:
        charge(line, times=3)

    assert str(refusal.value) == "NSF-LEAP has $75.00 left; this needs $1,575.00 (3 × $525.00)."
    assert (refusal.value.agreement, refusal.value.left, refusal.value.wanted) == (grant, Decimal(75), Decimal(1575))
    assert not Charge.objects.exists()


def test_a_short_agreement_says_how_many_it_could_pay(alder_valley):
    """Scenario 14: $9,000 left, 20 seats at $525."""
    line = make.line(alder_valley, make.agreement(name="NSF-LEAP", amount=Decimal(9000)))

    with pytest.raises(ledger.AgreementShort, match=r"NSF-LEAP has \$9,000.00 left") as refusal:
        charge(line, times=20)

    assert refusal.value.affordable == 17


def test_what_is_affordable_may_be_all_but_the_dearest(alder_valley):
    line = make.line(alder_valley, make.agreement(name="Grant", amount=Decimal(100)))
    asked = wanted(line, "60.00") + wanted(line, "50.00")

    with pytest.raises(ledger.AgreementShort, match=r"Grant has \$100.00 left; this needs \$110.00\.") as refusal:
        ledger.charge_all(asked, by=None, at=make.NOW)

    assert refusal.value.affordable == 1


def test_an_agreement_without_a_limit_pays_on(alder_valley):
    line = make.line(alder_valley, make.agreement(alder_valley))

    charge(line, "250000.00")

    assert FundingAgreement.objects.get().charged == Decimal(250000)


def test_a_districts_share_of_a_grant_is_never_overspent(alder_valley):
    cap = capped("600.00", agreement_amount="60000.00", district=alder_valley)

    with pytest.raises(ledger.CapShort) as refusal:
        charge(make.line(alder_valley, cap.agreement), times=2)

    assert str(refusal.value) == (
        "Alder Valley Unified's share of NSF-LEAP has $600.00 left; this needs $1,050.00 (2 × $525.00)."
    )
    assert (refusal.value.agreement, refusal.value.organization) == (cap.agreement, alder_valley)


def test_a_grant_that_names_districts_serves_no_other(alder_valley, bristlecone):
    cap = capped("600.00", agreement_amount="60000.00", district=alder_valley)

    with pytest.raises(ledger.CannotCharge, match="NSF-LEAP does not serve Bristlecone Joint Union Elementary"):
        charge(make.line(bristlecone, cap.agreement))


def test_a_share_without_dollars_of_its_own_is_limited_by_the_grant_only(alder_valley):
    grant = make.agreement(amount=Decimal(60000))
    cap = AgreementCap.objects.create(agreement=grant, organization=alder_valley)

    charge(make.line(alder_valley, grant), times=2)

    cap.refresh_from_db()
    assert cap.charged == Decimal(1050)


def test_a_district_cannot_spend_the_agreement_of_another(alder_valley, bristlecone):
    contract = make.agreement(alder_valley, name="AV contract")
    line = make.line(bristlecone)
    line.agreement = contract

    with pytest.raises(ledger.CannotCharge, match="AV contract is an agreement with Alder Valley Unified"):
        charge(line)


def test_an_agreement_pays_for_no_day_after_it_ends(alder_valley):
    line = make.line(alder_valley, make.agreement(name="NSF-LEAP"))

    with pytest.raises(ledger.CannotCharge) as refusal:
        charge(line, first_day=date(2027, 7, 1), last_day=date(2027, 7, 2))

    assert str(refusal.value) == "NSF-LEAP ends on June 30, 2027; July 1–2, 2027 would be outside."


def test_an_agreement_pays_for_no_day_before_it_starts(alder_valley):
    line = make.line(alder_valley, make.agreement(name="NSF-LEAP", starts_on=date(2027, 1, 22)))

    with pytest.raises(ledger.CannotCharge) as refusal:
        charge(line)

    assert str(refusal.value) == "NSF-LEAP starts on January 22, 2027; January 21, 2027 would be outside."


def test_a_purchase_order_is_never_overdrawn(alder_valley):
    order = make.purchase_order(alder_valley, "1000.00", number="4711")

    with pytest.raises(ledger.PurchaseOrderShort) as refusal:
        charge(make.line(alder_valley), times=2, purchase_order=order)

    assert str(refusal.value) == "Purchase order 4711 has $1,000.00 left; this needs $1,050.00 (2 × $525.00)."
    assert refusal.value.purchase_order == order


def test_a_purchase_order_pays_for_no_day_after_it_expires(alder_valley):
    """Scenario 20: PO A expires on 30 June; PO B is required before day 4."""
    order = make.purchase_order(alder_valley, number="A")

    with pytest.raises(ledger.CannotCharge) as refusal:
        charge(make.line(alder_valley), first_day=date(2027, 7, 1), last_day=date(2027, 7, 2), purchase_order=order)

    assert str(refusal.value) == (
        "Purchase order A expires on June 30, 2027; a later one is required for July 1–2, 2027."
    )


def test_a_purchase_order_without_a_last_day_covers_all(alder_valley):
    order = make.purchase_order(alder_valley, expires_on=None)

    charge(make.line(alder_valley), purchase_order=order)

    order.refresh_from_db()
    assert order.left == Decimal(4725)


def test_a_purchase_order_of_another_district_is_refused(alder_valley, bristlecone):
    order = make.purchase_order(bristlecone, number="4711")

    with pytest.raises(ledger.CannotCharge, match="Purchase order 4711 is not one of Alder Valley Unified"):
        charge(make.line(alder_valley), purchase_order=order)


def test_nothing_draws_nothing(alder_valley):
    charge(make.line(alder_valley), "0.00", purchase_order=make.purchase_order(alder_valley))

    assert not Draw.objects.exists()


@pytest.mark.parametrize("amount", ["-1.00", "0.001"])
def test_a_charge_is_dollars_and_whole_cents(alder_valley, amount):
    with pytest.raises(ledger.CannotCharge, match="write dollars and whole cents"):
        charge(make.line(alder_valley), amount)


def test_a_charge_lies_inside_one_fiscal_year(alder_valley):
    with pytest.raises(ledger.CannotCharge, match="split it on July 1"):
        charge(make.line(alder_valley), first_day=date(2027, 6, 28), last_day=date(2027, 7, 2))


def test_a_charge_does_not_end_before_it_starts(alder_valley):
    with pytest.raises(ledger.CannotCharge, match="last day of service is before the first"):
        charge(make.line(alder_valley), first_day=date(2027, 1, 23), last_day=date(2027, 1, 21))


def test_the_provider_is_paid_unless_there_is_a_fiscal_agent():
    juniper = make.organization("Juniper COE")

    assert ledger.payee_for(make.payee(juniper).organization) == make.payee(juniper)
    assert make.payee() == ledger.payee_for(None)


def test_who_has_no_remit_to_address_cannot_be_paid():
    with pytest.raises(ledger.CannotCharge, match="Sierra Science Collaborative cannot be paid yet"):
        ledger.payee_for(None)


def test_a_charge_without_agreement_goes_beside_one_with_a_share(alder_valley, bristlecone):
    cap = capped("600.00", agreement_amount="60000.00", district=alder_valley)
    AgreementCap.objects.create(agreement=cap.agreement, organization=bristlecone)
    asked = [wanted(make.line(alder_valley, cap.agreement))[0], wanted(make.line(bristlecone))[0]]

    assert len(ledger.charge_all(asked, by=None, at=make.NOW)) == 2
