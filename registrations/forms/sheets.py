"""The forms of a sheet: what was pasted or uploaded, and how its columns are read."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from people.models import Organization
from registrations.rosters import reading


class RosterForm(forms.Form):
    """A table, pasted or uploaded."""

    pasted = forms.CharField(
        label=_("Paste the cells of your spreadsheet"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "autocomplete": "off"}),
        help_text=_(
            "With the headers if there are any. Taken are name, e-mail, school, role, grade, team, strand, food and access."
        ),
    )
    file = forms.FileField(
        label=_("Or choose a file"),
        required=False,
        allow_empty_file=True,
        help_text=_("XLSX, CSV or text, up to 20 MB and 5,000 rows. You can drop it on this page."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.tsv,.txt"}),
    )

    def clean(self) -> dict[str, Any]:
        """The table itself, under `table`; its sentence beside the field it came by."""
        asked: dict[str, Any] = super().clean() or {}
        self.read(asked)
        return asked

    def read(self, asked: dict[str, Any]) -> None:
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

    @property
    def source(self) -> str:
        upload = self.cleaned_data.get("file")
        return upload.name if upload else ""


class StartForm(RosterForm):
    """The same for an institute, with the district where one registers for several; or `empty`, without a table."""

    empty = forms.BooleanField(required=False, widget=forms.HiddenInput)
    sponsor = forms.ModelChoiceField(label=_("District"), queryset=Organization.objects.none())
    field_order = ["sponsor", "pasted", "file"]

    def __init__(self, *args: Any, sponsors: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sponsors = list(sponsors[:2])
        self.fields["sponsor"].queryset = sponsors  # type: ignore[attr-defined]
        if len(self.sponsors) == 1:
            self.fields["sponsor"].initial = self.sponsors[0]
            self.fields["sponsor"].widget = forms.HiddenInput()

    def read(self, asked: dict[str, Any]) -> None:
        if not asked.get("empty"):
            super().read(asked)


class ReplaceForm(RosterForm):
    """The corrected sheet, or one more. It carries the highest row that was seen: those that came later stay."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
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
    "team": _("Team"),
    "strand": _("Strand"),
    "sessions": _("Sessions"),
    "dietary": _("Food"),
    "access": _("Access"),
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
