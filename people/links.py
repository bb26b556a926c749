"""Signed links: a page for one person, without a password.

A link may be opened any number of times until it expires, so a mail scanner that opens it uses nothing up;
whatever changes something asks for a click on the page behind it.
"""

from datetime import timedelta

from django.core import signing

from people.models import Person

_SALT = "people.links"


class LinkRefused(Exception):
    """The link is not ours, was altered, or is too old."""


def sign(person: Person, *, purpose: str, about: str = "") -> str:
    """The signed part of a link for one person and one purpose, such as `certificates`."""
    return signing.dumps([person.pk, purpose, about], salt=_SALT)


def read(token: str, *, purpose: str, valid_for: timedelta = timedelta(days=365)) -> tuple[Person, str]:
    """The person (as merged today) and what the link is about. Raises LinkRefused with a sentence."""
    try:
        key, signed_purpose, about = signing.loads(token, salt=_SALT, max_age=valid_for)
    except signing.SignatureExpired:
        raise LinkRefused("This link has expired. Ask for a new one below.") from None
    except (signing.BadSignature, ValueError, TypeError):
        raise LinkRefused("This link is not complete. Open it from the mail again, or copy all of it.") from None
    person = Person.objects.filter(pk=key).select_related("merged_into").first()
    if signed_purpose != purpose or person is None:
        raise LinkRefused("This link is for another page. Open it from the mail again.")
    return person.merged_into or person, about
