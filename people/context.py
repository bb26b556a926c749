"""What every page knows: the provider's name and look, and the way around for whoever asks."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest  # noqa: TID251 - a context processor is handed the request
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from people.access import SPONSOR_ROLES, Action, Principal, may
from people.models import Provider

Audience = Callable[[Principal], bool]


@dataclass(frozen=True)
class Entry:
    """One line of the table below."""

    label: str | Promise
    url_name: str
    audience: Audience


@dataclass(frozen=True)
class Link:
    """One link as a page shows it."""

    label: str | Promise
    url: str
    current: bool = False


def anyone(_principal: Principal) -> bool:
    return True


def a_participant(principal: Principal) -> bool:
    return bool(principal.people) and not principal.is_provider


def a_sponsor(principal: Principal) -> bool:
    return bool(principal.roles & SPONSOR_ROLES)


def the_provider(principal: Principal) -> bool:
    return principal.is_provider


def a_collector(principal: Principal) -> bool:
    """Of a county office that may be a fiscal agent."""
    return may(principal, Action.COLLECT)


def staff_who(action: Action) -> Audience:
    """Those on the provider's staff whose role allows the action."""
    return lambda principal: principal.is_provider and may(principal, action)


PUBLIC = (
    Entry(_("Institutes"), "events:institutes", anyone),
    Entry(_("Programs"), "events:programs", anyone),
    Entry(_("Verify a certificate"), "certificates:verify", anyone),
)
WORK = (
    Entry(_("Today"), "portal:today", the_provider),
    Entry(_("Institutes"), "events:staff_institutes", staff_who(Action.SCHEDULE)),
    Entry(_("Orders"), "registrations:orders", staff_who(Action.REGISTER)),
    Entry(_("Invoices"), "billing:invoices", staff_who(Action.SEE_MONEY)),
    Entry(_("Agreements"), "billing:agreements", staff_who(Action.SEE_MONEY)),
    Entry(_("Directory"), "people:directory", staff_who(Action.KEEP_DIRECTORY)),
    Entry(_("Mail"), "office:mail", staff_who(Action.READ_MAIL)),
    Entry(_("My district"), "portal:district", a_sponsor),
    Entry(_("Payable to us"), "billing:agent", a_collector),
    Entry(_("My learning"), "portal:participant", a_participant),
)


class Site:
    """The frame of a page. It reads nothing before a template asks."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def provider(self) -> Provider | None:
        """The provider's row, or nothing in a new installation."""
        return Provider.objects.first()

    @property
    def name(self) -> str:
        return self.provider.name if self.provider else ""

    @property
    def logo(self) -> str:
        """The address of the logo, or nothing."""
        return _address("portal:logo") if self.provider and self.provider.logo else ""

    @property
    def brand(self) -> str:
        """The address of the style sheet with the provider's colors; it changes with them, so it may be kept for long."""
        address = _address("portal:brand")
        if not self.provider or not address:
            return ""
        return f"{address}?{quote(self.provider.color_primary + self.provider.color_accent, safe='')}"

    @cached_property
    def public(self) -> list[Link]:
        """The pages that are anyone's."""
        return self._links(PUBLIC, Principal())

    @cached_property
    def nav(self) -> list[Link]:
        """The pages of one's work; the public ones too for all but the provider's staff."""
        principal = Principal.of(self._request.user)
        return self._links(WORK if principal.is_provider else WORK + PUBLIC, principal)

    def _links(self, entries: tuple[Entry, ...], principal: Principal) -> list[Link]:
        found = [(entry.label, _address(entry.url_name)) for entry in entries if entry.audience(principal)]
        here = self._request.path
        under = [url for _label, url in found if url and (here == url or (url != "/" and here.startswith(url)))]
        current = max(under, key=len, default=None)
        return [Link(label, url, current=url == current) for label, url in found if url]


def _address(url_name: str) -> str:
    """Where a page lives, or nothing while there is no such page."""
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""


def site(request: HttpRequest) -> dict[str, Any]:
    """For every template: `site.name`, `site.logo`, `site.brand`, `site.nav`, `site.public`, `site.provider`.

    base.html calls it `frame`, because allauth's views put a `site` of their own over this one.
    """
    frame = Site(request)
    return {"site": frame, "frame": frame}
