"""The shape of input: what people need to take part."""

from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from people.forms import OnceForm
from registrations import needs
from registrations.models import NeedKind, Registration

LABELS = {NeedKind.DIETARY: _("Food"), NeedKind.ACCESS: _("Access")}
HELP = {
    NeedKind.DIETARY: _("What you do not eat, and allergies."),
    NeedKind.ACCESS: _("Such as a seat near the front, an interpreter, a place to nurse."),
}


class NeedsForm(OnceForm):
    """Two fields for each person. Only what was changed counts, so that nobody writes over what another said meanwhile."""

    def __init__(self, registrations: Iterable[Registration], data: Any = None, *, with_help: bool = False) -> None:
        super().__init__(data)
        self.people = list(registrations)
        known = needs.of(self.people)
        for registration in self.people:
            for kind in NeedKind:
                self.fields[_name(registration, kind)] = forms.CharField(
                    label=LABELS[kind],
                    max_length=needs.LONGEST,
                    required=False,
                    initial=known.get((registration.pk, kind), ""),
                    show_hidden_initial=True,
                    help_text=HELP[kind] if with_help else "",
                    widget=forms.TextInput(attrs={"autocomplete": "off"}),
                )

    def rows(self) -> Iterator[tuple[Registration, list[forms.BoundField]]]:
        """Each person with her two fields."""
        for registration in self.people:
            yield registration, [self[_name(registration, kind)] for kind in NeedKind]

    def told(self) -> list[needs.Told]:
        """What was changed."""
        return [
            needs.Told(registration, kind, self.cleaned_data[name])
            for registration in self.people
            for kind in NeedKind
            if (name := _name(registration, kind)) in self.changed_data
        ]


def _name(registration: Registration, kind: NeedKind) -> str:
    return f"{kind}-{registration.pk}"
