"""What tests of attendance's pages look at: addresses, buttons, and what stands in the ledger."""

import re

from events.models import Institute
from registrations.models import AttendanceEvent


def grid(institute: Institute, more: str = "") -> str:
    return f"/staff/institutes/{institute.pk}/attendance/{more}"


def value_of(name: str, page: str, number: int = 0) -> str:
    """What the button of that name sends."""
    return str(re.findall(rf'name="{name}" value="([^"]+)"', page)[number])


def standing() -> int:
    return AttendanceEvent.objects.standing().count()
