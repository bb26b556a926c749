"""What the style guide shows: one specimen of each part, from a world that does not exist."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.urls import reverse

SPONSORS = ["Alder Valley Unified", "Bristlecone Joint Union Elementary", "Coyote Flat Elementary"]
ORDERS = [
    {
        "institute": "LT27-01",
        "sponsor": SPONSORS[0],
        "seats": 16,
        "amount": Decimal(8400),
        "state": "Paid",
        "tone": "good",
    },
    {
        "institute": "RO27-2",
        "sponsor": SPONSORS[1],
        "seats": 6,
        "amount": Decimal(1500),
        "state": "PO due",
        "tone": "warn",
    },
    {
        "institute": "SI27-06",
        "sponsor": SPONSORS[2],
        "seats": 2,
        "amount": Decimal(-1050),
        "state": "Overdue",
        "tone": "bad",
    },
]


class SpecimenForm(forms.Form):
    """Every kind of field."""

    name = forms.CharField(label="Name on the certificate", help_text="As it should be printed.", max_length=60)
    email = forms.EmailField(
        label="Work e-mail", widget=forms.EmailInput(attrs={"autocomplete": "email"}), required=False
    )
    amount = forms.DecimalField(
        label="Amount of the purchase order", widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )
    issued_on = forms.DateField(label="Issued on", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    source = forms.ChoiceField(
        label="Money",
        choices=[
            ("", "Choose one"),
            ("title_ii", "Title II, Part A"),
            ("lcff", "LCFF supplemental"),
            ("grant", "Grant"),
        ],
    )
    pays = forms.ChoiceField(
        label="Who pays?",
        help_text="Whoever is chosen gets the invoice.",
        widget=forms.RadioSelect,
        choices=[("district", "My district"), ("grant", "A grant"), ("self", "I pay by card")],
    )
    days = forms.MultipleChoiceField(
        label="Which days?",
        widget=forms.CheckboxSelectMultiple,
        choices=[("thu", "Thursday, January 21"), ("fri", "Friday, January 22"), ("sat", "Saturday, January 23")],
        required=False,
    )
    paper = forms.FileField(label="The purchase order", help_text="PDF or a photograph, 20 MB at most.", required=False)
    note = forms.CharField(label="Anything else?", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    agrees = forms.BooleanField(label="We accept the terms of January 2027.")


def job(done: int) -> dict[str, Any]:
    """A background job that made so many of 120 certificates."""
    return {
        "id": "job",
        "label": "Making certificates",
        "done": done,
        "total": 120,
        "url": reverse("portal:styleguide_progress", args=[done]),
        "finished": done >= 120,
    }


def context(*, page: str, sort: str) -> dict[str, Any]:
    """Everything templates/portal/styleguide.html shows."""
    return {
        "new_form": SpecimenForm(prefix="new"),
        "wrong_form": SpecimenForm({"wrong-name": "Jonh", "wrong-email": "jonh@"}, prefix="wrong"),
        "orders": sorted(ORDERS, key=lambda order: str(order[sort.lstrip("-")]), reverse=sort.startswith("-"))
        if sort.lstrip("-") in ORDERS[0]
        else ORDERS,
        "sort": sort,
        "credit": Decimal(-3150),
        "total": sum(order["amount"] for order in ORDERS),
        "page_of_orders": Paginator(range(120), 25).get_page(page),
        "tabs": [
            {"label": "Open", "url": "?tab=open", "current": True, "count": 12},
            {"label": "Waitlist", "url": "?tab=waitlist", "current": False, "count": 3},
            {"label": "Closed", "url": "?tab=closed", "current": False, "count": None},
        ],
        "steps": ["Roster", "Funding", "Confirm"],
        "running": job(30),
        "ended": job(120) | {"id": "ended-job"},
        "grant": [
            {"label": "Invoiced", "text": "$31,500", "start": 0, "share": 52},
            {"label": "Promised", "text": "$19,500", "start": 52, "share": 33},
        ],
        "by_region": [
            {"label": "Region 1", "text": "84 teachers", "share": 100},
            {"label": "Region 7", "text": "42 teachers", "share": 50},
            {"label": "Region 11", "text": "9 teachers", "share": 11},
        ],
        "history": [
            {"when": "January 12", "title": "12 seats given back", "text": "9 days before: half is credited."},
            {"when": "January 4", "title": "Invoice 2027-0031 sent", "text": "$10,500, due in 30 days."},
        ],
    }
