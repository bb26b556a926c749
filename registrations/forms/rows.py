"""The forms of a roster's rows: one changed in its place, one typed, many chosen at once."""

import json
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from events.models import Institute
from people.models import Person
from registrations.models import WaitsFor
from registrations.rosters import cells, drafting
from registrations.rosters.rows import TEXTS, Row

CHOICES = ("team", "strand", "sessions")
NEEDS = ("dietary", "access")


class TypedForm(forms.Form):
    """Someone typed by hand."""

    given_name = forms.CharField(label=_("First name"), max_length=100, required=False)
    family_name = forms.CharField(label=_("Last name"), max_length=100, required=False)
    email = forms.CharField(
        label=_("E-mail"), max_length=254, required=False, widget=forms.EmailInput(attrs={"spellcheck": "false"})
    )
    school = forms.CharField(label=_("School"), max_length=200, required=False)
    role = forms.CharField(label=_("Role"), max_length=100, required=False)
    grade = forms.CharField(label=_("Grade"), max_length=40, required=False)

    def __init__(self, *args: Any, suggested_by: str = "", **kwargs: Any) -> None:
        """`suggested_by`: the address that knows people by the names typed."""
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.setdefault("autocomplete", "off")
            if suggested_by and name in {"given_name", "family_name"}:
                field.widget.attrs |= {"hx-get": suggested_by, "hx-trigger": "input changed delay:250ms"}
        self.fields["school"].widget.attrs["list"] = "schools"

    def clean_email(self) -> str:
        email = cells.address(self.cleaned_data["email"])
        if email and not cells.is_address(email):
            raise forms.ValidationError(_("This is no e-mail address. Write one such as ana@district.org."))
        return email

    def clean(self) -> dict[str, Any]:
        asked: dict[str, Any] = super().clean() or {}
        texts = drafting.typed({name: text for name, text in asked.items() if name in TEXTS})
        if not (texts["given_name"] or texts["family_name"]):
            self.add_error("family_name", _("Write a name, or leave the row out."))
        if any(cells.is_formula(text) for text in texts.values()):
            raise forms.ValidationError(_("A cell holds a formula. Write the text that it shows."))
        return asked | texts


class RowForm(TypedForm):
    """One row of a roster, changed in its place, with what she chooses and needs at this institute.

    It carries the row as it was seen, so that two people may change one row at once.
    """

    team = forms.CharField(label=_("Team"), max_length=80, required=False)
    strand = forms.ChoiceField(label=_("Strand"), required=False)
    sessions = forms.CharField(
        label=_("Sessions"), max_length=400, required=False, help_text=_("Their titles, with semicolons between.")
    )
    dietary = forms.CharField(label=_("Food"), max_length=300, required=False)
    access = forms.CharField(
        label=_("Access"), max_length=300, required=False, help_text=_("Seen by few, and deleted after the institute.")
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, row: Row, institute: Institute, **kwargs: Any) -> None:
        self.before = {name: str(getattr(row, name)) for name in self.base_fields if name != "seen"}
        initial = self.before | {"seen": json.dumps(self.before)}
        super().__init__(*args, initial=initial, **kwargs)
        strands = [strand.name for strand in institute.strands.order_by("position", "pk")]
        if row.strand and row.strand not in strands:
            strands.append(row.strand)
        self.fields["strand"].choices = [("", _("None")), *((name, name) for name in strands)]  # type: ignore[attr-defined]
        for name, is_asked in (("team", institute.team_rule_id), ("strand", strands)):
            if not (is_asked or getattr(row, name)):
                del self.fields[name]

    def clean_seen(self) -> dict[str, str]:
        try:
            seen = json.loads(self.cleaned_data["seen"] or "{}")
        except ValueError:
            seen = {}
        known = seen if isinstance(seen, dict) else {}
        return {name: str(known.get(name, text)) for name, text in self.before.items()}

    def texts(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in self.fields if name != "seen"}


class UnnamedForm(forms.Form):
    """How many seats get their names later."""

    number = forms.IntegerField(
        label=_("Seats without a name"),
        min_value=1,
        max_value=drafting.MOST_UNNAMED,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={
            "required": _("Say how many."),
            "min_value": _("One seat at least."),
            "max_value": _("%(limit_value)s seats at most at a time."),
        },
    )


class DecisionForm(forms.Form):
    """A button beside a row: `12:new`, `12:leave_out`, `12:person-34`, `12:seat`, or `12:` to take it back."""

    decide = forms.RegexField(r"^(\d{1,9}):(new|leave_out|seat|place|person-\d{1,18})?$")

    def key(self) -> int:
        return int(self.cleaned_data["decide"].partition(":")[0])

    def changes(self) -> dict[str, Any]:
        decision = self.cleaned_data["decide"].partition(":")[2]
        if decision.startswith("person-"):
            return {"decision": "", "person_id": int(decision.removeprefix("person-"))}
        if decision in {"seat", "place"}:
            return {"waits": "" if decision == "seat" else WaitsFor.PLACE.value}
        return {"decision": decision, "person_id": None}


class PeopleForm(forms.Form):
    """People of the district who are known already."""

    people = forms.ModelMultipleChoiceField(Person.objects.none())

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["people"].queryset = people  # type: ignore[attr-defined]
        self.fields["people"].error_messages["required"] = _("Tick someone first.")
