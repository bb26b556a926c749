"""Mail is written in the caller's transaction, sent by a task, and never twice."""

import socket
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from office import delivery, files, post
from office.models import Message, Outcome, OutcomeKind
from office.post import Letter
from people.models import Person
from tests import make
from tests.fakes.smtp import MailServer
from tests.races import at_once

NOW = make.NOW
pytestmark = pytest.mark.usefixtures("provider")


def letter(to: str = "ana.torres@avusd.example.test", **more) -> Letter:
    return Letter(
        **{"to": to, "subject": "Your seat", "template": "mail/notice", "context": {"text": "You are in."}} | more
    )


@pytest.fixture
def mail_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    """A server on loopback, spoken to by Django's own SMTP client."""
    with MailServer() as server:
        monkeypatch.setattr(settings, "EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
        monkeypatch.setattr(settings, "EMAIL_HOST", "127.0.0.1")
        monkeypatch.setattr(settings, "EMAIL_PORT", server.port)
        yield server


def deliver(*messages: Message, is_last_try: bool = False) -> int:
    return delivery.deliver([message.pk for message in messages], at=NOW, is_last_try=is_last_try)


# --- Writing --------------------------------------------------------------------------------------------------------


def test_a_mail_greets_its_person_and_names_the_provider(ana: Person) -> None:
    message = post.send(letter(person=ana, context={"text": "You are in.", "url": "https://example.test/x"}), at=NOW)

    assert message.text == (
        "Dear Ana Torres,\n\nYou are in.\n\nOpen the page:\nhttps://example.test/x\n\n-- \nSierra Science Collaborative\n"
    )
    assert "<p style=" in message.html
    assert "Dear Ana Torres," in message.html


def test_names_are_escaped_in_html_and_plain_in_text() -> None:
    message = post.send(letter(context={"person_name": "<b>O'Neill", "text": "5 < 6"}), at=NOW)

    assert "Dear <b>O'Neill," in message.text
    assert "Dear &lt;b&gt;O&#x27;Neill," in message.html
    assert "<b>" not in message.html


def test_a_subject_stays_on_one_line() -> None:
    message = post.send(letter(subject="Your seat\r\nBcc: all@example.test" + " long" * 50), at=NOW)

    assert message.subject.startswith("Your seat Bcc: all@example.test long")
    assert len(message.subject) == 200


def test_a_key_sends_once() -> None:
    first = post.send(letter(key="confirmation 7"), at=NOW)
    again = post.send(letter(key="confirmation 7", subject="Other words"), at=NOW + timedelta(hours=1))

    assert again == first
    assert Message.objects.count() == ProcrastinateJob.objects.count() == 1


def test_a_key_that_comes_twice_in_one_bundle_sends_once() -> None:
    first, second = post.send_all([letter(key="a"), letter(key="a")], at=NOW)

    assert first == second
    assert Message.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_key_asked_for_by_eight_at_once_sends_once() -> None:

    answers = at_once(*[lambda: post.send(letter(key="one"), at=NOW).pk] * 8)

    assert set(answers) == {Message.objects.get().pk}
    assert ProcrastinateJob.objects.count() == 1


@pytest.mark.parametrize("many", [1, 30])
def test_a_bundle_of_any_size_takes_the_same_number_of_queries(many: int, django_assert_num_queries) -> None:
    calendar = files.keep(b"BEGIN:VCALENDAR", name="a.ics", type=files.ICS, by=None, at=NOW)
    letters = [letter(key=f"key {number}", attachments=(calendar,)) for number in range(many)]

    with django_assert_num_queries(7):  # savepoints included
        post.send_all(letters, at=NOW)

    assert ProcrastinateJob.objects.get().args == {
        "messages": list(Message.objects.order_by("pk").values_list("pk", flat=True))
    }


def test_no_letters_are_no_work(django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        assert post.send_all([], at=NOW) == []


@pytest.mark.django_db(transaction=True)
def test_what_the_caller_takes_back_was_never_sent() -> None:

    with transaction.atomic():
        post.send(letter(), at=NOW)
        transaction.set_rollback(True)

    assert (Message.objects.count(), ProcrastinateJob.objects.count()) == (0, 0)


def test_sending_again_makes_a_copy_and_leaves_the_first(ana: Person) -> None:
    calendar = files.keep(b"BEGIN:VCALENDAR", name="a.ics", type=files.ICS, by=None, at=NOW)
    first = post.send(letter(person=ana, key="confirmation 7", attachments=(calendar,)), at=NOW)

    copy = post.again(first, at=NOW + timedelta(days=1))

    assert (copy.text, copy.person, copy.key) == (first.text, ana, None)
    assert [attachment.file for attachment in copy.attachments.all()] == [calendar]
    assert Message.objects.count() == 2


# --- Delivering -----------------------------------------------------------------------------------------------------


def test_a_mail_arrives_with_text_html_and_its_attachment(mail_server: MailServer) -> None:
    calendar = files.keep(b"BEGIN:VCALENDAR\r\n", name="día.ics", type=files.ICS, by=None, at=NOW)
    message = post.send(letter(subject="Sesión de José", attachments=(calendar,)), at=NOW)

    assert deliver(message) == 0

    [arrived] = mail_server.mails()
    assert (arrived["Subject"], arrived["To"]) == ("Sesión de José", "ana.torres@avusd.example.test")
    assert [part.get_content_type() for part in arrived.walk() if not part.is_multipart()] == [
        "text/plain", "text/html", "text/calendar",
    ]  # fmt: skip
    assert [part.get_filename() for part in arrived.iter_attachments()] == ["día.ics"]
    assert [outcome.kind for outcome in message.outcomes.all()] == [OutcomeKind.SENT]


def test_a_job_that_runs_twice_sends_once(mail_server: MailServer) -> None:
    message = post.send(letter(), at=NOW)

    deliver(message)
    deliver(message)

    assert len(mail_server.mails()) == 1
    assert message.outcomes.count() == 1


@pytest.mark.django_db(transaction=True)
def test_eight_workers_with_one_job_send_once(mail_server: MailServer) -> None:
    message = post.send(letter(), at=NOW)

    answers = at_once(*[lambda: deliver(message)] * 8)

    assert answers == [0] * 8
    assert len(mail_server.mails()) == 1


def test_a_busy_server_is_tried_again(mail_server: MailServer) -> None:
    busy, fine = post.send_all([letter("busy@example.test"), letter("fine@example.test")], at=NOW)
    mail_server.answers["busy@example.test"] = "450 Try later"

    assert deliver(busy, fine) == 1
    del mail_server.answers["busy@example.test"]
    assert deliver(busy, fine) == 0

    assert sorted(mail["To"] for mail in mail_server.mails()) == ["busy@example.test", "fine@example.test"]


def test_an_address_that_is_refused_for_good_has_failed_at_once(mail_server: MailServer) -> None:
    gone, fine = post.send_all([letter("gone@example.test"), letter("fine@example.test")], at=NOW)
    mail_server.answers["gone@example.test"] = "550 No such person"

    assert deliver(gone, fine) == 0

    assert "No such person" in gone.outcomes.get(kind=OutcomeKind.FAILED).detail
    assert fine.outcomes.get().kind == OutcomeKind.SENT


def test_what_is_no_address_has_failed_at_once(mail_server: MailServer) -> None:
    nowhere = post.send(letter("ana at home\nBcc: all@example.test"), at=NOW)

    assert deliver(nowhere) == 0

    assert nowhere.outcomes.get().kind == OutcomeKind.FAILED
    assert mail_server.mails() == []


def test_a_server_that_is_away_is_tried_again_and_then_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as unheard:  # bound, but nobody listens
        unheard.bind(("127.0.0.1", 0))
        monkeypatch.setattr(settings, "EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
        monkeypatch.setattr(settings, "EMAIL_HOST", "127.0.0.1")
        monkeypatch.setattr(settings, "EMAIL_PORT", unheard.getsockname()[1])
        message = post.send(letter(), at=NOW)

        assert deliver(message) == 1
        assert Outcome.objects.count() == 0
        assert deliver(message, is_last_try=True) == 0

    assert message.outcomes.get().kind == OutcomeKind.FAILED
    assert "refused" in message.outcomes.get().detail


def test_a_message_that_was_erased_is_no_longer_sent(mail_server: MailServer) -> None:
    message = post.send(letter(), at=NOW)
    key = message.pk
    message.delete()

    assert delivery.deliver([key], at=NOW, is_last_try=False) == 0
    assert mail_server.mails() == []
