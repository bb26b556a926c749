"""An institute's facts, the next one, and its strands."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from events import clocks, revisions
from events.forms.seen import SeenForm
from events.models import Institute, Season, Strand
from events.scheduling import StrandWanted
from people.forms import OnceForm
from people.models import Organization, OrganizationKind

HOSTS = [
    OrganizationKind.COUNTY_OFFICE, OrganizationKind.UNIVERSITY, OrganizationKind.AGENCY, OrganizationKind.PARTNER,
    OrganizationKind.CMO, OrganizationKind.PROVIDER,
]  # fmt: skip


def date_input() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class LocalDateTimeField(forms.DateTimeField):
    """A date and a time on clocks whose zone the form knows; the value is naive."""

    widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})

    def prepare_value(self, value: Any) -> Any:
        return value

    def to_python(self, value: Any) -> datetime | None:
        if value in self.empty_values:
            return None
        try:
            return datetime.fromisoformat(str(value).strip())
        except ValueError:
            raise forms.ValidationError(_("Write a date and a time."), code="invalid") from None


class InstituteForm(forms.ModelForm, SeenForm):
    """Everything about an institute but its agenda; times are on its own clocks."""

    MOMENTS = ("registration_opens_at", "registration_closes_at")

    zone = forms.ChoiceField(label=_("Time zone"), help_text=_("All times of this institute are on its clocks."))
    registration_opens_at = LocalDateTimeField(label=_("Registration opens"))
    registration_closes_at = LocalDateTimeField(label=_("Registration closes"))

    class Meta:
        model = Institute
        fields = [
            "program", "season", "code", "title", "kind", "modality", "description", "what_to_bring", "starts_on",
            "ends_on", "zone", "venue", "host", "fiscal_agent", "capacity", "price", "minimum", "decision_on",
            "names_due_on", "registration_opens_at", "registration_closes_at", "terms", "hours_rule", "team_rule",
            "certificates_after_hours", "chaperones",
        ]  # fmt: skip
        labels = {
            "starts_on": _("First day"), "ends_on": _("Last day"), "price": _("Price of a seat, in dollars"),
            "capacity": _("Seats"), "minimum": _("People needed"), "decision_on": _("Decided on"),
            "names_due_on": _("Names due on"), "terms": _("Cancellation terms"), "modality": _("How people meet"),
            "fiscal_agent": _("Paid to"), "certificates_after_hours": _("Certificates go out by themselves after"),
            "chaperones": _("Chaperones of each district"),
        }  # fmt: skip
        help_texts = {
            "code": _("Left empty, the program's next code is taken."),
            "fiscal_agent": _("Left empty, the provider is paid."),
            "minimum": _("Left empty, it is held however few come."),
        }
        widgets = {name: date_input() for name in ("starts_on", "ends_on", "decision_on", "names_due_on")} | {
            "price": forms.TextInput(attrs={"inputmode": "decimal"}),
            "description": forms.Textarea(attrs={"rows": 4}),
            "what_to_bring": forms.Textarea(attrs={"rows": 2}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["seen"].initial = revisions.of(self.instance)
        here = self.instance.zone
        known = dict(clocks.ZONES)
        fields: dict[str, Any] = self.fields
        fields["zone"].choices = [*clocks.ZONES, *([] if here in known else [(here, here)])]
        self.fields["code"].required = self.fields["chaperones"].required = False
        hosts = Organization.objects.filter(kind__in=HOSTS).order_by("search_key")
        for name in ("host", "fiscal_agent"):
            chosen = Organization.objects.filter(pk=getattr(self.instance, f"{name}_id"))
            fields[name].queryset = hosts | chosen.order_by("search_key")
        for name in self.MOMENTS:
            if moment := getattr(self.instance, name):
                self.initial[name] = moment.astimezone(self.instance.tz).replace(tzinfo=None)

    def clean_chaperones(self) -> int:
        """Left empty, none."""
        return self.cleaned_data["chaperones"] or 0

    def clean(self) -> dict[str, Any]:
        """Times become moments on the chosen zone's clocks."""
        cleaned = super().clean() or self.cleaned_data
        for name in self.MOMENTS:
            if name in cleaned and "zone" in cleaned:
                try:
                    cleaned[name] = clocks.moment(cleaned[name], ZoneInfo(cleaned["zone"]))
                except clocks.NoSuchTime as refusal:
                    self.add_error(name, str(refusal))
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        """The constraints on these are left to `scheduling`, whose sentences name the field."""
        exclusions: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return exclusions | {"ends_on", "registration_closes_at"}


class CloneForm(OnceForm):
    """When the next one begins."""

    starts_on = forms.DateField(label=_("First day"), widget=date_input())
    code = forms.CharField(
        label=_("Code"), max_length=20, required=False, help_text=_("Left empty, the program's next code is taken.")
    )
    season = forms.ModelChoiceField(
        Season.objects.order_by("-starts_on"),
        label=_("Season"),
        required=False,
        help_text=_("Left empty, the season of those days."),
    )
    again = forms.BooleanField(label=_("Yes, one more on these days"), required=False)


class CopyDayForm(OnceForm):
    """Which days get the blocks of another one."""

    to = forms.MultipleChoiceField(label=_("Copy to"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, days: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = days  # type: ignore[attr-defined]


class StrandForm(forms.Form):
    """One strand."""

    id = forms.IntegerField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(label=_("Name"), max_length=80)
    capacity = forms.IntegerField(label=_("Places"), min_value=1, required=False, help_text=_("Left empty: no limit."))


class StrandFormSet(forms.BaseFormSet):
    """The strands of an institute, with empty rows for new ones."""

    def wanted(self) -> list[StrandWanted]:
        """What was written, in its order, without the empty and the deleted rows."""
        written = [form.cleaned_data for form in self.forms if form not in self.deleted_forms]
        return [StrandWanted(row["name"], row["capacity"], row["id"]) for row in written if row.get("name")]


StrandRows: type[Any] = forms.formset_factory(StrandForm, formset=StrandFormSet, extra=3, can_delete=True)


def strand_rows(institute: Institute) -> list[dict[str, Any]]:
    strands: list[Strand] = list(institute.strands.order_by("position", "pk"))
    return [{"id": strand.pk, "name": strand.name, "capacity": strand.capacity} for strand in strands]


def strands_seen(institute: Institute) -> str:
    """The revision of the strands that the rows show."""
    return revisions.of_all(institute.strands.order_by("position", "pk"))
