"""Who pays in the demo: a grant near its end, contracts, LCFF money and purchase orders."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from billing.models import (
    AgreementCap,
    AgreementKind,
    FundingAgreement,
    FundingLine,
    Payer,
    PurchaseOrder,
    Source,
    fiscal_year_of,
)
from portal.demo.places import Ground


@dataclass(frozen=True)
class Paying:
    """A district's lines by a short name, and the purchase orders behind them."""

    lines: dict[str, FundingLine]
    orders: dict[str, PurchaseOrder]


def build(ground: Ground, *, today: date, at: datetime) -> Paying:
    early = date(fiscal_year_of(today) - 3, 7, 1)
    late = date(fiscal_year_of(today) + 1, 6, 30)
    payers = {payer.organization_id: payer for payer in Payer.objects.select_related("organization")}
    of = {short: payers[lea.pk] for short, lea in ground.leas.items()}
    home = Payer.objects.create(organization=ground.provider.organization)
    grant = FundingAgreement.objects.create(
        kind=AgreementKind.GRANT,
        name="NSF-LEAP",
        funder="National Science Foundation",
        award_no="DRL-2400117",
        amount=Decimal(9000),
        starts_on=early,
        ends_on=date(fiscal_year_of(today + timedelta(days=330)), 6, 30),
        records_until=late + timedelta(days=3 * 365),
    )
    for short, cap in [("avusd", 6000), ("bristlecone", 9000), ("coyote", 3000)]:
        AgreementCap.objects.create(agreement=grant, organization=ground.leas[short], amount=Decimal(cap))
    lcff = _agreement("Alder Valley LCFF", AgreementKind.LCFF, of["avusd"], "40000", early, late)
    contract = _agreement("Delta Vista contract", AgreementKind.FEE_FOR_SERVICE, of["delta"], "60000", early, late)
    by = {"made_by": ground.dolores, "made_at": at - timedelta(days=700)}
    lines = {
        "avusd title": FundingLine(payer=of["avusd"], organization=ground.leas["avusd"], source=Source.TITLE_II,
                                   account_string="01-4035-0-1110-2140-5200", **by),
        "avusd lcff": FundingLine(payer=of["avusd"], organization=ground.leas["avusd"], agreement=lcff,
                                  source=Source.LCFF_SUPPLEMENTAL, account_string="01-0930-0-1110-2140-5200",
                                  lcap_year=f"{today.year}-{(today.year + 1) % 100:02}", lcap_goal="2",
                                  lcap_action="2.3", is_contributing=True, attested_by="Bea Lindqvist",
                                  attested_at=at - timedelta(days=90), **by),
        "delta": FundingLine(payer=of["delta"], organization=ground.leas["delta"], agreement=contract,
                             source=Source.CONTRACT, account_string="01-4035-0-1110-2140-5800", **by),
        "lodestar": FundingLine(payer=of["lodestar"], organization=ground.leas["lodestar"], source=Source.LOCAL, **by),
        "coyote": FundingLine(payer=of["coyote"], organization=ground.leas["coyote"], source=Source.TITLE_II, **by),
        "juniper": FundingLine(payer=of["juniper"], organization=ground.leas["juniper"], source=Source.LOCAL, **by),
        "bristlecone": FundingLine(payer=of["bristlecone"], organization=ground.leas["bristlecone"],
                                   source=Source.LCFF_BASE, account_string="01-0000-0-1110-2140-5200", **by),
    }  # fmt: skip
    for short in ("avusd", "bristlecone", "coyote"):
        lines[f"{short} grant"] = FundingLine(
            payer=home, organization=ground.leas[short], agreement=grant, source=Source.GRANT, **by
        )
    FundingLine.objects.bulk_create(lines.values())
    orders = {
        "avusd title": _purchase_order(of["avusd"], "AV-260411", "15000", late, at),
        "delta": _purchase_order(of["delta"], "P0077120", "26000", late, at),
        "bristlecone": _purchase_order(of["bristlecone"], "BR-1188", "6000", late, at),
    }
    return Paying(lines, orders)


def _agreement(name: str, kind: AgreementKind, payer: Payer, amount: str, early: date, late: date) -> FundingAgreement:
    return FundingAgreement.objects.create(
        kind=kind, name=name, payer=payer, amount=Decimal(amount), starts_on=early, ends_on=late
    )


def _purchase_order(payer: Payer, number: str, amount: str, expires_on: date, at: datetime) -> PurchaseOrder:
    return PurchaseOrder.objects.create(
        payer=payer,
        number=number,
        amount=Decimal(amount),
        issued_on=(at - timedelta(days=600)).date(),
        expires_on=expires_on,
        at=at,
    )
