"""What `manage.py check` says about cards."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, register

from billing import gateway


@register("stripe")
def cards_are_on_or_off(app_configs: Sequence[Any] | None, **_options: Any) -> list[CheckMessage]:  # noqa: ARG001
    """Without any key that is a choice, and said; with half of them it is a mistake."""
    off = gateway.why_off()
    if not off:
        return []
    hint = "docs/stripe.md says how."
    if settings.STRIPE_SECRET_KEY or settings.STRIPE_WEBHOOK_SECRETS:
        return [checks.Warning(off, hint=hint, id="billing.W001")]
    return [checks.Info(off, hint=hint, id="billing.I001")]
