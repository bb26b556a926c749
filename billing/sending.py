"""Sending issued invoices: the PDF is made once and kept; each mail that carried it is a Dispatch."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from billing import checkouts, printing, tasks
from billing.models import Dispatch, Invoice
from billing.wording import day, dollars
from office import files, misprints, post, presses
from office.models import StoredFile
from people.models import User


class CannotSend(Exception):
    """The invoice did not go out; the sentence says why."""


def send(invoice: Invoice, *, by: User | None, at: datetime, key: str = "first") -> Dispatch:
    """Send an issued invoice to the payer's accounts payable, with its PDF; the same key sends once.

    Without an address the PDF is kept all the same, and the Dispatch has no message. Raises CannotSend for a draft
    and CannotRender where no paper can be made. The PDF is made before the transaction, as it takes its time.
    """
    if not invoice.is_issued:
        raise CannotSend(f"{invoice} is not issued yet.")
    first = invoice.dispatches.select_related("file").order_by("pk").first()
    pdf = first.file if first else _kept(invoice, printing.pdf_of(invoice), by=by, at=at)
    return _dispatch(invoice, pdf, by=by, at=at, key=key)


def send_all(keys: Sequence[int], *, by: int | None, at: datetime, key: str) -> None:
    """Send many, in the order of their keys, printed over all cores. One that cannot be printed keeps nobody waiting."""
    sender = User.objects.filter(pk=by).first() if by else None
    issued = Invoice.objects.issued().filter(pk__in=keys).select_related("payer", "agreement", "corrects")
    for printed in issued.filter(dispatches__isnull=False).distinct().order_by("pk"):
        send(printed, by=sender, at=at, key=key)
    unprinted = list(issued.filter(dispatches__isnull=True).order_by("pk"))
    with presses.presses(len(unprinted)) as pool:
        pdfs = presses.press([printing.job_of(invoice) for invoice in unprinted], pool)
        for invoice, pdf in zip(unprinted, pdfs, strict=True):
            if isinstance(pdf, bytes):
                _dispatch(invoice, _kept(invoice, pdf, by=sender, at=at), by=sender, at=at, key=key)
            else:
                misprints.note({_about(invoice): pdf}, at=at)


def send_again(invoice: Invoice, *, by: User, key: str) -> None:
    """Have an invoice sent once more, in the background; to the address that holds today. Raises CannotSend.

    One that could not be printed is tried again, also where only its paper is kept as there is no address.
    """
    if not invoice.payer.ap_email and not reasons_unprinted([invoice]):
        raise CannotSend(f"{invoice.payer} has no accounts payable e-mail: set it first.")
    with transaction.atomic():
        misprints.forget([_about(invoice)])
        tasks.send.defer(invoices=[invoice.pk], by=by.pk, key=key)


def reasons_unprinted(invoices: Iterable[Invoice]) -> dict[int, str]:
    """Why those of them that could not be printed could not, by their keys."""
    abouts = {_about(invoice): invoice.pk for invoice in invoices}
    return {abouts[about]: reason for about, reason in misprints.reasons(abouts).items()}


def _kept(invoice: Invoice, pdf: bytes, *, by: User | None, at: datetime) -> StoredFile:
    return files.keep(pdf, name=f"{invoice.reference}.pdf", type=files.PDF, by=by, at=at)


@transaction.atomic
def _dispatch(invoice: Invoice, pdf: StoredFile, *, by: User | None, at: datetime, key: str) -> Dispatch:
    Invoice.objects.select_for_update().get(pk=invoice.pk)
    misprints.forget([_about(invoice)])
    more = {"file": pdf, "by": by, "at": at}
    if not invoice.payer.ap_email:
        return invoice.dispatches.order_by("pk").first() or Dispatch.objects.create(invoice=invoice, **more)
    message = post.send(_letter(invoice, pdf, key=key), at=at)
    return Dispatch.objects.get_or_create(invoice=invoice, message=message, defaults=more)[0]


def _about(invoice: Invoice) -> str:
    """What mail and papers about it are filed under."""
    return f"invoice {invoice.pk}"


def _letter(invoice: Invoice, pdf: StoredFile, *, key: str) -> post.Letter:
    context = printing.context_of(invoice)
    words = {
        name: context[name]
        for name in ("kind", "reference", "about", "purchase_order", "remit_to", "provider", "corrects")
    }
    if context["corrects"]:
        words |= {"credit": dollars(-context["total"]), "after": dollars(context["corrects"]["after"])}
    words["pay_link"] = checkouts.link_to(invoice)
    return post.Letter(
        to=invoice.payer.ap_email,
        subject=f"{context['kind']} {invoice.reference}: {invoice.about}",
        template="mail/invoice",
        context=words
        | {"total": dollars(context["total"]), "due_on": day(context["due_on"]), "payer": str(invoice.payer)},
        about=_about(invoice),
        attachments=(pdf,),
        key=f"invoice-{invoice.pk}-{key}",
    )
