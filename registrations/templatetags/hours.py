"""Hours as they are printed."""

from django import template

from events import printed

register = template.Library()


@register.filter
def in_hours(minutes: int) -> str:
    """Minutes as decimal hours: 210 is "3.5", 225 is "3.75"."""
    return printed.hours(minutes)
