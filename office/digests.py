"""What can wait until the morning: one mail a day to each reader, instead of forty."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from itertools import groupby
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from office import post
from office.models import DigestLine
from people.access import Role
from people.models import Membership, Organization, Person

MORNING = time(6, 30)
LONGEST_TEXT = 300
LONGEST_HEADING = 150


def note(
    *,
    to: str,
    heading: str,
    text: str,
    at: datetime,
    person: Person | None = None,
    organization: Organization | None = None,
    url: str = "",
    key: str | None = None,
) -> None:
    """Keep a line for the reader's next daily mail. A key is noted once, however often it is asked for.

    `url` is a path of ours ("/registrations/orders/12/") or a whole address; `heading` gathers lines, such as
    "LT27-01 Leadership Training".
    """
    DigestLine.objects.bulk_create(
        [
            DigestLine(
                to=to,
                person=person,
                organization=organization,
                heading=_short(heading, LONGEST_HEADING),
                text=_short(text, LONGEST_TEXT),
                url=url,
                key=key,
                at=at,
            )
        ],
        ignore_conflicts=True,
    )


def note_coordinators(
    organization: Organization, *, heading: str, text: str, at: datetime, url: str = "", key: str | None = None
) -> None:
    """Keep the line for each coordinator of a district."""
    for membership in coordinators_of(organization):
        note(
            to=membership.user.email,
            person=membership.user.person,
            organization=organization,
            heading=heading,
            text=text,
            url=url,
            key=key and f"{key}-{membership.user_id}",
            at=at,
        )


def coordinators_of(organization: Organization) -> Iterable[Membership]:
    """Those who read what concerns a district."""
    held = Membership.objects.active().filter(organization=organization, role=Role.COORDINATOR, user__is_active=True)
    return held.select_related("user__person").order_by("user", "pk").distinct("user")


@transaction.atomic
def send(*, at: datetime) -> int:
    """One mail to each reader for whom lines wait since the last morning or longer; how many mails.

    What is noted after 6:30 waits for the next day, so nobody gets a second mail on one, however often this runs.
    """
    waiting = DigestLine.objects.waiting().filter(at__lt=_last_morning(at))
    # Two workers on one morning: the later finds the rows locked, and skips what the first is sending.
    lines = list(
        waiting.select_for_update(skip_locked=True, of=("self",)).select_related("person").order_by("to", "pk")
    )
    readers = [(to, list(rows)) for to, rows in groupby(lines, key=lambda line: line.to)]
    messages = post.send_all([_letter(to, rows, at=at) for to, rows in readers], at=at)
    for message, (_to, rows) in zip(messages, readers, strict=True):
        DigestLine.objects.filter(pk__in=[row.pk for row in rows]).update(message=message)
    return len(messages)


def _last_morning(at: datetime) -> datetime:
    """The last half past six on the provider's clocks."""
    local = localtime(at)
    morning = local.replace(hour=MORNING.hour, minute=MORNING.minute, second=0, microsecond=0)
    return morning if morning <= local else morning - timedelta(days=1)


def _letter(to: str, lines: Sequence[DigestLine], *, at: datetime) -> post.Letter:
    day = date_format(localtime(at), "l, F j")
    return post.Letter(
        to=to,
        subject=_("Your institutes on %(day)s") % {"day": day},
        template="mail/digest",
        context={
            "day": day,
            "count": len(lines),
            "sections": _sections(lines),
            "url": post.link(reverse("portal:start")),
            "action": _("Open your page"),
        },
        person=next((line.person for line in lines if line.person), None),
        about="digest",
    )


def _sections(lines: Sequence[DigestLine]) -> list[dict[str, Any]]:
    """Lines under their headings, both in the order in which they came; what was said in the same words is said once."""
    sections: dict[str, dict[tuple[str, str], dict[str, str]]] = {}
    for line in lines:
        url = post.link(line.url) if line.url.startswith("/") else line.url
        sections.setdefault(line.heading, {})[line.text, url] = {"text": line.text, "url": url}
    return [{"heading": heading, "lines": list(rows.values())} for heading, rows in sections.items()]


def _short(words: str, longest: int) -> str:
    line = " ".join(words.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"
