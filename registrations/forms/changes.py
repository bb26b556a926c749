"""The forms of changes of mind: who comes, what goes back and why, what moves where, who pays."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from billing.models import PurchaseOrder
from events.models import Institute
from people.forms import OnceForm
from people.models import Organization, Person
from registrations.funding import Option
from registrations.models import WithdrawalCause
from registrations.rosters import cells

BY_COORDINATORS = (
    WithdrawalCause.CHANGE_OF_PLANS,
    WithdrawalCause.ILLNESS,
    WithdrawalCause.LEFT_DISTRICT,
    WithdrawalCause.NO_FUNDS,
    WithdrawalCause.OTHER,
)
LONGEST_REASON = 200


class WhoForm(OnceForm):
    """Who comes: someone of the district who is known, or somebody new; from which day on, where that is asked."""

    person = forms.ModelChoiceField(Person.objects.none(), required=False)
    from_day = forms.TypedChoiceField(coerce=date.fromisoformat, empty_value=None, required=False)
    given_name = forms.CharField(label=_("First name"), max_length=100, required=False)
    family_name = forms.CharField(label=_("Last name"), max_length=100, required=False)
    email = forms.CharField(label=_("E-mail"), max_length=254, required=False, widget=forms.EmailInput)
    reason = forms.CharField(label=_("Reason, if you like"), max_length=LONGEST_REASON, required=False)
    someone_else = forms.CharField(required=False)
    is_sure = forms.CharField(required=False)

    def __init__(self, *args: Any, people: Any, days: Sequence[date] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]
        self.fields["from_day"].choices = [(day.isoformat(), date_format(day, "D, M j")) for day in days]  # type: ignore[attr-defined]

    def clean_email(self) -> str:
        email = cells.address(self.cleaned_data["email"])
        if email and not cells.is_address(email):
            raise forms.ValidationError(_("This is no e-mail address. Write one such as ana@district.org."))
        return email

    def clean(self) -> dict[str, Any]:
        asked: dict[str, Any] = super().clean() or {}
        given, family = cells.name_of(asked.get("given_name", ""), asked.get("family_name", ""))
        if not asked.get("person") and not (given or family) and not self.errors:
            raise forms.ValidationError(_("Choose someone, or write the name of who comes."))
        if any(cells.is_formula(text) for text in (given, family)):
            raise forms.ValidationError(_("The name is a formula. Write the text that it shows."))
        return asked | {"given_name": given, "family_name": family}


class WithdrawForm(OnceForm):
    """Why seats go back; what is kept of their price, as it was shown."""

    cause = forms.ChoiceField(label=_("Why"))
    words = forms.CharField(label=_("In your words"), max_length=LONGEST_REASON, required=False)
    is_forced = forms.BooleanField(
        label=_("Beyond anyone's power: all of the price comes back"),
        required=False,
        help_text=_(
            "A fire, a strike, a closed road. Say which, in your words; the version of the terms is kept with it."
        ),
    )
    kept = forms.DecimalField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, is_staff: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        causes = [*BY_COORDINATORS, *([WithdrawalCause.CLOSURE] if is_staff else [])]
        self.fields["cause"].choices = [(cause.value, cause.label) for cause in causes]  # type: ignore[attr-defined]
        if not is_staff:
            del self.fields["is_forced"]

    def clean_cause(self) -> WithdrawalCause:
        return WithdrawalCause(self.cleaned_data["cause"])


class LeaveOpenForm(OnceForm):
    """Until when a substitute is named."""

    until = forms.DateField(
        label=_("Name the substitutes by"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("By 5:00 PM of that day. A seat without a name then goes back, at what the terms say of that day."),
    )


class PaysForm(OnceForm):
    """Who pays, and under which purchase order."""

    pays = forms.ChoiceField(label=_("Who pays"))
    purchase_order = forms.ModelChoiceField(
        PurchaseOrder.objects.none(), label=_("Purchase order"), required=False, empty_label=_("Comes later")
    )
    reason = forms.CharField(label=_("Reason, if you like"), max_length=LONGEST_REASON, required=False)

    def __init__(self, *args: Any, options: Sequence[Option], purchase_orders: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pays"].choices = [(option.key, str(option)) for option in options if option.is_whole]  # type: ignore[attr-defined]
        self.fields["purchase_order"].queryset = purchase_orders  # type: ignore[attr-defined]


class AcceptForm(PaysForm):
    """Who pays for a seat that is taken over."""

    reason = None  # type: ignore[assignment]  # how Django takes a field away


class TransferForm(PaysForm):
    """Where to, who pays there; leaving is free where it is in nobody's power."""

    to = forms.ModelChoiceField(Institute.objects.none(), label=_("To"), empty_label=None)
    is_forced = forms.BooleanField(
        label=_("Beyond anyone's power: leaving costs nothing"),
        required=False,
        help_text=_("Say what happened, as the reason; the version of the terms is kept with it."),
    )
    kept = forms.DecimalField(widget=forms.HiddenInput, required=False)
    field_order = ["submission_key", "to", "pays", "purchase_order", "is_forced", "reason", "kept"]

    def __init__(self, *args: Any, institutes: Any, is_staff: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = institutes  # type: ignore[attr-defined]
        self.fields["to"].label_from_instance = _offered  # type: ignore[attr-defined]
        pays: Any = self.fields["pays"]
        pays.choices = [("", _("Whoever pays now")), *pays.choices]
        pays.required = False
        self.fields["purchase_order"].help_text = _(
            "For the money chosen above; whoever pays now keeps the one there is."
        )
        if not is_staff:
            del self.fields["is_forced"]


def _offered(institute: Institute) -> str:
    return f"{institute}, {date_format(institute.starts_on, 'M j, Y')}, ${institute.price:,.2f}"


class ReasonForm(OnceForm):
    """Why, and nothing else."""

    reason = forms.CharField(label=_("Reason"), max_length=LONGEST_REASON)


class AskForm(OnceForm):
    """Which district is asked to take a seat over, and why."""

    district = forms.ModelChoiceField(Organization.objects.none(), error_messages={"required": _("Choose a district.")})
    reason = forms.CharField(label=_("Reason, if you like"), max_length=LONGEST_REASON, required=False)

    def __init__(self, *args: Any, districts: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["district"].queryset = districts  # type: ignore[attr-defined]
