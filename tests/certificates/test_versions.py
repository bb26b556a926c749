"""A certificate is corrected by a version of its own and revoked by a row of its own, never edited."""

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from certificates import issuing
from certificates.models import Certificate, CertificateKind, Download, Rendering, Revocation
from office import files
from people.models import Person, User
from registrations.models import AttendanceEvent, EventKind, Registration
from tests.certificates import world
from tests.races import at_once

# --- Versions -------------------------------------------------------------------------------------------------------


def test_a_correction_is_a_new_version_that_supersedes_the_old(certificate: Certificate, omar: User) -> None:
    Person.objects.filter(pk=certificate.person_id).update(display_name="Ana Torres-Nuñez")

    second = issuing.reissue(certificate, reason="name", by=omar, at=world.AFTER)

    assert (second.version, second.supersedes, second.name, second.reason) == (
        2,
        certificate,
        "Ana Torres-Nuñez",
        "name",
    )
    assert second.code != certificate.code
    assert Certificate.objects.get(pk=certificate.pk).name == "Ana Torres"
    assert list(Certificate.objects.current()) == [second]


def test_a_third_version_follows_the_second_only(certificate: Certificate, omar: User) -> None:
    Person.objects.update(display_name="Ana T.")
    second = issuing.reissue(certificate, reason="name", by=omar, at=world.AFTER)
    Person.objects.update(display_name="Ana Torres")

    with pytest.raises(issuing.CannotReissue, match="Version 2 took its place"):
        issuing.reissue(certificate, reason="name", by=omar, at=world.AFTER)
    assert issuing.reissue(second, reason="name", by=omar, at=world.AFTER).version == 3


def test_where_nothing_changed_there_is_no_new_version(certificate: Certificate, omar: User) -> None:
    with pytest.raises(issuing.CannotReissue, match="Nothing that is printed has changed"):
        issuing.reissue(certificate, reason="again", by=omar, at=world.AFTER)


def test_a_new_version_says_why(certificate: Certificate, omar: User) -> None:
    with pytest.raises(issuing.CannotReissue, match="Say why"):
        issuing.reissue(certificate, reason="  ", by=omar, at=world.AFTER)


@pytest.mark.parametrize("gone", ["hours", "seat"])
def test_who_has_earned_none_any_more_gets_no_new_version(certificate: Certificate, omar: User, gone: str) -> None:
    if gone == "seat":
        Registration.objects.update(ended_at=world.AFTER)
    else:
        registration = Registration.objects.get()
        for session in registration.institute.sessions.filter(counts=True):
            AttendanceEvent.objects.create(
                registration=registration, session=session, kind=EventKind.ADJUST, minutes=-600, reason="two badges",
                at=world.AFTER, recorded_at=world.AFTER,
            )  # fmt: skip

    with pytest.raises(issuing.CannotReissue, match="Revoke the certificate instead"):
        issuing.reissue(certificate, reason="hours", by=omar, at=world.AFTER)


@pytest.mark.django_db(transaction=True)
def test_of_eight_who_correct_one_certificate_at_once_one_does(certificate: Certificate, omar: User) -> None:
    Person.objects.update(display_name="Ana T.")

    answers = at_once(*[lambda: issuing.reissue(certificate, reason="name", by=omar, at=world.AFTER)] * 8)

    assert sum(isinstance(answer, Certificate) for answer in answers) == 1
    assert sum(isinstance(answer, issuing.CannotReissue) for answer in answers) == 7


def test_a_certificate_of_service_is_not_made_anew_from_what_was_attended(certificate: Certificate, omar: User) -> None:
    service = Certificate.objects.create(
        person=certificate.person,
        institute=certificate.institute,
        kind=CertificateKind.SERVICE,
        snapshot=certificate.snapshot,
        issued_at=world.AFTER,
    )

    with pytest.raises(issuing.CannotReissue, match="Only a certificate of attendance"):
        issuing.reissue(service, reason="name", by=omar, at=world.AFTER)


# --- Revoked --------------------------------------------------------------------------------------------------------


def test_a_revoked_certificate_stays_and_no_longer_holds(certificate: Certificate, omar: User) -> None:
    issuing.revoke(certificate, reason="attendance correction", by=omar, at=world.AFTER)

    assert list(Certificate.objects.current()) == []
    assert issuing.issue_all(certificate.institute, by=None, at=world.AFTER) == []  # type: ignore[arg-type]
    with pytest.raises(issuing.CannotRevoke, match="was revoked before"):
        issuing.revoke(certificate, reason="again", by=omar, at=world.AFTER)
    with pytest.raises(issuing.CannotReissue, match="was revoked"):
        issuing.reissue(certificate, reason="name", by=omar, at=world.AFTER)


def test_a_revocation_says_why(certificate: Certificate, omar: User) -> None:
    with pytest.raises(issuing.CannotRevoke, match="Say why"):
        issuing.revoke(certificate, reason=" ", by=omar, at=world.AFTER)


def test_the_version_that_holds_is_the_one_revoked(certificate: Certificate, omar: User) -> None:
    Person.objects.update(display_name="Ana T.")
    issuing.reissue(certificate, reason="name", by=omar, at=world.AFTER)

    with pytest.raises(issuing.CannotRevoke, match="Version 2 took its place"):
        issuing.revoke(certificate, reason="fraud", by=omar, at=world.AFTER)


# --- Never edited ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", ["update", "delete"])
@pytest.mark.parametrize("model", [Certificate, Rendering, Revocation, Download])
def test_the_database_refuses_to_change_what_was_said(
    certificate: Certificate, omar: User, model: Any, change: str
) -> None:
    file = make_file()
    Rendering.objects.create(certificate=certificate, sha256="0" * 64, file=file, renderer="x", at=world.AFTER)
    Revocation.objects.create(certificate=certificate, reason="x", by=omar, at=world.AFTER)
    Download.objects.create(certificate=certificate, at=world.AFTER)
    rows = model.objects.all()

    with pytest.raises(DatabaseError, match=f"Cannot {change} rows|Cannot update or delete rows"), transaction.atomic():
        rows.update(id=0) if change == "update" else rows._raw_delete(rows.db)


def test_a_later_version_names_the_one_before_and_its_reason(certificate: Certificate) -> None:
    with pytest.raises(IntegrityError, match="a_later_version_supersedes_one_and_says_why"):
        Certificate.objects.create(
            person=certificate.person, institute=certificate.institute, version=2, snapshot={}, issued_at=world.AFTER
        )


def make_file() -> Any:
    return files.keep(b"%PDF-", name="x.pdf", type=files.PDF, by=None, at=world.AFTER)


def test_a_certificate_and_what_became_of_it_say_what_they_are(certificate: Certificate, omar: User) -> None:
    revoked = issuing.revoke(certificate, reason="hours", by=omar, at=world.AFTER)
    download = Download.objects.create(certificate=certificate, by=omar, at=world.AFTER)
    rendering = Rendering.objects.create(certificate=certificate, sha256="ab" * 32, file=make_file(), at=world.AFTER)

    assert [str(row) for row in (certificate, revoked, download, rendering)] == [
        certificate.code,
        f"{certificate.code} revoked",
        f"{certificate.code} downloaded",
        "ab" * 32,
    ]
