"""The vendor packet: what a business office asks for before it pays somebody for the first time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Prefetch

from billing.models import Payee, PayeePaper
from billing.wording import day
from office import archives, files, paper
from office.models import StoredFile
from people.models import Provider, User

W9 = "W-9"


class CannotPack(Exception):
    """The paper is not kept; the sentence says why."""


@dataclass(frozen=True)
class Packet:
    """A payee with its papers; the sheet that says where to send money is made when it is asked for."""

    payee: Payee
    others: list[PayeePaper]


def packets(payee_id: int | None = None) -> list[Packet]:
    """The packets of all payees, or of one, by name. They are made for every district that may come to pay."""
    rows = Payee.objects.select_related("organization", "w9").order_by("organization__search_key")
    papers = PayeePaper.objects.select_related("file").order_by("title")
    found = rows if payee_id is None else rows.filter(pk=payee_id)
    return [
        Packet(payee, payee.papers_here)
        for payee in found.prefetch_related(Prefetch("papers", queryset=papers, to_attr="papers_here"))
    ]


@transaction.atomic
def keep_w9(payee: Payee, file: StoredFile) -> None:
    """The W-9 that is given from now on; an earlier one stays among the files."""
    Payee.objects.filter(pk=payee.pk).update(w9=file)


@transaction.atomic
def keep_paper(payee: Payee, title: str, file: StoredFile, *, by: User, at: datetime) -> PayeePaper:
    """Another paper under a title; the same title again is its new version. Raises CannotPack."""
    named = " ".join(title.split())
    if not named or named.casefold() == W9.casefold():
        raise CannotPack("Choose W-9 above, or write another title.")
    made: PayeePaper = PayeePaper.objects.update_or_create(
        payee=payee, title=named, defaults={"file": file, "by": by, "at": at}
    )[0]
    return made


def leave_out(found: PayeePaper) -> None:
    """Take a paper out of the packet."""
    found.delete()


def remit_to_sheet(payee: Payee, *, at: datetime) -> bytes:
    """One page that says who is paid and where money goes. Raises CannotRender."""
    provider = Provider.objects.get()
    context = {
        "payee": str(payee),
        "remit_to": payee.remit_to.splitlines(),
        "has_w9": payee.w9_id is not None,
        "day": day(at.date()),
        "provider": {"name": provider.name, "email": provider.email, "phone": provider.phone},
    }
    return paper.render("paper/remit_to.html", context, title=f"Where to send payment: {payee}")


def stream(packet: Packet, *, at: datetime) -> Iterator[bytes]:
    """All of a packet as one ZIP; without the sheet where this machine makes no paper."""
    return archives.stream(_contents(packet, at))


def _contents(packet: Packet, at: datetime) -> Iterator[tuple[str, bytes | StoredFile]]:
    if packet.payee.w9:
        yield _named(W9, packet.payee.w9), packet.payee.w9
    try:
        yield "Where to send payment.pdf", remit_to_sheet(packet.payee, at=at)
    except paper.CannotRender as refusal:
        yield "Where to send payment.txt", f"{packet.payee.remit_to}\n\n{refusal}\n".encode()
    for one in packet.others:
        yield _named(one.title, one.file), one.file


def _named(title: str, file: StoredFile) -> str:
    """The title as a file's name, with the ending of what it is."""
    return files.tidy_name(title.replace("/", "-") + files.ENDINGS.get(file.type, ""))
