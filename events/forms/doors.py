"""The doors of an institute: whom it is for, who registers first, and seats set aside."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from events import clocks
from events.forms.institutes import LocalDateTimeField, date_input
from events.models import Cohort, Institute
from people.forms import OnceForm
from people.models import AppointmentKind, County, Organization, Region


class AudienceForm(OnceForm):
    """Whom an institute is for."""

    appointments = forms.MultipleChoiceField(
        label=_("Holders of a part"),
        choices=AppointmentKind.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    cohorts = forms.ModelMultipleChoiceField(
        Cohort.objects.order_by("-starts_on", "name"),
        label=_("Members of a cohort"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not Cohort.objects.exists():
            self.fields["cohorts"].widget = forms.MultipleHiddenInput()


class GapsForm(OnceForm):
    """What happens to seats that are too few for the first in line."""

    fills_small_gaps = forms.BooleanField(
        label=_("Fill small gaps from the waitlist"),
        required=False,
        help_text=_(
            "Seats too few for the first in line go to a later one whom they suffice, until 14 days before the first day."
        ),
    )


class WindowForm(OnceForm):
    """A county or a region whose districts may register before all others."""

    county = forms.ModelChoiceField(County.objects.order_by("name"), label=_("County"), required=False)
    region = forms.ModelChoiceField(Region.objects.order_by("name"), label=_("or region"), required=False)
    opens_at = LocalDateTimeField(label=_("May register from"))

    def __init__(self, *args: Any, institute: Institute, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.institute = institute

    def clean_opens_at(self) -> datetime:
        """On the institute's clocks."""
        try:
            return clocks.moment(self.cleaned_data["opens_at"], self.institute.tz)
        except clocks.NoSuchTime as refusal:
            raise forms.ValidationError(str(refusal)) from refusal

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or {}
        if bool(asked.get("county")) == bool(asked.get("region")):
            self.add_error("county", _("Choose a county or a region."))
        return asked


class SetAsideForm(OnceForm):
    """Seats for one district."""

    organization = forms.CharField(
        label=_("District"), max_length=200, help_text=_("Its CDS code, or its whole name where only one has it.")
    )
    seats = forms.IntegerField(label=_("Seats"), min_value=1, max_value=10_000)
    until = forms.DateField(label=_("Until the end of"), widget=date_input())

    def clean_organization(self) -> Organization:
        found = list(Organization.objects.open().called(self.cleaned_data["organization"])[:2])
        if len(found) != 1:
            sentence = _("Several are called so: write the CDS code.") if found else _("Nothing open is called so.")
            raise forms.ValidationError(sentence)
        one: Organization = found[0]
        return one
