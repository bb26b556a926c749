"""The only sender of mail: a message is written and its delivery deferred, in the caller's transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.utils import translation

from office import tasks
from office.models import Attachment, Message, StoredFile
from people.models import Person, Provider

LONGEST_SUBJECT = 200


@dataclass(frozen=True)
class Letter:
    """A mail to be: `mail/confirmation` stands for the templates mail/confirmation.txt and .html.

    The context is plain data; `url` and `action` become the button, `person_name` the greeting (the person's own name
    unless given). A key sends once, however often it is asked for. `about` says what it is about, such as `order 12`.
    """

    to: str
    subject: str
    template: str
    context: dict[str, Any] = field(default_factory=dict)
    person: Person | None = None
    about: str = ""
    attachments: tuple[StoredFile, ...] = ()
    key: str | None = None


def send(letter: Letter, *, at: datetime) -> Message:
    """Write one message and defer its delivery."""
    return send_all([letter], at=at)[0]


def send_all(letters: Sequence[Letter], *, at: datetime) -> list[Message]:
    """Write many messages, in the order of the letters, and defer one task that delivers them all."""
    if not letters:
        return []
    shared = _shared_context()
    with translation.override(settings.LANGUAGE_CODE):  # the reader's language is not that of whoever clicked
        messages = [_written(letter, shared, at=at) for letter in letters]
    return post_all(messages, [letter.attachments for letter in letters])


def post_all(messages: Sequence[Message], attachments: Sequence[Iterable[StoredFile]]) -> list[Message]:
    """Keep messages already worded and defer their delivery; one whose key was sent before is answered with the first."""
    try:
        return _posted(messages, attachments)
    except IntegrityError:  # another sent one of the keys between our look and our insert
        return _posted(messages, attachments)


def again(message: Message, *, at: datetime) -> Message:
    """Send a copy of a message to the same address: the first stays as it was."""
    copy = Message(
        to=message.to,
        person=message.person,
        subject=message.subject,
        text=message.text,
        html=message.html,
        about=message.about,
        at=at,
    )
    return post_all([copy], [[attachment.file for attachment in message.attachments.select_related("file")]])[0]


def link(path: str) -> str:
    """The address of a page as a mail must write it."""
    return f"{settings.SITE_URL.rstrip('/')}{path}"


@transaction.atomic
def _posted(messages: Sequence[Message], attachments: Sequence[Iterable[StoredFile]]) -> list[Message]:
    keys = [message.key for message in messages if message.key]
    known: dict[str, Message] = {}
    if keys:
        known = {message.key or "": message for message in Message.objects.filter(key__in=keys)}
    new: list[tuple[Message, Iterable[StoredFile]]] = []
    answer = []
    for message, files in zip(messages, attachments, strict=True):
        if message.key and message.key in known:
            answer.append(known[message.key])
            continue
        if message.key:
            known[message.key] = message
        new.append((message, files))
        answer.append(message)
    if new:
        Message.objects.bulk_create([message for message, _files in new])
        Attachment.objects.bulk_create(
            Attachment(message=message, file=file) for message, files in new for file in files
        )
        tasks.deliver.defer(messages=[message.pk for message, _files in new])
    return answer


def _shared_context() -> dict[str, Any]:
    provider = Provider.objects.first()
    return {
        "provider_name": provider.name if provider else "Cadre",
        "provider_email": provider.email if provider else "",
        "provider_phone": provider.phone if provider else "",
        "site_url": settings.SITE_URL,
    }


def _written(letter: Letter, shared: dict[str, Any], *, at: datetime) -> Message:
    subject = one_line(letter.subject)
    context = {
        "person_name": letter.person.display_name if letter.person else "",
        "subject": subject,
        **shared,
        **letter.context,
    }
    return Message(
        to=letter.to.strip(),
        person=letter.person,
        subject=subject,
        text=render_to_string(f"{letter.template}.txt", context).strip() + "\n",
        html=render_to_string(f"{letter.template}.html", context),
        about=letter.about,
        key=letter.key,
        at=at,
    )


def one_line(words: str) -> str:
    """A subject: a line break in it would end the header, and start another of the writer's choice."""
    line = " ".join(words.split())
    return line if len(line) <= LONGEST_SUBJECT else f"{line[: LONGEST_SUBJECT - 1]}…"
