"""What someone who pays for herself is asked."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from people.forms import OnceForm
from people.names import tidy


class OwnPlaceForm(OnceForm):
    """A name as the certificate will say it, and an address for the mail."""

    given_name = forms.CharField(label=_("First name"), max_length=100, required=False)
    family_name = forms.CharField(
        label=_("Last name"), max_length=100, help_text=_("As you want it on your certificate.")
    )
    email = forms.EmailField(
        label=_("E-mail"), help_text=_("Your invoice, calendar entry and certificate come to this address.")
    )

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or self.cleaned_data
        for name in ("given_name", "family_name"):
            asked[name] = tidy(asked.get(name, ""))
        return asked
