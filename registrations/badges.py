"""Badges: the QR address of a registration, drawn, and the sessions at which it is read."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import segno

from events.models import Session
from registrations.models import Registration

DOORS_OPEN = timedelta(minutes=45)
"""A session is current from this long before its start."""


def drawing(address: str) -> str:
    """The address as an SVG of dark squares, without a color of its own: safe to put into a page."""
    drawn: str = segno.make(address, error="m", micro=False).svg_inline(
        border=4, omitsize=True, svgclass="qr__drawing", lineclass="qr__squares", dark="#000", light="#fff"
    )
    return drawn


def picture(address: str) -> str:
    """The address as a data: URL, for paper."""
    return str(segno.make(address, error="m", micro=False).svg_data_uri(border=2, dark="#000", light="#fff"))


def sessions_for(registration: Registration, *, at: datetime) -> tuple[list[Session], list[Session]]:
    """The sessions at which the badge may be read: those now, and the others of the day.

    The day is today when the person is registered for today; else the next of hers, else the last.
    """
    institute = registration.institute
    days: dict[date, list[Session]] = {}
    for session in institute.sessions.filter(counts=True).select_related("institute", "strand").in_order():
        day = session.starts_at.astimezone(institute.tz).date()
        if registration.covers(day):
            days.setdefault(day, []).append(session)
    today = at.astimezone(institute.tz).date()
    day = next((day for day in days if day >= today), max(days, default=today))
    of_day = days.get(day, [])
    now = [session for session in of_day if session.starts_at - DOORS_OPEN <= at < session.ends_at]
    return now, [session for session in of_day if session not in now]


def marked(registration: Registration, sessions: Sequence[Session]) -> set[int]:
    """The sessions at which the person is marked already."""
    events = registration.attendance.standing().filter(session__in=sessions).exclude(kind="adjust")
    return set(events.values_list("session_id", flat=True))
