"""What is typed into the pages of certificates."""

from django import forms
from django.utils.translation import gettext_lazy as _

from people.forms import OnceForm


class CodeForm(forms.Form):
    """The code of a certificate, as somebody reads it from paper."""

    code = forms.CharField(
        label=_("Code on the certificate"),
        max_length=40,
        help_text=_("Twelve letters and digits, such as ABCD-EFGH-JKMN. Case and dashes do not matter."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )


class LinkForm(OnceForm):
    """Where to mail a new link."""

    email = forms.EmailField(label=_("Your e-mail"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))


class ReasonForm(OnceForm):
    """Why a certificate is corrected."""

    reason = forms.CharField(label=_("Why"), max_length=200, help_text=_("It is kept with the certificate."))
