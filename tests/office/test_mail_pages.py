"""Staff find every mail, read it, send it again; secrets in it stay its reader's."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from office import delivery, files, mailbox, post
from office.accounts import ABOUT
from office.models import Message, OutcomeKind
from office.post import Letter
from people.models import Person, User
from tests import make

NOW = make.NOW
pytestmark = pytest.mark.usefixtures("provider")


def sent(subject: str = "Your seat", to: str = "ana@example.test", minutes: int = 0, **more) -> Message:
    letter = Letter(to, subject, "mail/notice", {"text": "You are in."}, **more)
    return post.send(letter, at=NOW + timedelta(minutes=minutes))


def test_mail_is_listed_newest_first_with_what_became_of_it(as_user, omar: User, ana: Person) -> None:
    sent("First").outcomes.create(kind=OutcomeKind.SENT, at=NOW)
    sent("Second", minutes=1, person=ana)

    page = as_user(omar).get("/staff/mail/")

    assert [(message.subject, state["label"]) for message, state in page.context["rows"]] == [
        ("Second", "On its way"),
        ("First", "Sent"),
    ]
    assert "Ana Torres" in page.content.decode()


@pytest.mark.parametrize(("words", "found"), [("tomas", ["B"]), ("SEAT a", ["Seat A"]), ("nothing", [])])
def test_mail_is_found_by_address_and_subject(as_user, omar: User, words: str, found: list[str]) -> None:
    sent("Seat A")
    sent("B", to="tomas@example.test")

    page = as_user(omar).get("/staff/mail/", {"q": words})

    assert [message.subject for message, _state in page.context["rows"]] == found


@pytest.mark.parametrize("many", [1, 3])
def test_the_list_takes_the_same_number_of_queries(
    as_user, omar: User, ana: Person, many: int, django_assert_num_queries
) -> None:
    for number in range(many):
        sent(f"Mail {number}", person=ana).outcomes.create(kind=OutcomeKind.SENT, at=NOW)
    client = as_user(omar)

    with django_assert_num_queries(8):
        client.get("/staff/mail/")


def test_pages_go_on_to_older_and_back_to_newer_mail(provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "PAGE", 2)
    keys = [sent(f"{number}", minutes=number // 2).pk for number in range(5)][::-1]

    first = mailbox.page(Message.objects.all())
    second = mailbox.page(Message.objects.all(), after=first.after)
    third = mailbox.page(Message.objects.all(), after=second.after)
    back = mailbox.page(Message.objects.all(), before=third.before)
    start = mailbox.page(Message.objects.all(), before=back.before)

    shown = [[message.pk for message in page.messages] for page in (first, second, third, back, start)]
    assert shown == [keys[:2], keys[2:4], keys[4:], keys[2:4], keys[:2]]
    assert (first.before, third.after, start.before) == (None, None, None)


def test_a_page_beyond_the_end_is_empty(as_user, omar: User) -> None:
    first = sent()

    assert as_user(omar).get("/staff/mail/", {"after": first.pk}).context["rows"] == []
    assert as_user(omar).get("/staff/mail/", {"before": first.pk}).context["rows"] == []
    assert len(as_user(omar).get("/staff/mail/", {"after": "x"}).context["rows"]) == 1


def test_a_mail_shows_its_text_its_attachments_and_what_became_of_it(as_user, omar: User) -> None:
    calendar = files.keep(b"BEGIN:VCALENDAR\r\n", name="seat.ics", type=files.ICS, by=None, at=NOW)
    message = sent(attachments=(calendar,))
    message.outcomes.create(kind=OutcomeKind.FAILED, detail="550 No such person", at=NOW)

    page = as_user(omar).get(f"/staff/mail/{message.pk}/").content.decode()

    for words in ("You are in.", "seat.ics", "550 No such person", "Could not be sent"):
        assert words in page


def test_the_html_of_a_mail_runs_nothing_and_is_framed_by_us_alone(as_user, omar: User) -> None:
    message = sent()

    page = as_user(omar).get(f"/staff/mail/{message.pk}/html/")

    policy = page["Content-Security-Policy"]
    assert page.content.decode().replace('<base target="_blank">', "") == message.html
    assert "default-src 'none'" in policy
    assert "sandbox allow-popups allow-popups-to-escape-sandbox" in policy
    assert "frame-ancestors 'self'" in policy
    assert "script-src" not in policy
    assert page["X-Frame-Options"] == "SAMEORIGIN"


def test_an_attachment_is_given_with_its_own_mail_only(as_user, omar: User) -> None:
    calendar = files.keep(b"BEGIN:VCALENDAR\r\n", name="seat.ics", type=files.ICS, by=None, at=NOW)
    message, other = sent(attachments=(calendar,)), sent()
    attachment = message.attachments.get()

    answer = as_user(omar).get(f"/staff/mail/{message.pk}/attachments/{attachment.pk}/")

    assert b"".join(answer.streaming_content) == b"BEGIN:VCALENDAR\r\n"
    assert as_user(omar).get(f"/staff/mail/{other.pk}/attachments/{attachment.pk}/").status_code == 404


def test_a_mail_is_sent_again_once_however_often_the_button_is_pressed(as_user, omar: User) -> None:
    message = sent()
    client = as_user(omar)

    first = client.post(f"/staff/mail/{message.pk}/send-again/", {"submission_key": "k"})
    second = client.post(f"/staff/mail/{message.pk}/send-again/", {"submission_key": "k"})

    copy = Message.objects.exclude(pk=message.pk).get()
    assert first["Location"] == second["Location"] == f"/staff/mail/{copy.pk}/"
    assert (copy.to, copy.text) == (message.to, message.text)


def secret() -> Message:
    return sent("Choose a new password", about=ABOUT)


def test_a_key_to_an_account_is_shown_to_no_staff(as_user, omar: User, settings) -> None:
    settings.DEMO = False
    from allauth.mfa.models import Authenticator  # noqa: PLC0415 - omar sees money, so he has a second factor

    Authenticator.objects.create(user=omar, type=Authenticator.Type.TOTP, data={})
    client, message = as_user(omar), secret()

    assert "You are in." not in client.get(f"/staff/mail/{message.pk}/").content.decode()
    assert client.get(f"/staff/mail/{message.pk}/html/").status_code == 404
    assert client.post(f"/staff/mail/{message.pk}/send-again/").status_code == 404


def test_a_demo_shows_it_as_there_is_no_other_way_to_read_it(as_user, omar: User, settings) -> None:
    settings.DEMO = True

    assert "You are in." in as_user(omar).get(f"/staff/mail/{secret().pk}/").content.decode()


@pytest.mark.parametrize("path", ["", "{pk}/", "{pk}/html/", "{pk}/attachments/1/"])
def test_a_district_reads_no_mail(as_user, dolores: User, ana: Person, path: str) -> None:
    message = sent(person=ana)

    assert as_user(dolores).get(f"/staff/mail/{path.format(pk=message.pk)}").status_code in {403, 404}


# --- Work in the background -----------------------------------------------------------------------------------------


def fail(message: Message) -> int:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed', attempts = 7 RETURNING id")
        return int(cursor.fetchone()[0])


def test_what_was_given_up_is_shown_and_starts_again(as_user, omar: User) -> None:
    job = fail(sent())
    client = as_user(omar)

    page = client.get("/staff/jobs/")
    client.post(f"/staff/jobs/{job}/try-again/")

    assert [one.pk for one in page.context["failed"]] == [job]
    assert page.context["counts"] == {"doing": 0, "due": 0, "later": 0, "failed": 1}
    assert client.get("/staff/jobs/").context["counts"] == {"doing": 0, "due": 1, "later": 0, "failed": 0}


def test_mails_that_were_given_up_with_a_job_are_sent_when_it_is_tried_again(as_user, omar: User) -> None:
    letters = [Letter("ana@example.test", subject, "mail/notice", {"text": "Hello"}) for subject in ("Seat", "Gone")]
    message, gone = post.send_all(letters, at=NOW)
    gone.outcomes.create(kind=OutcomeKind.SENT, at=make.NOW)
    message.outcomes.create(kind=OutcomeKind.FAILED, detail="no server", at=make.NOW)
    assert list(Message.objects.failed()) == [message]

    job = fail(message)
    shown = as_user(omar).post(f"/staff/jobs/{job}/try-again/", follow=True)
    assert f"Job {job} starts again." in shown.content.decode()
    assert delivery.deliver([message.pk, gone.pk], at=make.NOW, is_last_try=True) == 0

    assert [each.subject for each in mail.outbox] == ["Seat"]
    assert list(message.outcomes.order_by("pk").values_list("kind", flat=True)) == ["failed", "again", "sent"]
    assert not Message.objects.failed()


def test_a_mail_that_is_given_up_a_second_time_has_failed_again(as_user, omar: User) -> None:
    message = sent()
    message.outcomes.create(kind=OutcomeKind.FAILED, at=make.NOW)
    delivery.want_again([message.pk], at=make.NOW)
    delivery.want_again([message.pk], at=make.NOW)  # pressed twice
    assert "To be tried again" in as_user(omar).get("/staff/mail/").content.decode()

    message.outcomes.create(kind=OutcomeKind.FAILED, at=make.NOW)

    assert message.outcomes.count() == 3
    assert message.is_ended()


def test_a_job_that_goes_on_cannot_be_started_again(as_user, omar: User) -> None:
    sent()
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM procrastinate_jobs")
        job = cursor.fetchone()[0]

    assert as_user(omar).post(f"/staff/jobs/{job}/try-again/").status_code == 404


@pytest.mark.parametrize(("seconds", "is_silent"), [(5, False), (120, True)])
def test_a_silent_worker_is_said_to_be_silent(as_user, omar: User, seconds: int, is_silent: bool) -> None:
    with connection.cursor() as cursor:
        heard = timezone.now() - timedelta(seconds=seconds)
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s)", [heard])

    page = as_user(omar).get("/staff/jobs/")

    assert ("No worker is at work" in page.content.decode()) is is_silent


def test_a_district_sees_no_jobs(as_user, dolores: User) -> None:
    assert as_user(dolores).get("/staff/jobs/").status_code == 403
    assert as_user(dolores).post("/staff/jobs/1/try-again/").status_code == 403
