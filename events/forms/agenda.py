"""A block of the agenda, written by day and clock."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from events import revisions
from events.agenda import Block
from events.forms.seen import SeenForm
from events.models import HourType, Institute, Session, Strand


def time_input() -> forms.TimeInput:
    return forms.TimeInput(format="%H:%M", attrs={"type": "time"})


class BlockForm(SeenForm):
    """The fields of a block; where it may not stand is for `scheduling` to say."""

    title = forms.CharField(label=_("Title"), max_length=150, widget=forms.TextInput(attrs={"autofocus": True}))
    day = forms.DateField(label=_("Day"))
    starts = forms.TimeField(label=_("Starts"), widget=time_input())
    ends = forms.TimeField(label=_("Ends"), widget=time_input())
    strand = forms.ModelChoiceField(Strand.objects.none(), label=_("For"), required=False, empty_label=_("Everyone"))
    room = forms.CharField(label=_("Room"), max_length=80, required=False)
    capacity = forms.IntegerField(label=_("Places"), min_value=1, required=False)
    counts = forms.BooleanField(label=_("Counts toward hours"), required=False, initial=True)
    hour_type = forms.ChoiceField(label=_("Type of hours"), choices=HourType.choices, initial=HourType.INTENSIVE)
    standards = forms.CharField(label=_("Standards"), max_length=300, required=False)

    def __init__(self, *args: Any, institute: Institute, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["strand"].queryset = institute.strands.order_by("position", "pk")  # type: ignore[attr-defined]
        bounds = {"min": f"{institute.starts_on:%Y-%m-%d}", "max": f"{institute.ends_on:%Y-%m-%d}"}
        self.fields["day"].widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"} | bounds)

    def block(self) -> Block:
        """What was written."""
        facts = {name: value for name, value in self.cleaned_data.items() if name not in ("submission_key", "seen")}
        return Block(**facts)


def written(session: Session, institute: Institute) -> dict[str, Any]:
    """A session as the form shows it."""
    return vars(Block.of(session, institute=institute)) | {"seen": revisions.of(session)}
