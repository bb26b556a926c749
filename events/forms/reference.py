"""What institutes choose from: programs, seasons, venues, rules, and versions of terms."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events import revisions
from events import terms as ladders
from events.forms.institutes import date_input
from events.forms.seen import SeenForm
from events.models import HoursRule, Program, Season, TeamRule, Terms, Venue


class ReferenceForm(forms.ModelForm, SeenForm):
    """A row that institutes choose; it knows which revision of it was opened."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["seen"].initial = revisions.of(self.instance)


class ProgramForm(ReferenceForm):
    class Meta:
        model = Program
        fields = ["name", "code", "slug", "summary", "audience", "description"]
        labels = {"slug": _("Address of its page"), "audience": _("For whom")}
        help_texts = {"slug": _("Lower-case letters, digits and hyphens, such as leadership-training.")}


class SeasonForm(ReferenceForm):
    class Meta:
        model = Season
        fields = ["name", "starts_on", "ends_on"]
        labels = {"starts_on": _("First day"), "ends_on": _("Last day")}
        widgets = {"starts_on": date_input(), "ends_on": date_input()}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("starts_on"), cleaned.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("The last day cannot lie before the first."))
        return cleaned


class VenueForm(ReferenceForm):
    class Meta:
        model = Venue
        fields = ["name", "street", "city", "state", "zip", "county", "directions"]


class HoursRuleForm(ReferenceForm):
    class Meta:
        model = HoursRule
        fields = ["name", "full_day_percent", "step_minutes", "certificate_percent"]
        labels = {
            "full_day_percent": _("Percent of a day that counts as the whole day"),
            "step_minutes": _("Otherwise rounded down to steps of so many minutes"),
            "certificate_percent": _("Percent of all hours that earns a certificate"),
        }
        help_texts = {"certificate_percent": _("0: any presence earns one, with the hours that were earned.")}

    def clean(self) -> dict[str, Any]:
        """People were promised hours by this rule: once an institute began under it, it stays as it is."""
        cleaned = super().clean() or {}
        figures = {"full_day_percent", "step_minutes", "certificate_percent"}
        if self.instance.pk and figures & set(self.changed_data):
            begun = self.instance.institutes.filter(starts_on__lte=timezone.localdate()).order_by("starts_on").first()
            if begun:
                raise forms.ValidationError(
                    _("%(institute)s began under this rule, so it stays as it is. Make a new rule for what comes."),
                    params={"institute": begun},
                )
        return cleaned


class TeamRuleForm(ReferenceForm):
    class Meta:
        model = TeamRule
        fields = ["name", "smallest", "largest", "needs_administrator"]


class TermsForm(forms.ModelForm, SeenForm):
    """A version of terms; its ladder comes from the rows beside it."""

    class Meta:
        model = Terms
        fields = [
            "name", "free_substitution", "unnamed_free", "no_show_percent", "po_due_days", "payment_due_days",
        ]  # fmt: skip
        labels = {
            "free_substitution": _("Substituting a colleague is free"),
            "unnamed_free": _("A seat without a name goes back free of charge"),
            "no_show_percent": _("Percent that comes back for someone who does not come"),
            "po_due_days": _("Purchase order due so many days before the first day"),
            "payment_due_days": _("Payment due so many days after the invoice"),
        }
        help_texts = {"name": _("A name that is there already gets its next version.")}


class StepForm(forms.Form):
    """One step of a ladder."""

    days_before = forms.IntegerField(label=_("Days before, at least"), min_value=0)
    percent = forms.IntegerField(label=_("Percent that comes back"), min_value=0, max_value=100)


class StepFormSet(forms.BaseFormSet):
    """The ladder, most days first."""

    def ladder(self) -> list[dict[str, int]]:
        written = [form.cleaned_data for form in self.forms if form not in self.deleted_forms]
        return [{name: row[name] for name in ("days_before", "percent")} for row in written if row]

    def clean(self) -> None:
        """A step that is wrong has its sentence beside it."""
        if any(self.errors):
            return
        filled = [form for form in self.forms if form not in self.deleted_forms and form.cleaned_data]
        try:
            ladders.check(self.ladder())
        except ladders.CannotSetTerms as refusal:
            form = filled[refusal.step or 0]
            form.add_error("days_before", str(refusal))


StepRows: type[Any] = forms.formset_factory(StepForm, formset=StepFormSet, extra=2, can_delete=True)
