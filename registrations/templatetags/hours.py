"""Hours as they are printed."""

from decimal import Decimal

from django import template

register = template.Library()


@register.filter
def in_hours(minutes: int) -> str:
    """Minutes as decimal hours with as many places as they need, at least one: 210 is "3.5", 225 is "3.75"."""
    hours = (Decimal(minutes) / 60).quantize(Decimal("0.01"))
    return f"{hours:.1f}" if hours == hours.quantize(Decimal("0.1")) else f"{hours}"
