"""The tables of billing: one file for each idea."""

from billing.models.charges import Charge, ChargeKind, Draw, fiscal_year_of
from billing.models.documents import (
    Allocation,
    Dispatch,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    NumberSeries,
    Payment,
    PaymentMethod,
)
from billing.models.papers import ChangeOrder, PayeePaper, Quote
from billing.models.parties import (
    AgreementCap,
    AgreementKind,
    FundingAgreement,
    FundingLine,
    Payee,
    Payer,
    PurchaseOrder,
    Source,
)

__all__ = [
    "AgreementCap",
    "AgreementKind",
    "Allocation",
    "ChangeOrder",
    "Charge",
    "ChargeKind",
    "Dispatch",
    "Draw",
    "FundingAgreement",
    "FundingLine",
    "Invoice",
    "InvoiceKind",
    "InvoiceLine",
    "NumberSeries",
    "Payee",
    "PayeePaper",
    "Payer",
    "Payment",
    "PaymentMethod",
    "PurchaseOrder",
    "Quote",
    "Source",
    "fiscal_year_of",
]
