"""The forms of a roster's money."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from billing.forms.fields import DollarsField, OrganizationField
from billing.models import Source
from people.access import Action, Who, may
from people.forms import OnceForm
from people.models import Organization
from registrations import funding
from registrations.chaperones import CHAPERONE
from registrations.funding import Option
from registrations.rosters.pricing import Shortage


class PayForm(forms.Form):
    """Who pays for the rows that are ticked, for all, or for those whom nobody pays for yet."""

    rows = forms.TypedMultipleChoiceField(coerce=int, required=False)
    everyone = forms.CharField(required=False)
    pays = forms.ChoiceField(label=_("Who pays"))
    rest = forms.ChoiceField(label=_("Who pays the days that it does not cover"), required=False)

    def __init__(
        self,
        *args: Any,
        rows: Mapping[int, str],
        options: Sequence[Option],
        takes_chaperones: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.paid = rows
        self.options = {option.key: option for option in options}
        self.fields["rows"].choices = [(key, key) for key in rows]  # type: ignore[attr-defined]
        named = [(key, str(option)) for key, option in self.options.items() if not option.is_spent]
        free = [(CHAPERONE, _("Nobody: a chaperone, at no cost"))] if takes_chaperones else []
        self.fields["pays"].choices = named + free  # type: ignore[attr-defined]
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
        first = self.options.get(asked["pays"])
        pays = asked["pays"] if first is None or first.is_whole else f"{first.key}+{asked['rest']}"
        if asked["everyone"] == "unpaid":
            return [key for key, paid in self.paid.items() if not paid], pays
        return (list(self.paid) if asked["everyone"] else asked["rows"]), pays


class ShortForm(forms.Form):
    """Of those for whom an agreement does not suffice: whom it pays, and what becomes of the others."""

    agreement = forms.IntegerField(widget=forms.HiddenInput)
    funded = forms.TypedMultipleChoiceField(coerce=int, required=False)
    others = forms.ChoiceField(label=_("The others"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, shortage: Shortage, options: Sequence[Option], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"auto_id": f"short_{shortage.agreement.pk}_%s"})
        self.shortage = shortage
        keys = [verdict.row.key for verdict, _is_paid in shortage.rows]
        self.fields["agreement"].initial = shortage.agreement.pk
        self.fields["funded"].choices = [(key, key) for key in keys]  # type: ignore[attr-defined]
        other = [option for option in options if option.is_whole and not option.is_spent]
        self.fields["others"].initial = "funds"
        self.fields["others"].choices = [  # type: ignore[attr-defined]
            ("funds", _("wait in line until there are funds")),
            *((one.key, _("are paid by %s") % one) for one in other if one.agreement != shortage.agreement),
        ]

    def clean_funded(self) -> list[int]:
        funded: list[int] = self.cleaned_data["funded"]
        most = self.shortage.funded
        if len(funded) > most:
            raise forms.ValidationError(
                ngettext(
                    "%(money)s pays for %(most)s person; you ticked %(ticked)s.",
                    "%(money)s pays for %(most)s people; you ticked %(ticked)s.",
                    most,
                )
                % {"money": self.shortage.agreement, "most": most, "ticked": len(funded)}
            )
        return funded

    def chosen(self) -> tuple[list[int], list[int], str]:
        """Who is funded, who is not, and what pays for these: nothing, where they wait."""
        funded, others = self.cleaned_data["funded"], self.cleaned_data["others"]
        keys = [verdict.row.key for verdict, _is_paid in self.shortage.rows]
        return funded, [key for key in keys if key not in funded], "" if others == "funds" else others


class LineForm(OnceForm):
    """A line of the district's own money, or of whoever else pays for some of its people."""

    payer = forms.TypedChoiceField(label=_("Who pays"), coerce=int)
    other_payer = OrganizationField(
        label=_("Another organization that pays"),
        required=False,
        help_text=_("Such as a county office that has agreed to it: its name, or its CDS code."),
    )
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
    attested_by = forms.CharField(
        label=_("Who attests it"),
        max_length=150,
        required=False,
        help_text=_("Such as the director of state and federal programs; left empty, it is you."),
    )
    attests = forms.BooleanField(
        label=_("It is attested that this money may be used so"),
        required=False,
        help_text=_("Kept with the name and the time, for the auditor."),
    )
    evidence = forms.FileField(
        label=_("Evidence"),
        required=False,
        help_text=_("Such as the page of your plan: PDF or a picture, up to 20 MB."),
        widget=forms.FileInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg"}),
    )

    def __init__(self, *args: Any, sponsor: Organization, who: Who, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.payers = {each.pk: each for each in funding.payers_for(sponsor)}
        self.fields["payer"].choices = [(key, str(each)) for key, each in self.payers.items()]  # type: ignore[attr-defined]
        self.fields["payer"].initial = sponsor.pk
        if len(self.payers) == 1:
            self.fields["payer"].widget = forms.HiddenInput()
            self.fields["payer"].required = False
        if not may(who, Action.FUND):
            del self.fields["other_payer"]
        own = [source for source in Source if source not in {Source.GRANT, Source.CONTRACT, Source.PRIVATE}]
        self.fields["source"].choices = [(source.value, source.label) for source in own]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        asked: dict[str, Any] = super().clean() or {}
        if asked.get("source") in {Source.LCFF_BASE, Source.LCFF_SUPPLEMENTAL} and not asked.get("attests"):
            self.add_error("attests", _("LCFF money needs someone who attests it."))
        return asked

    def who_pays(self) -> Organization | None:
        """Who was named; nobody in particular is the sponsor itself."""
        asked = self.cleaned_data
        return asked.get("other_payer") or self.payers.get(asked.get("payer") or 0)


class PayForOthersForm(LineForm):
    """A line by which an organization pays for the people of another; it says so itself."""

    district = OrganizationField(label=_("Whose people it pays for"))
    field_order = ["district"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["payer"]
        self.fields.pop("other_payer", None)


class PurchaseOrderForm(OnceForm):
    """A purchase order, now or when it has come."""

    number = forms.CharField(label=_("Number"), max_length=60, help_text=_("As it is printed; any form is right."))
    amount = DollarsField(label=_("Amount in dollars"))
    issued_on = forms.DateField(label=_("Issued on"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    expires_on = forms.DateField(label=_("Expires on"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    file = forms.FileField(
        label=_("The purchase order itself"),
        required=False,
        help_text=_("PDF or a picture, up to 20 MB."),
        widget=forms.FileInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg"}),
    )
