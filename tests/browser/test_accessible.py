"""Every page that the cast reaches by links: accessible, whole on a phone, light, and without an error in its console."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import Resolver404, resolve
from playwright.sync_api import Page

from tests.browser import chromium, walk

FIRST_LOAD = 150_000
BEA, HAL = "bea@avusd.example.test", "hal@bristlecone.example.test"
DOORS = ["/", "/accounts/login/", "/accounts/password/reset/", "/accounts/login/code/", "/certificates/link/",
         "/verify/AAAA-AAAA-AAAA/", "/nowhere/"]  # fmt: skip
MISSING = re.compile("/verify/AAAA|/nowhere/")
PAPERS = re.compile(r"\.(pdf|csv|xlsx|zip|ics|svg)$|/attachments/\d+/$|^/(admin|api|static)/")
LINKS = "() => [...document.querySelectorAll('a[href]:not([download])')].map(one => one.href)"
SENT = """() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    .map(one => [one.name, one.encodedBodySize])"""
VIOLATIONS = "() => axe.run({resultTypes: ['violations']}).then(found => found.violations)"
TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.browser
@pytest.mark.embedded
def test_every_page_is_accessible_and_light_and_fits_a_phone(tmp_path: Path) -> None:
    with walk.demo(tmp_path) as site, walk.browser(chromium() or "") as opened:
        steps = walk.Walk(opened, site)
        stranger = opened.new_context(viewport=walk.DESKTOP).new_page()  # type: ignore[arg-type]
        looks = Looks(site)

        seen = dict(looks.at(stranger, [site + door for door in DOORS]))
        for email in (walk.DOLORES, BEA, HAL, walk.ANA):
            page = steps.as_(email)
            starts = [page.url, *roster(page, site)] if email == walk.DOLORES else [page.url]
            seen |= {f"{email} {name}": wrong for name, wrong in looks.at(page, starts)}
        omar = steps.as_(walk.OMAR)
        seen |= {f"staff {name}": wrong for name, wrong in Looks(site).at(omar, [omar.url, f"{site}/styleguide/"])}
        seen |= dict(looks.at(stranger, [mailed(omar, site, "principal@avusd", "approvals")]))

    assert {name: wrong for name, wrong in seen.items() if wrong} == {}
    assert len(seen) > 95


def roster(page: Page, site: str) -> list[str]:
    """A roster that was pasted: only a form leads to it."""
    landed = page.url
    page.get_by_role("link", name="Register people").first.click()
    page.locator("textarea").fill(walk.ROSTER)
    page.get_by_role("button", name="Look at the roster").click()
    page.wait_for_url(re.compile(r"/rosters/\d+/"))
    pasted = page.url
    page.goto(landed)
    return [pasted, f"{pasted}money/", f"{pasted}confirm/", f"{pasted}approval/"]


def mailed(omar: Page, site: str, to: str, path: str) -> str:
    """The link in the last mail to someone who has no account."""
    omar.goto(f"{site}/staff/mail/?q={to}")
    omar.locator("tbody a").first.click()
    link = re.search(rf"http://\S+/{path}/\S+", omar.locator("main").inner_text())
    assert link, f"the mail to {to} has no link"
    return link[0]


class Looks:
    """One look at each page, by its URL name, for all who share it; where one lands is looked at for each."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.known: set[str] = set()
        self.sizes: dict[str, int] = {}
        self.axe = Axe().axe_script

    def at(self, page: Page, starts: list[str]) -> Iterator[tuple[str, list[str]]]:
        """Follow the links; what is wrong with each page."""
        errors: list[str] = []
        page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        waiting = list(starts)
        self.known.discard(self.name_of(starts[0]))
        while waiting:
            address = waiting.pop(0)
            name = self.name_of(address)
            if not name or name in self.known:
                continue
            self.known.add(name)
            errors.clear()
            page.goto(address)
            waiting += page.evaluate(LINKS)
            found = self.faults(page)
            yield name, found if MISSING.search(address) else found + errors

    def name_of(self, address: str) -> str:
        """The name of a page of this site; nothing for papers and for other sites."""
        path = urlsplit(address).path
        if not address.startswith(self.site) or PAPERS.search(path):
            return ""
        try:
            return resolve(path).view_name
        except Resolver404:
            return path

    def faults(self, page: Page) -> list[str]:
        """What axe finds in the light on a desk and in the dark on a phone; what sticks out; what is too heavy."""
        found = []
        sent = self.sent(page)
        if sent >= FIRST_LOAD:
            found.append(f"{sent} bytes")
        page.evaluate(self.axe)
        for scheme, size in (("light", walk.DESKTOP), ("dark", walk.PHONE)):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            page.set_viewport_size(size)  # type: ignore[arg-type]
            found += [f"{scheme}: {told(rule)}" for rule in page.evaluate(VIOLATIONS)]
        if page.evaluate(TOO_WIDE) > 0:
            found.append(f"{page.evaluate(TOO_WIDE)} px too wide")
        return found

    def sent(self, page: Page) -> int:
        """Bytes of bodies as they were sent, for whoever has nothing in the cache: each file as when it was fetched."""
        parts = page.evaluate(SENT)
        for name, size in parts:
            self.sizes[name] = max(size, self.sizes.get(name, 0))
        return sum(self.sizes[name] for name, _size in parts)


def told(rule: dict[str, Any]) -> str:
    return f"{rule['id']} at {[node['html'][:90] for node in rule['nodes'][:3]]}"
