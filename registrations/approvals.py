"""Approvals: a principal or the business office says by a mailed link whether a roster may be sent. No account needed.

A link that is opened tells what is asked and changes nothing, as mail scanners open links; the answer is a click and a
name on the page behind it. An approval is of the roster as it stood at a revision.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from billing.wording import day, dollars
from events import printed, terms
from office import post
from people.models import User
from people.names import tidy
from registrations import funding
from registrations.models import Approval, Decision, RosterDraft
from registrations.rosters import drafting, pricing
from registrations.rosters.pricing import Bill, Price
from registrations.wording import count

VALID_FOR = timedelta(days=30)
_SALT = "registrations.approvals"


class CannotApprove(Exception):
    """Nothing was asked or answered; the sentence says why."""


class LinkRefused(CannotApprove):
    """The link is not ours, was altered, or is too old."""


@dataclass(frozen=True)
class Standing:
    """How the approvals of a roster stand: those asked, and what holds of the answers."""

    approvals: list[Approval]
    revision: int

    @property
    def asked(self) -> list[Approval]:
        """Not answered yet."""
        return [one for one in self.approvals if not one.decision]

    @property
    def latest(self) -> list[Approval]:
        """The last question to each who was asked, with its answer."""
        return list({one.email: one for one in reversed(self.approvals)}.values())

    @property
    def declined(self) -> list[Approval]:
        return [one for one in self.latest if one.decision == Decision.DECLINED and self.holds(one)]

    @property
    def outdated(self) -> list[Approval]:
        """Answered, and the roster changed since."""
        return [one for one in self.latest if one.decision and not self.holds(one)]

    @property
    def is_approved(self) -> bool:
        """By everybody who was asked, as it stands."""
        return bool(self.latest) and not self.sentence

    def holds(self, approval: Approval) -> bool:
        """Whether it is about the roster as it stands."""
        return approval.revision == self.revision

    @property
    def sentence(self) -> str:
        """What stands in the way of sending the roster; nothing where nobody was asked, or all approved it."""
        if self.asked:
            said = _("%(who)s was asked to approve this roster and has not answered. Wait, or take the question back.")
            return said % {"who": ", ".join(one.name or one.email for one in self.asked)}
        for one in self.declined:
            said = _("%(who)s declined this roster. Change it and ask again, or take the question back.")
            return f"{said % {'who': one.decided_by}} {one.answer and f'“{one.answer}”'}".strip()
        for one in self.outdated:
            said = _("%(who)s %(decision)s the roster before it changed. Ask again, or take the question back.")
            return said % {"who": one.decided_by, "decision": one.get_decision_display().lower()}
        return ""


@dataclass(frozen=True)
class Seen:
    """What the page behind a link shows: the roster as it stands, its money and its terms. Nothing else."""

    approval: Approval
    draft: RosterDraft
    people: list[str]
    unnamed: int
    bills: list[Bill]
    total: Decimal
    terms: list[str]
    is_outdated: bool


# --- Asking -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def ask(draft: RosterDraft, *, email: str, name: str = "", note: str = "", by: User, at: datetime) -> Approval:
    """Ask somebody by mail to approve a roster as it stands now. Raises CannotApprove."""
    fresh = _locked(draft.pk)
    address = tidy(email).lower()
    try:
        validate_email(address)
    except ValidationError:
        raise CannotApprove(_("“%s” is not an e-mail address.") % address) from None
    if fresh.approvals.asked().filter(email=address, revision=fresh.revision).exists():
        raise CannotApprove(_("%s was asked already, and has not answered yet.") % address)
    price, people, unnamed = _priced(fresh, by, at)
    if not people and not unnamed:
        raise CannotApprove(_("No row of this roster takes a seat yet, so there is nothing to approve."))
    made: Approval = Approval.objects.create(
        draft=fresh,
        revision=fresh.revision,
        amount=price.total,
        email=address,
        name=tidy(name)[:150],
        note=" ".join(note.split())[:300],
        asked_by=by,
        asked_at=at,
    )
    post.send(_letter(made, fresh, len(people) + unnamed, by), at=at)
    return made


@transaction.atomic
def take_back(approval: Approval, *, at: datetime) -> None:
    """Ask no longer, or let an answer count no longer. The link then says so. Raises CannotApprove."""
    _locked(approval.draft_id)
    if not Approval.objects.filter(pk=approval.pk, taken_back_at__isnull=True).update(taken_back_at=at):
        raise CannotApprove(_("This was taken back already."))


def standing(draft: RosterDraft) -> Standing:
    """The approvals of a roster that were not taken back, the latest first."""
    rows = draft.approvals.filter(taken_back_at__isnull=True).select_related("asked_by").order_by("-pk")
    return Standing(list(rows), draft.revision)


# --- Answering --------------------------------------------------------------------------------------------------------


def read(token: str) -> Approval:
    """What a link is about. Raises LinkRefused."""
    try:
        key = signing.loads(token, salt=_SALT, max_age=VALID_FOR)
    except signing.SignatureExpired:
        raise LinkRefused(_("This link has expired after 30 days. Ask whoever sent the roster to ask again.")) from None
    except signing.BadSignature:
        raise LinkRefused(_("This link is not complete. Open it from the mail again, or copy all of it.")) from None
    rows = Approval.objects.select_related("draft__sponsor", "draft__institute__terms", "asked_by__person")
    found: Approval | None = rows.filter(pk=key).first()
    if found is None:
        raise LinkRefused(_("This link is not complete. Open it from the mail again, or copy all of it."))
    return found


def seen_by(approval: Approval, *, at: datetime) -> Seen:
    """What the page shows of the roster, with the eyes of whoever asked."""
    draft = approval.draft
    price, people, unnamed = _priced(draft, approval.asked_by, at)
    return Seen(
        approval,
        draft,
        people,
        unnamed,
        [bill for bill in price.bills if bill.seats],
        price.total,
        terms.sentences(draft.institute.terms),
        is_outdated=draft.revision != approval.revision,
    )


@transaction.atomic
def decide(token: str, *, decision: Decision, name: str, words: str = "", at: datetime) -> Approval:
    """Answer, once: under the lock of the roster, which must be as it was shown. Raises CannotApprove."""
    approval = read(token)
    draft = _locked(approval.draft_id)
    rows = Approval.objects.select_for_update(of=("self",)).select_related("asked_by__person")
    fresh: Approval = rows.get(pk=approval.pk)
    reason = why_not(fresh, draft)
    if reason:
        raise CannotApprove(reason)
    if not tidy(name):
        raise CannotApprove(_("Write your name: the answer is kept under it."))
    fresh.decision, fresh.decided_by, fresh.decided_at = decision, tidy(name)[:150], at
    fresh.answer = " ".join(words.split())[:300]
    fresh.save(update_fields=["decision", "decided_by", "decided_at", "answer"])
    _tell_who_asked(fresh, draft, at=at)
    return fresh


def why_not(approval: Approval, draft: RosterDraft) -> str:
    """Why this can be answered no longer, or nothing."""
    if approval.taken_back_at:
        return _("This question was taken back; nothing is needed from you any more.")
    if approval.decision:
        said = {"who": approval.decided_by, "decision": approval.get_decision_display().lower()}
        return _("%(who)s answered this already: %(decision)s.") % said
    if draft.order_id:
        return _("This roster was sent meanwhile; nothing is needed from you any more.")
    if draft.revision != approval.revision:
        return _("The roster changed after you were asked. If your word is still needed, you will be asked again.")
    return ""


# --- Parts ------------------------------------------------------------------------------------------------------------


def _locked(key: int) -> RosterDraft:
    rows = RosterDraft.objects.select_for_update(of=("self",)).select_related("sponsor", "institute__terms")
    draft: RosterDraft = rows.get(pk=key)
    return draft


def _priced(draft: RosterDraft, who: User | None, at: datetime) -> tuple[Price, list[str], int]:
    """What a roster costs, the names of those who take seats, and how many seats get their names later."""
    verdicts = [verdict for verdict in drafting.judged(draft, at, who=who) if verdict.takes_a_seat] if who else []
    options = funding.eligible(draft.sponsor, draft.institute, who=who) if who else []
    price = pricing.price_of(verdicts, options, draft.institute, {})
    named = [verdict.row.name for verdict in verdicts if not verdict.row.is_unnamed]
    return price, named, len(verdicts) - len(named)


def _letter(approval: Approval, draft: RosterDraft, seats: int, by: User) -> post.Letter:
    institute = draft.institute
    token = signing.dumps(approval.pk, salt=_SALT)
    return post.Letter(
        to=approval.email,
        subject=f"Please approve: {count(seats, 'seat', 'seats')} for {draft.sponsor} at {institute.code}",
        template="mail/approval",
        context={
            "person_name": approval.name,
            "who": str(by.person or by),
            "sponsor": str(draft.sponsor),
            "institute": str(institute),
            "days": printed.days(institute.starts_on, institute.ends_on),
            "seats": seats,
            "amount": dollars(approval.amount),
            "note": approval.note,
            "last_day": day(localdate(approval.asked_at + VALID_FOR)),
            "url": post.link(reverse("registrations:approval", args=[token])),
            "action": _("Read the roster and answer"),
        },
        about=f"approval {approval.pk}",
        key=f"approval-{approval.pk}",
    )


def _tell_who_asked(approval: Approval, draft: RosterDraft, *, at: datetime) -> None:
    """At once: her roster waits for it."""
    if approval.asked_by is None:
        return
    said: dict[str, Any] = {
        "who": approval.decided_by,
        "is_approved": approval.decision == Decision.APPROVED,
        "institute": str(draft.institute),
        "words": approval.answer,
        "url": post.link(reverse("registrations:roster_confirm", args=[draft.pk])),
        "action": _("Go on with the roster"),
    }
    verb = "approved" if said["is_approved"] else "declined"
    letter = post.Letter(
        to=approval.asked_by.email,
        subject=f"{approval.decided_by} {verb} the roster for {draft.institute.code}",
        template="mail/approval_answer",
        context=said,
        person=approval.asked_by.person,
        about=f"approval {approval.pk}",
        key=f"approval-{approval.pk}-answer",
    )
    post.send(letter, at=at)
