"""What every form that changes something carries, the key that makes it act once; and the forms of people."""

from copy import copy
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from people import once
from people.access import Role
from people.directory.importing import Wanted
from people.memberships import APPOINTABLE, INVITABLE
from people.models import JobRole, Organization, Person, School


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


# --- The same person --------------------------------------------------------------------------------------------------


class MergeForm(OnceForm):
    """Which of two stays, and what shows that they are one."""

    keep = forms.ChoiceField(label=_("Who stays"), widget=forms.RadioSelect)
    evidence = forms.CharField(
        label=_("What shows that they are one"),
        max_length=300,
        help_text=_("It is kept with the merge: a telephone call, a passport, what she says herself."),
    )

    def __init__(self, *args: Any, one: Person, other: Person, stays: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keep = self.fields["keep"]
        assert isinstance(keep, forms.ChoiceField)  # noqa: S101 - see above
        keep.choices = [(str(person.pk), person.display_name) for person in (one, other)]
        keep.initial = str(stays.pk)


class UnmergeForm(OnceForm):
    """Why two people are two after all."""

    reason = forms.CharField(label=_("Why they are two"), max_length=300, help_text=_("It is kept with the merge."))


class WishedNameForm(NameForm):
    """What a person asks to be called."""

    hides_former = forms.BooleanField(
        label=_("Do not show my former name any more"),
        required=False,
        help_text=_("Certificates are issued anew; whoever checks an old one is sent to you and sees no name."),
    )


class ClaimForm(OnceForm):
    """An address at which a person was reached before."""

    address = forms.EmailField(
        label=_("Another address of mine, now or before"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("We mail a link there. Whoever reads that mail confirms that it is yours."),
    )


# --- Where she works --------------------------------------------------------------------------------------------------


def _day(label: Any, help_text: Any = "") -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}), help_text=help_text)


class EndJobForm(OnceForm):
    """The last day of a job."""

    on = _day(_("Last day"))


class JobForm(OnceForm):
    """A job that begins."""

    organization = forms.CharField(
        label=_("District or other employer"), help_text=_("Its CDS code, or its whole name where only one has it.")
    )
    school = forms.CharField(label=_("School"), required=False, help_text=_("Its CDS code or whole name, if one."))
    role = forms.ChoiceField(label=_("Works as"), choices=JobRole.choices)
    on = _day(_("First day"))

    def clean_organization(self) -> Organization:
        found = Organization.objects.open().called(self.cleaned_data["organization"])
        employer: Organization = _the_one(
            found, _("Several are called so: write the CDS code."), _("Nothing open is called so.")
        )
        return employer

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or {}
        typed = asked.pop("school", "")
        asked["school"] = None
        if typed and asked.get("organization"):
            of_hers = School.objects.filter(organization=asked["organization"]).called(typed)
            try:
                asked["school"] = _the_one(
                    of_hers, _("Several are called so: write the CDS code."), _("No such school.")
                )
            except forms.ValidationError as refusal:
                self.add_error("school", refusal)
        return asked


def _the_one(found: Any, several: Any, nothing: Any) -> Any:
    rows = list(found[:2])
    if len(rows) != 1:
        raise forms.ValidationError(several if rows else nothing)
    return rows[0]


# --- Colleagues -------------------------------------------------------------------------------------------------------


class InviteForm(AppointForm):
    """A colleague at one's own district."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role = self.fields["role"]
        assert isinstance(role, forms.ChoiceField)  # noqa: S101 - see above
        role.choices = [(role.value, role.label) for role in INVITABLE]


class HandOverForm(OnceForm):
    """Who takes over, and when one's own part ends."""

    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    name = forms.CharField(
        label=_("First and last name"), max_length=200, widget=forms.TextInput({"autocomplete": "off"})
    )
    ends = forms.ChoiceField(
        label=_("When the part ends"),
        choices=[("signed_in", _("When the colleague has signed in")), ("at_once", _("At once"))],
        initial="signed_in",
        widget=forms.RadioSelect,
    )

    def at_once(self) -> bool:
        return bool(self.cleaned_data["ends"] == "at_once")
