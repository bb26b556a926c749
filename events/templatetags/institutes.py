"""Filters that print an institute's days and times in its own zone."""

from datetime import datetime

from django import template

from events import clocks as zones
from events import printed
from events.models import Institute, Session

register = template.Library()


@register.filter
def days(institute: Institute) -> str:
    """January 21–23, 2027"""
    return printed.days(institute.starts_on, institute.ends_on)


@register.filter
def clocks(session: Session) -> str:
    """8:00–11:45 AM in the zone of the session's institute, which must have been loaded."""
    zone = session.institute.tz
    return printed.clocks(session.starts_at.astimezone(zone), session.ends_at.astimezone(zone))


@register.filter
def moment(when: datetime, institute: Institute) -> str:
    """Thursday, January 21, 5:00 PM in the institute's zone."""
    local = when.astimezone(institute.tz)
    return f"{printed.day(local)}, {local.year}, {printed.clock(local)}"


@register.filter
def zone_name(institute: Institute) -> str:
    """Pacific"""
    return zones.zone_name(institute.zone)


@register.filter
def hours(minutes: int) -> str:
    """19.5"""
    return printed.hours(minutes)
