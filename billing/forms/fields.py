"""Fields that several forms of billing have."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.utils.translation import gettext_lazy as _

from people.models import Organization

MOST_NAMED = 5


class DollarsField(forms.DecimalField):
    """An amount above zero with two decimals; "$1,250.00" is understood."""

    def __init__(self, **more: Any) -> None:
        defaults: dict[str, Any] = {
            "max_digits": 12,
            "decimal_places": 2,
            "widget": forms.TextInput({"inputmode": "decimal"}),
        }
        super().__init__(**defaults | more)
        self.validators.append(MinValueValidator(Decimal("0.01"), _("Write an amount above zero.")))

    def to_python(self, value: object) -> Any:
        return super().to_python(value.replace("$", "").replace(",", "").strip() if isinstance(value, str) else value)


class DayField(forms.DateField):
    """A day, written with the browser's own calendar."""

    def __init__(self, **more: Any) -> None:
        defaults: dict[str, Any] = {"widget": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})}
        super().__init__(**defaults | more)


class OrganizationField(forms.CharField):
    """A district by its name or CDS code: no list of eleven hundred to scroll."""

    def __init__(self, **more: Any) -> None:
        hint = _("Its name, a part of it, or its CDS code.")
        defaults: dict[str, Any] = {"help_text": hint, "widget": forms.TextInput({"autocomplete": "off"})}
        super().__init__(**defaults | more)

    def prepare_value(self, value: object) -> object:
        return value.name if isinstance(value, Organization) else value

    def clean(self, value: object) -> Any:
        words = super().clean(value)
        if not words:
            return None
        code = Organization.objects.filter(cds=words.replace("-", "").ljust(14, "0")) if _is_code(words) else None
        rows = (code or Organization.objects.named_like(words)).select_related("county")
        found = list(rows.order_by("search_key", "pk")[: MOST_NAMED + 1])
        exact = [one for one in found if one.name.casefold() == words.casefold()]
        if len(exact) == 1 or len(found) == 1:
            return (exact or found)[0]
        raise ValidationError(_which(words, found))


def _is_code(words: str) -> bool:
    return words.replace("-", "").isdecimal()


def _named(organization: Organization) -> str:
    """With its county, as California has several of one name, and its CDS code."""
    apart = [str(fact) for fact in (organization.county, organization.cds) if fact]
    return f"{organization} ({', '.join(apart)})" if apart else str(organization)


def _which(words: str, found: list[Organization]) -> str:
    if not found:
        return str(_("Nobody here is called “%s”. Write a part of the name, or the CDS code.") % words)
    names = "; ".join(_named(one) for one in found[:MOST_NAMED])
    return str(_("Which one? %s. Write the whole name, or the CDS code.") % names)
