"""The forms of those who wait and of teams: what may be said of an entry, an offer, a team and a choice."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from people.forms import OnceForm
from people.models import Person, School
from registrations.choices import Menu
from registrations.models import Team, TeamDayKind
from registrations.teams import Arrangement


class OfferNowForm(OnceForm):
    """An offer by hand; before those whose turn it is, for a reason."""

    reason = forms.CharField(
        label=_("Why before the others"),
        max_length=200,
        required=False,
        help_text=_("Only if it is not this one's turn. Those in line may ask for it."),
    )


def day_field(kind: TeamDayKind) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=kind.label, required=False, widget=widget)


class TeamForm(OnceForm):
    """Where and when a team's lesson study is, and, for the provider's staff, who facilitates it."""

    host_school = forms.ModelChoiceField(School.objects.none(), label=_("Host school"), required=False)
    host_classroom = forms.CharField(label=_("Classroom"), max_length=80, required=False)
    bell_times = forms.CharField(
        label=_("Bell times"), max_length=200, required=False, help_text=_("Such as 8:05–8:55, 9:00–9:50.")
    )
    facilitator = forms.ModelChoiceField(Person.objects.none(), label=_("Facilitator"), required=False)
    plan = day_field(TeamDayKind.PLAN)
    teach = day_field(TeamDayKind.TEACH)
    debrief = day_field(TeamDayKind.DEBRIEF)
    reteach = day_field(TeamDayKind.RETEACH)

    def __init__(
        self, *args: Any, team: Team, schools: QuerySet, facilitators: QuerySet, is_staff: bool, **kwargs: Any
    ) -> None:
        days: dict[str, date] = dict(team.days.values_list("kind", "on"))
        names = ("host_school", "host_classroom", "bell_times", "facilitator")
        written = {name: getattr(team, name) for name in names} | days
        super().__init__(*args, initial=written, **kwargs)
        self.fields["host_school"].queryset = schools  # type: ignore[attr-defined]
        self.fields["facilitator"].queryset = facilitators  # type: ignore[attr-defined]
        self.team = team
        if not is_staff:
            del self.fields["facilitator"]

    def arrangement(self) -> Arrangement:
        """What was written."""
        given = self.cleaned_data
        return Arrangement(
            given["host_school"],
            given["host_classroom"],
            given["bell_times"],
            given.get("facilitator", self.team.facilitator),
            {kind.value: given[kind] for kind in TeamDayKind if given[kind]},
        )


class AllowForm(OnceForm):
    """Why a team may come although it is not as the institute wants it."""

    reason = forms.CharField(label=_("Why it may come as it is"), max_length=200)


class ChoiceForm(OnceForm):
    """One strand, and of the sessions that run at one time one; each says how many places are left."""

    def __init__(self, *args: Any, menu: Menu, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.slots = [f"slot_{number}" for number, _slot in enumerate(menu.slots)]
        if menu.strands:
            self.fields["strand"] = _one_of(gettext("Strand"), menu.strands, menu.strand_id, gettext("None yet"))
        for name, slot in zip(self.slots, menu.slots, strict=True):
            self.fields[name] = _one_of(slot.when, slot.options, slot.session_id, gettext("With the strand"))

    def chosen(self) -> tuple[int | None, list[int]]:
        """The key of the strand, and those of the sessions."""
        strand = self.cleaned_data.get("strand")
        return int(strand) if strand else None, [int(key) for name in self.slots if (key := self.cleaned_data[name])]


def _one_of(label: str, options: Sequence[tuple[int, str]], chosen: int | None, nothing: str) -> forms.ChoiceField:
    told = [("", nothing), *((str(key), words) for key, words in options)]
    return forms.ChoiceField(
        label=label, choices=told, widget=forms.RadioSelect, required=False, initial=str(chosen or "")
    )
