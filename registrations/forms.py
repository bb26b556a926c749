"""The forms of rosters: what was given, how its columns are read, one row, and the money."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from billing.models import Source
from people.forms import OnceForm
from people.models import Organization, Person
from registrations.funding import Option
from registrations.rosters import cells, reading
from registrations.rosters.rows import Row


class RosterForm(forms.Form):
    """A table, pasted or uploaded."""

    pasted = forms.CharField(
        label=_("Paste the cells of your spreadsheet"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "autocomplete": "off"}),
        help_text=_("With the headers if there are any. Name, e-mail, school, role and grade are taken; nothing else."),
    )
    file = forms.FileField(
        label=_("Or choose a file"),
        required=False,
        allow_empty_file=True,
        help_text=_("XLSX, CSV or text, up to 20 MB and 20,000 rows."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv,.tsv,.txt"}),
    )

    def clean(self) -> dict[str, Any]:
        """The table itself, under `table`; its sentence beside the field it came by."""
        asked: dict[str, Any] = super().clean() or {}
        upload: UploadedFile | None = asked.get("file")
        try:
            if upload is None:
                asked["table"] = reading.read_text(asked.get("pasted", ""))
            else:
                size = upload.size or 0
                content = upload.read() if size <= reading.LARGEST else b""
                asked["table"] = reading.read_file(content, size=size)
        except reading.CannotRead as refusal:
            self.add_error("file" if upload else "pasted", str(refusal))
        return asked

    @property
    def source(self) -> str:
        upload = self.cleaned_data.get("file")
        return upload.name if upload else ""


class StartForm(RosterForm):
    """The same for an institute, with the district where one registers for several."""

    sponsor = forms.ModelChoiceField(label=_("District"), queryset=Organization.objects.none())
    field_order = ["sponsor", "pasted", "file"]

    def __init__(self, *args: Any, sponsors: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sponsors = list(sponsors[:2])
        self.fields["sponsor"].queryset = sponsors  # type: ignore[attr-defined]
        if len(self.sponsors) == 1:
            self.fields["sponsor"].initial = self.sponsors[0]
            self.fields["sponsor"].widget = forms.HiddenInput()


class ReplaceForm(RosterForm):
    """The corrected sheet, or one more."""

    replacing = forms.ChoiceField(
        label=_("What is in it?"),
        choices=[("whole", _("The whole roster, corrected")), ("more", _("More people"))],
        initial="whole",
        widget=forms.RadioSelect,
    )


COLUMN_LABELS = {
    "given_name": _("First name"),
    "family_name": _("Last name"),
    "name": _("Whole name"),
    "email": _("E-mail"),
    "school": _("School"),
    "role": _("Role"),
    "grade": _("Grade"),
}


class ColumnsForm(forms.Form):
    """Which column of the last table is what."""

    def __init__(self, *args: Any, seen: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        table = seen.get("table", [])
        choices = [("", _("None")), *_columns_of(seen.get("headers", []), table[:1])]
        for name, label in COLUMN_LABELS.items():
            at = seen.get("fields", {}).get(name)
            self.fields[name] = forms.TypedChoiceField(
                label=label, choices=choices, required=False, coerce=int, empty_value=None, initial=at
            )

    def clean(self) -> dict[str, Any]:
        asked: dict[str, Any] = super().clean() or {}
        if not any(asked.get(name) is not None for name in ("given_name", "family_name", "name")):
            raise forms.ValidationError(_("Say at least which column holds the names."))
        return asked

    def fields_at(self) -> dict[str, int]:
        return {name: index for name, index in self.cleaned_data.items() if index is not None}


def _columns_of(headers: list[str], first: list[list[str]]) -> list[tuple[int, str]]:
    """Each column by its header, or by what stands first in it."""
    shown = headers or (first[0] if first else [])
    return [(index, f"{index + 1}: {text[:40]}") for index, text in enumerate(shown)]


class RowForm(forms.Form):
    """One row of a roster, changed in its place."""

    given_name = forms.CharField(label=_("First name"), max_length=100, required=False)
    family_name = forms.CharField(label=_("Last name"), max_length=100, required=False)
    email = forms.CharField(label=_("E-mail"), max_length=254, required=False, widget=forms.EmailInput)
    school = forms.CharField(label=_("School"), max_length=200, required=False)
    role = forms.CharField(label=_("Role"), max_length=100, required=False)
    grade = forms.CharField(label=_("Grade"), max_length=40, required=False)

    def clean_email(self) -> str:
        email = cells.address(self.cleaned_data["email"])
        if email and not cells.is_address(email):
            raise forms.ValidationError(_("This is no e-mail address. Write one such as ana@district.org."))
        return email

    def clean(self) -> dict[str, Any]:
        asked: dict[str, Any] = super().clean() or {}
        given, family = cells.name_of(asked.get("given_name", ""), asked.get("family_name", ""))
        if not (given or family):
            self.add_error("family_name", _("Write a name, or leave the row out."))
        if any(cells.is_formula(str(text)) for text in asked.values()):
            raise forms.ValidationError(_("A cell holds a formula. Write the text that it shows."))
        return asked | {"given_name": given, "family_name": family}

    def changes(self, row: Row) -> dict[str, Any]:
        """What is new; what was decided of the row falls with the name or address it was about."""
        asked = {name: self.cleaned_data[name] for name in self.fields}
        before = (row.given_name, row.family_name, row.email)
        if before == (asked["given_name"], asked["family_name"], asked["email"]):
            return asked
        return asked | {"decision": "", "person_id": None, "as_written": ""}


class DecisionForm(forms.Form):
    """A button beside a row: `12:new`, `12:leave_out`, `12:person-34`, or `12:` to take it back."""

    decide = forms.RegexField(r"^(\d+):(new|leave_out|person-\d+)?$")

    def key(self) -> int:
        return int(self.cleaned_data["decide"].partition(":")[0])

    def changes(self) -> dict[str, Any]:
        decision = self.cleaned_data["decide"].partition(":")[2]
        if decision.startswith("person-"):
            return {"decision": "", "person_id": int(decision.removeprefix("person-"))}
        return {"decision": decision, "person_id": None}


class PeopleForm(forms.Form):
    """People of the district who are known already."""

    people = forms.ModelMultipleChoiceField(Person.objects.none())

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["people"].queryset = people  # type: ignore[attr-defined]
        self.fields["people"].error_messages["required"] = _("Tick someone first.")


class PayForm(forms.Form):
    """Who pays for the rows that are ticked, or for all."""

    rows = forms.TypedMultipleChoiceField(coerce=int, required=False)
    everyone = forms.CharField(required=False)
    pays = forms.ChoiceField(label=_("Who pays"))
    rest = forms.ChoiceField(label=_("Who pays the days that it does not cover"), required=False)

    def __init__(self, *args: Any, keys: Iterable[int], options: Sequence[Option], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keys = list(keys)
        self.options = {option.key: option for option in options}
        self.fields["rows"].choices = [(key, key) for key in self.keys]  # type: ignore[attr-defined]
        named = [(key, str(option)) for key, option in self.options.items() if not option.is_spent]
        self.fields["pays"].choices = named  # type: ignore[attr-defined]
        self.fields["rest"].choices = [("", _("Nobody is needed")), *named]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        asked: dict[str, Any] = super().clean() or {}
        if not asked.get("everyone") and not asked.get("rows"):
            raise forms.ValidationError(_("Tick the people this money pays for, or choose everyone."))
        first = self.options.get(asked.get("pays", ""))
        if first and not first.is_whole and not asked.get("rest"):
            days = _("%(money)s pays from %(first)s to %(last)s only. Choose who pays the other days.")
            said = {"money": first, "first": f"{first.first_day:%B %-d}", "last": f"{first.last_day:%B %-d}"}
            self.add_error("rest", days % said)
        return asked

    def chosen(self) -> tuple[list[int], str]:
        """The rows, and what pays for them."""
        asked = self.cleaned_data
        first = self.options[asked["pays"]]
        pays = first.key if first.is_whole else f"{first.key}+{asked['rest']}"
        return (self.keys if asked["everyone"] else asked["rows"]), pays


class LineForm(OnceForm):
    """A line of the district's own money."""

    source = forms.ChoiceField(label=_("Source"))
    account_string = forms.CharField(
        label=_("Account string"),
        max_length=120,
        required=False,
        help_text=_("Printed word for word, as your business office writes it."),
    )
    lcap_year = forms.CharField(label=_("LCAP year"), max_length=9, required=False, help_text=_("Such as 2026-27."))
    lcap_goal = forms.CharField(label=_("Goal"), max_length=30, required=False)
    lcap_action = forms.CharField(label=_("Action"), max_length=60, required=False)
    is_contributing = forms.BooleanField(label=_("Contributes to increased or improved services"), required=False)
    attests = forms.BooleanField(
        label=_("I attest that this money may be used so"),
        required=False,
        help_text=_("Kept with your name and the time, for the auditor."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = [source for source in Source if source not in {Source.GRANT, Source.CONTRACT, Source.PRIVATE}]
        self.fields["source"].choices = [(source.value, source.label) for source in own]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        asked: dict[str, Any] = super().clean() or {}
        if asked.get("source") in {Source.LCFF_BASE, Source.LCFF_SUPPLEMENTAL} and not asked.get("attests"):
            self.add_error("attests", _("LCFF money needs someone who attests it."))
        return asked


class PurchaseOrderForm(OnceForm):
    """A purchase order, now or when it has come."""

    number = forms.CharField(label=_("Number"), max_length=60, help_text=_("As it is printed; any form is right."))
    amount = forms.DecimalField(
        label=_("Amount in dollars"),
        max_digits=12,
        decimal_places=2,
        min_value=Decimal("0.01"),
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )
    expires_on = forms.DateField(label=_("Expires on"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
