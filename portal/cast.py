"""The five people of the demo: who they are, and what one can see as each of them."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Part(NamedTuple):
    email: str
    who: str
    can: str | Promise


CAST = [
    Part(
        "omar@ssc.example.test",
        "Omar Haddad",
        _("On the provider's staff: schedules institutes, runs the desk, invoices, issues certificates."),
    ),
    Part(
        "dolores@avusd.example.test",
        "Dolores Quintero",
        _("Coordinator of Alder Valley Unified: registers teachers from a roster and sees which money pays."),
    ),
    Part(
        "bea@avusd.example.test",
        "Bea Lindqvist",
        _("Business office of Alder Valley Unified: sees agreements, purchase orders and invoices."),
    ),
    Part(
        "hal@bristlecone.example.test",
        "Hal Nakamura",
        _("Coordinator of Bristlecone: sees his own district, and nothing of Alder Valley."),
    ),
    Part(
        "ana.torres@avusd.example.test",
        "Ana Torres",
        _("A teacher: her agenda, her hours and why, her certificates."),
    ),
]
