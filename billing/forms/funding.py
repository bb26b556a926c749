"""Agreements, shares, funding lines, purchase orders, payers and payees."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from billing.forms.fields import DayField, DollarsField, OrganizationField
from billing.models import AgreementKind, FundingAgreement, FundingLine, Payee, Payer, PurchaseOrder, Source
from people import once


class OnceModelForm(forms.ModelForm):
    """A form of a row, with a key of its own (people.once); the verb writes the row."""

    submission_key = forms.CharField(max_length=100, widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["submission_key"].initial = once.new_key()

    def clean_submission_key(self) -> str:
        return self.cleaned_data["submission_key"] or once.new_key()


class AgreementForm(OnceModelForm):
    """An agreement of one kind: a grant asks for its funder, a contract for its district and rate."""

    district = OrganizationField(label=_("Invoiced to"), required=False)
    amount = DollarsField(label=_("Amount"), required=False, help_text=_("Empty: without a limit."))
    rate = DollarsField(label=_("Rate"), required=False, help_text=_("Dollars a day or a seat, as the contract says."))
    starts_on = DayField(label=_("First day"))
    ends_on = DayField(label=_("Last day"))
    records_until = DayField(label=_("Keep its records until"), required=False)

    ASKED = {
        AgreementKind.GRANT: ["funder", "award_no", "amount", "starts_on", "ends_on", "records_until", "district"],
        AgreementKind.FEE_FOR_SERVICE: ["district", "award_no", "amount", "rate", "starts_on", "ends_on", "wording"],
        AgreementKind.LCFF: ["district", "amount", "starts_on", "ends_on", "wording"],
    }

    class Meta:
        model = FundingAgreement
        fields = ["name", "funder", "award_no", "amount", "rate", "starts_on", "ends_on", "records_until", "wording"]
        widgets = {"wording": forms.Textarea({"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = AgreementKind(self.instance.kind)
        asked = ["submission_key", "name", *self.ASKED[kind]]
        self.fields = {name: self.fields[name] for name in asked}
        self.fields["district"].initial = self.instance.payer and self.instance.payer.organization
        if kind == AgreementKind.GRANT:
            hint = _("Only where a district is invoiced under it. Empty: the grant is charged and nobody is invoiced.")
            self.fields["district"].help_text = hint
        else:
            self.fields["district"].required = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("starts_on"), cleaned.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", ValidationError(_("The last day is before the first.")))
        return cleaned


class ShareForm(forms.Form):
    """A district that an agreement serves."""

    district = OrganizationField(label=_("District"))
    amount = DollarsField(label=_("At most"), required=False, help_text=_("Empty: no limit of its own."))


class LineForm(OnceModelForm):
    """What the paper of a district says under an agreement."""

    district = OrganizationField(label=_("District whose people it pays for"))

    class Meta:
        model = FundingLine
        fields = [
            "source",
            "account_string",
            "lcap_year",
            "lcap_goal",
            "lcap_action",
            "is_contributing",
            "attested_by",
        ]
        labels = {"attested_by": _("Attested by"), "account_string": _("Account string, word for word")}
        help_texts = {"lcap_year": _("Such as 2026-27."), "attested_by": _("Name and office of whoever attested it.")}

    def __init__(self, *args: Any, agreement: FundingAgreement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if agreement.payer and agreement.payer.organization:
            self.fields["district"].initial = agreement.payer.organization
        if agreement.kind == AgreementKind.LCFF:
            self.fields["source"].initial = Source.LCFF_SUPPLEMENTAL


class PurchaseOrderForm(OnceModelForm):
    """A purchase order, with the paper itself."""

    district = OrganizationField(label=_("District"))
    amount = DollarsField(label=_("Amount"))
    issued_on = DayField(label=_("Issued on"), required=False)
    expires_on = DayField(label=_("Expires on"), required=False)
    upload = forms.FileField(label=_("The purchase order"), required=False, help_text=_("PDF or a photograph."))

    field_order = ["district", "number", "amount", "issued_on", "expires_on", "upload"]

    class Meta:
        model = PurchaseOrder
        fields = ["number", "amount", "issued_on", "expires_on"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.payer_id:
            self.fields["district"].initial = self.instance.payer.organization


class PayerForm(OnceModelForm):
    """Where invoices go, and when they are due."""

    class Meta:
        model = Payer
        fields = ["ap_email", "address", "terms_days"]
        widgets = {"address": forms.Textarea({"rows": 4})}
        labels = {"address": _("Address on invoices"), "terms_days": _("Days until an invoice is due")}


class PayeeForm(OnceModelForm):
    """Who is paid, and where to; who it is is asked once."""

    organization = OrganizationField(
        label=_("Who is paid"), help_text=_("The provider, or the fiscal agent of a roll-out.")
    )

    class Meta:
        model = Payee
        fields = ["remit_to", "prefix"]
        widgets = {"remit_to": forms.Textarea({"rows": 4})}
        labels = {"remit_to": _("Remit to"), "prefix": _("Before its numbers")}
        help_texts = {"remit_to": _("Name and address, as they are printed.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["organization"]
