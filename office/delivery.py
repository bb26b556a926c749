"""Handing messages to the mail server, and noting what it said."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPSenderRefused
from urllib.parse import urlsplit

from anymail.exceptions import AnymailError
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils.http import http_date

from office.files import ICS
from office.models import Message, Outcome, OutcomeKind

FAILURES = (OSError, AnymailError, ValueError)
"""What a mail server, a provider's API and a wrong address raise; smtplib's own are OSErrors."""
METHOD = re.compile(rb"^METHOD:([A-Z]+)\r?$", re.MULTILINE)


def deliver(keys: Sequence[int], *, at: datetime, is_last_try: bool) -> int:
    """Send those that were not sent yet; how many must be tried again.

    A mail that its server refuses for good has failed at once; any other has failed after the last try.
    """
    door = get_connection()
    try:
        door.open()
    except FAILURES as failure:
        if is_last_try:
            _give_up(keys, failure, at=at)
        return 0 if is_last_try else len(keys)
    try:
        return sum(not _delivered(key, door, at=at, is_last_try=is_last_try) for key in keys)
    finally:
        door.close()


@transaction.atomic
def want_again(keys: Sequence[int], *, at: datetime) -> None:
    """Messages that were given up are to be tried again; of those that were sent nothing changes."""
    locked = Message.objects.select_for_update().filter(pk__in=keys).order_by("pk")
    given_up = Message.objects.failed().filter(pk__in=[message.pk for message in locked])
    Outcome.objects.bulk_create(Outcome(message=message, kind=OutcomeKind.AGAIN, at=at) for message in given_up)


@transaction.atomic
def _delivered(key: int, door: BaseEmailBackend, *, at: datetime, is_last_try: bool) -> bool:
    """Whether nothing is left to do for this one."""
    # The one lock that is held over a network: two workers with one job must not both send. Nobody else waits for it.
    message = Message.objects.select_for_update().filter(pk=key).first()
    # Asked after the lock was won: a condition in the locking query is judged by what was true before the wait.
    if message is None or message.is_ended():
        return True
    try:
        _mail(message, door).send()
    except FAILURES as failure:
        door.close()  # a connection that was lost is opened anew for the next one
        if not (is_last_try or _is_for_good(failure)):
            return False
        _note_failure([message], failure, at=at)
    else:
        message.outcomes.create(kind=OutcomeKind.SENT, at=at)
    return True


def _mail(message: Message, door: BaseEmailBackend) -> EmailMultiAlternatives:
    # One Message-ID for every try: should a worker die between sending and noting it, mail programs show one mail.
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    headers = {
        "Message-ID": f"<{message.pk}.{message.at.timestamp():.0f}@{host}>",
        "Date": http_date(message.at.timestamp()),
    }
    mail = EmailMultiAlternatives(message.subject, message.text, to=[message.to], connection=door, headers=headers)
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    for attachment in message.attachments.select_related("file").order_by("pk"):
        with attachment.file.bytes.open("rb") as file:
            content = file.read()
        mail.attach(attachment.file.name, content, _type_of(attachment.file.type, content))
    return mail


def _type_of(kind: str, content: bytes) -> str:
    """A calendar says on the outside, too, whether it publishes or cancels: mail programs act on that (RFC 6047, 2.4)."""
    method = METHOD.search(content) if kind == ICS else None
    return f"{kind}; method={method[1].decode()}" if method else kind


def _is_for_good(failure: Exception) -> bool:
    """Whether the answer was about this one mail, and final."""
    if isinstance(failure, SMTPRecipientsRefused):
        return all(code >= 500 for code, _words in failure.recipients.values())
    if isinstance(failure, SMTPSenderRefused | SMTPDataError):
        return failure.smtp_code >= 500
    return isinstance(failure, ValueError)  # not an address


@transaction.atomic
def _give_up(keys: Sequence[int], failure: Exception, *, at: datetime) -> None:
    locked = list(Message.objects.select_for_update().filter(pk__in=keys).order_by("pk"))
    _note_failure(Message.objects.undelivered().filter(pk__in=[message.pk for message in locked]), failure, at=at)


def _note_failure(messages: Iterable[Message], failure: Exception, *, at: datetime) -> None:
    words = (" ".join(str(failure).split()) or type(failure).__name__)[:300]
    Outcome.objects.bulk_create(
        Outcome(message=message, kind=OutcomeKind.FAILED, detail=words, at=at) for message in messages
    )
