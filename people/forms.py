"""What every form that changes something carries, the key that makes it act once; and the forms of people."""

from copy import copy
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from people import once
from people.access import Role
from people.directory.importing import Wanted
from people.memberships import APPOINTABLE


class OnceForm(forms.Form):
    """A form with a key of its own; give `submission_key` to `once.act` in the view."""

    submission_key = forms.CharField(max_length=100, widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["submission_key"].initial = once.new_key()

    def clean_submission_key(self) -> str:
        return self.cleaned_data["submission_key"] or once.new_key()


def put(form: forms.BaseForm, name: str, value: str) -> None:
    """Have a form that came back carry another value in one of its fields, a hidden one."""
    typed: Any = copy(form.data)  # what came is not to be written on
    typed[form.add_prefix(name)] = value
    form.data = typed


class DirectoryFileForm(OnceForm):
    """A file of the state's directory, and what to take from it."""

    file = forms.FileField(
        label=_("File"), help_text=_("XLSX, CSV or tab-delimited text, packed by gzip or not, up to 20 MB.")
    )
    as_of = forms.DateField(
        label=_("How new it is"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Only if neither the file nor its name says so. An older file does not undo a newer one."),
    )
    private = forms.BooleanField(label=_("Take private schools too"), required=False)
    out_of_state = forms.BooleanField(label=_("Take schools out of state too"), required=False)
    complete = forms.BooleanField(
        label=_("The file is complete"),
        required=False,
        help_text=_("Whatever is open here, in the counties of the file, and not named in it, is marked as closed."),
    )

    def wanted(self) -> Wanted:
        """What was asked for, in the words of the verb."""
        asked = self.cleaned_data
        return Wanted(asked["private"], asked["out_of_state"], asked["complete"], asked["as_of"])


class AppointForm(OnceForm):
    """Who is to play which part at a district."""

    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    name = forms.CharField(
        label=_("First and last name"), max_length=200, widget=forms.TextInput({"autocomplete": "off"})
    )
    role = forms.ChoiceField(label=_("Part"), choices=[(role.value, role.label) for role in APPOINTABLE])

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])


class NameForm(OnceForm):
    """What a person is called."""

    given = forms.CharField(label=_("First name"), max_length=100, required=False)
    family = forms.CharField(label=_("Last name"), max_length=100, required=False)
    display = forms.CharField(
        label=_("Name on certificates"),
        max_length=200,
        required=False,
        help_text=_("In the person's own spelling. Left empty, it is first name and last name."),
    )


class AddressForm(OnceForm):
    """One more address of a person."""

    address = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))
