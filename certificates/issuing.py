"""Certificates: who earned one; issued to all at once, issued anew, revoked. None is ever edited."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from certificates import snapshots, tasks
from certificates.models import Certificate, CertificateKind, Revocation
from certificates.snapshots import Snapshot
from events import printed
from events.models import Institute
from office import misprints
from people.models import Person, User
from registrations import hours
from registrations.hours_rules import Explanation
from registrations.models import Registration

LONGEST_REASON = 200
LOOKED_BACK = timedelta(days=30)
"""How long after an institute certificates are still issued by themselves, as hours are corrected late."""


class CannotIssue(Exception):
    """No certificates can be issued now; the sentence says why."""


class CannotReissue(Exception):
    """There is no next version to issue; the sentence says why."""


class CannotRevoke(Exception):
    """The certificate cannot be revoked; the sentence says why."""


@dataclass(frozen=True)
class Earned:
    """One person at an institute: what her certificate says or would say, why she earned none, and the one she has."""

    person: Person
    sponsor_id: int | None
    snapshot: Snapshot
    reason: str = ""
    certificate: Certificate | None = None

    @property
    def is_earned(self) -> bool:
        return not self.reason

    @property
    def is_due(self) -> bool:
        """Earned, and never issued. One that was revoked is not issued again by itself."""
        return self.is_earned and self.certificate is None

    @property
    def is_outdated(self) -> bool:
        """What her certificate says is not what is true today: a name was corrected, or hours."""
        return self.certificate is not None and self.certificate.snapshot != self.snapshot


def earned(institute: Institute, *, people: Iterable[int] | None = None) -> list[Earned]:
    """Everyone in a seat of the institute, once, by name; `people` (keys of canonical people) narrows it.

    A fixed number of queries. The institute's rule is judged on the hours offered to her, which are fewer for a person
    who sat on some of the days; the certificate says what the whole institute offered (scenarios 6 and 23).
    """
    institute = _with_its_words(Institute.objects.all()).get(pk=institute.pk)
    registrations = _registrations(institute, people)
    blocks = hours.blocks_of(institute)
    explained = hours.explain_all(registrations, institute=institute, blocks=blocks)
    within = snapshots.frame(institute, blocks)
    held = _newest(institute)
    answer = []
    for key, rows in groupby(registrations, lambda one: one.person.canonical_id):
        hers = list(rows)
        person = hers[0].person.merged_into or hers[0].person
        found = [explained[one.pk] for one in hers]
        answer.append(
            Earned(
                person=person,
                sponsor_id=hers[0].seat.allotment.order.sponsor_id,
                snapshot=snapshots.of(person, hers, found, within=within),
                reason=_reason_not_earned(found, institute.hours_rule.certificate_percent),
                certificate=held.get(key),
            )
        )
    return sorted(answer, key=lambda one: (one.person.sort_key, one.person.pk))


def reason_not_to_issue(institute: Institute, *, at: datetime) -> str:
    """Why certificates cannot be issued yet, or at all; empty when they can."""
    if institute.is_canceled:
        return _("%(code)s was canceled: nobody earned a certificate.") % {"code": institute.code}
    end = institute.sessions.aggregate(end=Max("ends_at"))["end"]
    if end is None:
        return _("%(code)s has no agenda, so nobody can have earned hours.") % {"code": institute.code}
    if at < end:
        when = date_format(end.astimezone(institute.tz), "F j, g:i A")
        return _("%(code)s ends on %(when)s; certificates are issued after that.") % {
            "code": institute.code,
            "when": when,
        }
    return ""


@transaction.atomic
def issue_all(institute: Institute, *, by: User | None, at: datetime) -> list[Certificate]:
    """Give everyone who earned one and has none her certificate; mail and PDFs follow in the background.

    Of two who press at once the second waits for the first, and finds nobody without. `by` is nobody when certificates
    are issued by themselves. Raises CannotIssue before the last session has ended.
    """
    institute = Institute.objects.select_for_update(no_key=True).get(pk=institute.pk)
    refusal = reason_not_to_issue(institute, at=at)
    if refusal:
        raise CannotIssue(refusal)
    made = Certificate.objects.bulk_create(
        Certificate(
            person=one.person,
            institute=institute,
            sponsor_id=one.sponsor_id,
            snapshot=one.snapshot,
            issued_by=by,
            issued_at=at,
        )
        for one in earned(institute)
        if one.is_due
    )
    if made:
        tasks.follow_up.defer(certificates=[certificate.pk for certificate in made])
    return made


@transaction.atomic
def reissue(certificate: Certificate, *, reason: str, by: User, at: datetime) -> Certificate:
    """Issue the next version, which supersedes this one: what is true now, such as a name spelled right (scenario 8).

    Raises CannotReissue when nothing that is printed has changed, and when she has earned none any more.
    """
    _locked(certificate)
    refusal = _reason_not_to_reissue(certificate, reason)
    if refusal:
        raise CannotReissue(refusal)
    assert certificate.institute  # noqa: S101 - a certificate of attendance has one
    now = next(iter(earned(certificate.institute, people=[certificate.person.canonical_id])), None)
    if now is None or not now.is_earned:
        why = now.reason if now else _("She is in no seat.")
        raise CannotReissue(_("%(why)s Revoke the certificate instead.") % {"why": why})
    if now.snapshot == certificate.snapshot:
        raise CannotReissue(_("Nothing that is printed has changed, so the certificate stays as it is."))
    made = Certificate.objects.create(
        person=certificate.person,
        kind=certificate.kind,
        institute=certificate.institute,
        sponsor=certificate.sponsor,
        version=certificate.version + 1,
        supersedes=certificate,
        snapshot=now.snapshot,
        reason=reason.strip()[:LONGEST_REASON],
        issued_by=by,
        issued_at=at,
    )
    tasks.follow_up.defer(certificates=[made.pk])
    return made


@transaction.atomic
def revoke(certificate: Certificate, *, reason: str, by: User, at: datetime) -> Revocation:
    """Say that a certificate no longer holds (scenario 29); it stays, and so does what it said. Raises CannotRevoke."""
    _locked(certificate)
    if not reason.strip():
        raise CannotRevoke(_("Say why: the reason is kept."))
    if certificate.revocations.exists():
        raise CannotRevoke(_("%(code)s was revoked before.") % {"code": certificate.code})
    later = _later(certificate)
    if later:
        raise CannotRevoke(_("Version %(number)s took its place: revoke that one.") % {"number": later.version})
    return Revocation.objects.create(certificate=certificate, reason=reason.strip()[:LONGEST_REASON], by=by, at=at)


def issue_due(*, at: datetime) -> list[Certificate]:
    """Issue what is to be issued by itself: n hours after the last session, where the institute says so."""
    made = []
    for institute in due(at=at):
        made += issue_all(institute, by=None, at=at)
    return made


def due(*, at: datetime) -> list[Institute]:
    """Institutes whose time has come, with someone in a seat who has no certificate."""
    hers = Certificate.objects.filter(
        Q(person=OuterRef("person")) | Q(person=OuterRef("person__merged_into")), institute=OuterRef("institute")
    )
    without = Registration.objects.live().filter(~Exists(hers), institute=OuterRef("pk"))
    ended = (
        Institute.objects.held()
        .filter(Exists(without), certificates_after_hours__isnull=False)
        .annotate(end=Max(F("sessions__ends_at")))
        .filter(end__lte=at, end__gt=at - LOOKED_BACK)
        .order_by("pk")
    )
    return [one for one in ended if one.end + timedelta(hours=one.certificates_after_hours or 0) <= at]


# --- Below the verbs ------------------------------------------------------------------------------------------------


def _with_its_words(institutes: QuerySet) -> QuerySet:
    return institutes.select_related("program", "venue", "hours_rule", "host", "fiscal_agent")


def _registrations(institute: Institute, people: Iterable[int] | None) -> list[Registration]:
    """Those in their seats, a person's and her aliases' together, in the order of their days."""
    rows = Registration.objects.live().filter(institute=institute)
    if people is not None:
        keys = list(people)
        rows = rows.filter(Q(person__in=keys) | Q(person__merged_into__in=keys))
    rows = rows.select_related("person__merged_into", "school__organization", "seat__allotment__order__sponsor")
    return sorted(rows, key=lambda one: (one.person.canonical_id, one.first_day, one.pk))


@transaction.atomic
def print_again(institute: Institute) -> None:
    """Have the PDFs made that are missing; why they could not be made is forgotten until it is known anew."""
    unprinted = list(Certificate.objects.filter(institute=institute).current().unprinted().order_by("pk"))
    misprints.forget(one.about for one in unprinted)
    if unprinted:
        tasks.follow_up.defer(certificates=[one.pk for one in unprinted])


def _newest(institute: Institute) -> dict[int, Certificate]:
    """By canonical person, the certificate of attendance that she has, revoked or not."""
    rows = Certificate.objects.filter(
        institute=institute, kind=CertificateKind.ATTENDANCE, superseded_by__isnull=True
    ).select_related("person")
    newest: dict[int, Certificate] = {}
    for row in rows.prefetch_related("revocations").order_by("pk"):
        newest[row.person.canonical_id] = row
    return newest


def _reason_not_earned(explained: Sequence[Explanation], percent: int) -> str:
    minutes, offered = sum(one.earned for one in explained), sum(one.offered for one in explained)
    if minutes == 0:
        return _("No hours earned.")
    if minutes * 100 < offered * percent:
        return _("%(earned)s of %(offered)s hours; a certificate takes %(percent)s %%.") % {
            "earned": printed.hours(minutes),
            "offered": printed.hours(offered),
            "percent": percent,
        }
    return ""


def _reason_not_to_reissue(certificate: Certificate, reason: str) -> str:
    if not reason.strip():
        return _("Say why there is a new version: the reason is kept.")
    if certificate.kind != CertificateKind.ATTENDANCE:
        return _("Only a certificate of attendance is issued anew from what was attended.")
    if certificate.revocations.exists():
        return _("%(code)s was revoked, so it has no next version.") % {"code": certificate.code}
    later = _later(certificate)
    if later:
        return _("Version %(number)s took its place: issue that one anew.") % {"number": later.version}
    return ""


def _later(certificate: Certificate) -> Certificate | None:
    return Certificate.objects.filter(supersedes=certificate).first()


def _locked(certificate: Certificate) -> None:
    """Of two who correct one certificate at once the second sees what the first did."""
    Certificate.objects.select_for_update(no_key=True).get(pk=certificate.pk)
