"""What a certificate shows, on paper and on a page: its snapshot in words."""

import re
import unicodedata
from datetime import date
from typing import Any

import segno
from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format

from certificates.models import Certificate
from events import printed
from office import paper

TEMPLATE = "paper/certificate.html"
RENDERER = "weasyprint 1"
"""Goes up when the template changes so much that the PDF of an old certificate would look another."""

DAYS_IN_A_TABLE = 7
"""More days are a list of words: a table beside other things is not carried on to a second page, words are."""

SIZES = [(24, "l"), (34, "m"), (46, "s")]
"""How many letters of a name fit in which size; above, the smallest, on two lines."""


def verify_url(certificate: Certificate) -> str:
    """Where anyone who holds the paper can check it."""
    return f"{settings.SITE_URL.rstrip('/')}{reverse('certificates:verify_code', args=[certificate.code])}"


def title_of(certificate: Certificate) -> str:
    return f"{certificate.snapshot['heading']}: {certificate.name}"


def file_name(certificate: Certificate) -> str:
    """A name that every file system takes, such as “Muñoz-O'Neill María José LT27-01.pdf”."""
    words = f"{certificate.name} {certificate.snapshot['code']}"
    safe = "".join(sign if unicodedata.category(sign)[0] in "LMN" or sign in " .-'’" else " " for sign in words)
    version = f" v{certificate.version}" if certificate.version > 1 else ""
    return " ".join(safe.split()).strip(". ")[:150] + version + ".pdf"


def context_of(certificate: Certificate) -> dict[str, Any]:
    """Plain data for the template on paper; the page shows the same."""
    says = certificate.snapshot
    url = verify_url(certificate)
    earned, offered = certificate.minutes, certificate.minutes_offered
    return {
        **{name: says[name] for name in _AS_THEY_ARE},
        "institute_title": says["title"],
        "title_is_long": _width(says["title"]) > 60,
        "kicker": " · ".join([says["provider"]["name"], *says["co_sponsors"]]),
        "name_size": next((size for most, size in SIZES if _width(says["name"]) <= most), "xs"),
        "home": ", ".join(part for part in [says["school"], says["district"]] if part),
        "dates": printed.days(date.fromisoformat(says["first_day"]), date.fromisoformat(says["last_day"])),
        "hours": printed.hours(earned),
        "hours_offered": printed.hours(offered),
        "is_whole": earned >= offered,
        "days": [
            {
                "day": date_format(date.fromisoformat(day["day"]), "D, M j"),
                "hours": printed.hours(day["earned"]),
                "offered": printed.hours(day["offered"]),
            }
            for day in says["days"]
        ],
        "days_are_many": len(says["days"]) > DAYS_IN_A_TABLE,
        "types": [{"words": row["words"], "hours": printed.hours(row["minutes"])} for row in says["types"]],
        "certificate_code": certificate.code,
        "version": certificate.version,
        "supersedes": certificate.supersedes.code if certificate.supersedes else "",
        "issued_on": date_format(certificate.issued_at, "F j, Y"),
        "verify_url": url,
        "verify_words": re.sub(r"^https?://", "", url),
        "qr": qr(url),
    }


def pdf_of(certificate: Certificate) -> bytes:
    """The PDF: tagged, PDF/UA-1, the same bytes for the same snapshot. Raises CannotRender."""
    return paper.render(TEMPLATE, context_of(certificate), title=title_of(certificate))


def qr(url: str) -> str:
    """A QR code as a picture that a page carries in itself: one dot a module, drawn large without blur."""
    code = segno.make(url, error="m", micro=False)
    drawn: str = code.png_data_uri(scale=1, border=0)
    return drawn


_AS_THEY_ARE = (
    "heading", "name", "code", "place", "provider", "strands", "standards", "presenters", "district", "school",
    "compensation", "signatory", "rule", "acceptance",
)  # fmt: skip


def _width(name: str) -> int:
    """About how many letters wide: an ideograph is as wide as two, a mark above a letter has no width."""
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in name
    )
