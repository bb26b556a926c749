"""The days of a statement, the sentence of a hold, the days of an export."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models import Payee
from people.forms import OnceForm


def _day(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}), **more)


class StatementForm(forms.Form):
    """Whose payee, and from which day to which."""

    payee = forms.TypedChoiceField(label=_("Payable to"), coerce=int, required=False)
    first = _day(_("From"))
    last = _day(_("To"))

    def __init__(self, *args: Any, payees: Sequence[Payee], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        payee = self.fields["payee"]
        assert isinstance(payee, forms.TypedChoiceField)  # noqa: S101 - see above
        payee.choices = [(one.pk, str(one)) for one in payees]
        if len(payees) < 2:
            payee.widget = forms.HiddenInput()


class HoldForm(OnceForm):
    """Until when reminders wait, and why."""

    until = _day(_("No reminders until"))
    reason = forms.CharField(
        label=_("Why"), max_length=200, help_text=_("It is kept: such as “warrant promised for the 15th”.")
    )


class ExportForm(OnceForm):
    """Whose books, and from which day to which."""

    payee = forms.ModelChoiceField(label=_("Books of"), queryset=Payee.objects.none(), empty_label=None)
    first = _day(_("From"))
    last = _day(_("To"))

    def __init__(self, *args: Any, payees: Any, period: tuple[date, date], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        payee = self.fields["payee"]
        assert isinstance(payee, forms.ModelChoiceField)  # noqa: S101 - see above
        payee.queryset = payees
        self.fields["first"].initial, self.fields["last"].initial = period
