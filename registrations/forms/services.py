"""A day of service: what was delivered, and what the district says of it."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from billing.models import FundingLine
from people.forms import OnceForm


class ServiceDayForm(OnceForm):
    """A day that was delivered under a line whose agreement names a rate."""

    line = forms.ModelChoiceField(FundingLine.objects.none(), label=_("Paid from"), empty_label=None)
    on = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}))
    words = forms.CharField(label=_("What was done"), max_length=200)
    delivered_by = forms.CharField(label=_("By whom"), max_length=150)

    def __init__(self, *args: Any, lines: QuerySet[FundingLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["line"].queryset = lines  # type: ignore[attr-defined]


class SignOffForm(OnceForm):
    """The days that are ticked."""

    days = forms.TypedMultipleChoiceField(label=_("Days"), coerce=int, required=False)

    def __init__(self, *args: Any, keys: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["days"].choices = [(key, key) for key in keys]  # type: ignore[attr-defined]


class QuestionForm(forms.Form):
    """Why a day is not signed off."""

    words = forms.CharField(label=_("What is wrong"), max_length=300)


class TakeBackForm(forms.Form):
    """Why a day is taken back."""

    reason = forms.CharField(label=_("Why"), max_length=200)
