"""The days of a report."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from people.forms import OnceForm


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}))


class PeriodForm(forms.Form):
    """From which day of service to which."""

    first = _day(_("From"))
    last = _day(_("To"))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if {"first", "last"} <= cleaned.keys() and cleaned["last"] < cleaned["first"]:
            self.add_error("last", _("The last day is before the first."))
        return cleaned


class FreezeForm(OnceForm, PeriodForm):
    """The same, once."""

    first = forms.DateField(widget=forms.HiddenInput())
    last = forms.DateField(widget=forms.HiddenInput())
