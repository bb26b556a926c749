"""The whole job, from the schedule to the certificate, in a real browser: the test walks it, the tour photographs it."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
OMAR = "omar@ssc.example.test"
DOLORES = "dolores@avusd.example.test"
ANA = "ana.torres@avusd.example.test"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--no-first-run"]  # fmt: skip
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 780}
ROSTER = """First Name\tLast Name\tEmail\tSchool\tRole\tGrade
Marisol\tVega\tmarisol.vega@avusd.example.test\tAlder Creek Elementary\tTeacher\t3
OWEN\tPRATHER\tteacher10@avusd.example.test\tAlder Valley High\tTeacher\t9
Ana\tTorres\tana.torres@avusd.example.test\tManzanita Elementary\tTeacher\t4
Nguyễn\tThị Ánh\tteacher14@avusd.example.test\tAlder Valley Middle\tTeacher\t7
Kim\tVega\tmarisol.vega@avusd.example.test\tAlder Creek Elementary\tTeacher\t3
"""
WAIT = 60_000
Shoot = Callable[[Page, str], None]


@contextlib.contextmanager
def demo(folder: Path) -> Iterator[str]:
    """The demo, started as a newcomer starts it, on a port and in a folder of its own; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "env").write_text(f"SECRET_KEY={'walk' * 13}\nDEMO=true\n", encoding="utf-8")
    own = {"PORT": str(port), "CADRE_VAR": str(folder / "var"), "CADRE_ENV": str(folder / "env"), "DATABASE_URL": ""}
    with (folder / "said").open("wb") as said:
        running = subprocess.Popen(
            [sys.executable, "bin/demo"], cwd=ROOT, env=os.environ | own, stdout=said, stderr=said
        )
        try:
            _wait_until(lambda: "Ctrl-C stops it" in (folder / "said").read_text(encoding="utf-8"), running)
            yield f"http://127.0.0.1:{port}"
        finally:
            running.send_signal(signal.SIGINT)
            running.wait(60)


def _an_hour_after_one() -> tuple[str, date]:
    """A zone whose clocks are past one in the night and not near midnight, and its day: one of two always is."""
    for zone in ["America/Los_Angeles", "America/New_York"]:
        now = datetime.now(ZoneInfo(zone))
        if 1 <= now.hour <= 22:
            return zone, now.date()
    raise AssertionError("It is between one and ten in Los Angeles or in New York.")


def _wait_until(is_so: Callable[[], bool], running: subprocess.Popen[bytes]) -> None:
    while not is_so():
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.wait(0.3)
            raise AssertionError("The demo ended before it was up.")


@contextlib.contextmanager
def browser(executable: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=executable, args=QUIET)
        try:
            yield opened
        finally:
            opened.close()


@dataclass
class Walk:
    """Three people at three browsers. Each step leaves the page where a person would be."""

    browser: Browser
    site: str
    shoot: Shoot = lambda _page, _name: None
    institute: str = ""
    code: str = ""

    def as_(self, email: str, size: dict[str, int] = DESKTOP) -> Page:
        """A new window, signed in by the demo's button."""
        page = self.browser.new_context(viewport=size).new_page()  # type: ignore[arg-type]
        page.set_default_timeout(WAIT)
        page.goto(self.site)
        page.locator(f"form:has(input[value='{email}']) button, button[value='{email}']").click()
        page.wait_for_url(lambda url: url.rstrip("/") != self.site)
        return page

    def clone(self, omar: Page) -> None:
        """Schedule the next one: last January's training with its whole agenda, published in its new dates."""
        omar.goto(f"{self.site}/staff/institutes/")
        self.shoot(omar, "institutes")
        omar.get_by_role("link", name="LT26-01").or_(omar.locator("tbody a").last).first.click()
        omar.get_by_role("link", name="Schedule the next one").click()
        omar.get_by_label("First day").fill("2027-03-18")
        omar.get_by_role("button", name="Schedule the next one").click()
        omar.get_by_role("button", name="Publish").click()
        expect(omar.locator("body")).to_contain_text("is published")
        self.shoot(omar, "agenda")

    def schedule(self, omar: Page) -> None:
        """An institute of today whose one block is over by now: so all of the job can be done in one sitting."""
        zone, today = _an_hour_after_one()
        omar.goto(f"{self.site}/staff/institutes/new/")
        omar.get_by_label("Program").select_option(label="Leadership Training")
        omar.get_by_label("Title").fill("Early Birds")
        omar.get_by_label("First day").fill(f"{today}")
        omar.get_by_label("Last day").fill(f"{today}")
        omar.get_by_label("Time zone").select_option(zone)
        omar.get_by_label("Seats").fill("40")
        omar.get_by_label("Price of a seat").fill("525")
        omar.get_by_label("Registration opens").fill(f"{today - timedelta(days=30)}T08:00")
        omar.get_by_label("Registration closes").fill(f"{today}T23:59")
        omar.get_by_label("Cancellation terms").select_option(index=1)
        omar.get_by_label("Hours rule").select_option(index=1)
        omar.get_by_role("button", name="Schedule as a draft").click()
        self.institute = re.search(r"/institutes/(\d+)/", omar.url)[1]
        self._add_block(omar, "Dawn observations", "00:10", "00:40")
        self._add_block(omar, "What we saw", "00:30", "00:50", is_refused=True)
        omar.get_by_label("Starts").fill("00:40")
        omar.get_by_role("button", name="Add the block").click()
        expect(omar.get_by_role("button", name="Add the block")).to_have_count(0)
        omar.get_by_role("button", name="Publish").click()
        expect(omar.locator("body")).to_contain_text("is published")

    def _add_block(self, omar: Page, title: str, starts: str, ends: str, *, is_refused: bool = False) -> None:
        omar.goto(f"{self.site}/staff/institutes/{self.institute}/agenda/add/")
        omar.get_by_label("Title").fill(title)
        omar.get_by_label("Starts").fill(starts)
        omar.get_by_label("Ends").fill(ends)
        omar.get_by_role("button", name="Add the block").click()
        if not is_refused:
            expect(omar.get_by_role("button", name="Add the block")).to_have_count(0)
        else:
            expect(omar.locator("main")).to_contain_text("overlaps “Dawn observations”")
            expect(omar.get_by_label("Title")).to_have_value(title)

    def register(self, dolores: Page) -> None:
        """Three steps: paste the roster, say who pays for whom, confirm the total."""
        dolores.goto(f"{self.site}/district/")
        self.shoot(dolores, "district")
        dolores.goto(f"{self.site}/rosters/new/{self.institute}/")
        dolores.locator("textarea").fill(ROSTER)
        dolores.get_by_role("button", name="Look at the roster").click()
        expect(dolores.get_by_text("Was written OWEN PRATHER.")).to_be_visible()
        self._correct(dolores)
        self.shoot(dolores, "roster")
        dolores.get_by_role("link", name="Go on to the money").click()
        self._pay(dolores, ["1", "2"], "LCFF")
        self._pay(dolores, ["3", "4"], "Title II")
        self.shoot(dolores, "money")
        dolores.get_by_role("link", name="See the total and confirm").click()
        expect(dolores.locator("main")).to_contain_text("$2,100.00")
        self.shoot(dolores, "confirm")
        dolores.get_by_role("button", name="Take 4 seats").click()
        dolores.wait_for_url("**/orders/*/")
        self.shoot(dolores, "order")

    def _correct(self, page: Page) -> None:
        """One row is asked about, spoilt, put right and left out, without leaving the roster."""
        kim = page.locator("#rows tr", has_text="Kim Vega")
        kim.get_by_role("button", name="They share it").click()
        expect(kim).to_contain_text("New person")
        kim.get_by_role("link", name="Edit").click()
        page.locator(".roster__edited").get_by_label("E-mail").fill("kim-at-home")
        page.get_by_role("button", name="Save the row").click()
        expect(page.locator("#roster")).to_contain_text("This is no e-mail address.")
        page.locator(".roster__edited").get_by_label("E-mail").fill("kim.vega@avusd.example.test")
        page.get_by_role("button", name="Save the row").click()
        kim.get_by_role("button", name="Leave out").click()
        expect(kim).to_contain_text("Gets no seat.")

    def _pay(self, page: Page, rows: list[str], source: str) -> None:
        for row in rows:
            page.locator(f"input[name=rows][value='{row}']").check()
        pays = page.locator("select[name=pays]")
        pays.select_option(pays.locator("option").filter(has_text=source).first.get_attribute("value"))
        with page.expect_response(lambda answer: answer.request.method == "POST"):
            page.get_by_role("button", name="Pays for the ticked").click()
        expect(page.locator(f"tr:has(input[name=rows][value='{rows[-1]}'])")).to_contain_text(source)

    def change(self, dolores: Page) -> None:
        """Somebody else comes for Owen; what giving a seat back costs is seen first, and she keeps it."""
        order = dolores.url
        dolores.locator("tr", has_text="Prather, Owen").get_by_role("link", name="Substitute").click()
        dolores.get_by_role("button", name="Adler, Ruth").click()
        expect(dolores.locator("h1")).to_have_text("Ruth Adler")
        dolores.goto(order)
        dolores.locator("tr", has_text="Torres, Ana").get_by_role("checkbox").check()
        dolores.get_by_role("button", name="Give back…").click()
        expect(dolores.locator("main")).to_contain_text("$525.00")
        self.shoot(dolores, "withdraw")
        dolores.get_by_role("link", name="Keep them").click()
        expect(dolores.locator("main")).to_contain_text("Adler, Ruth")

    def attend(self, omar: Page) -> None:
        """Everyone is there for the first block; two stay for the second."""
        omar.goto(f"{self.site}/staff/institutes/{self.institute}/attendance/")
        omar.get_by_role("button", name="Everyone present").first.click()
        expect(omar.locator("main")).to_contain_text("4 / 4")
        for number, name in enumerate(["Vega, Marisol", "Torres, Ana"], 1):
            row = omar.locator("tr", has=omar.get_by_text(name))
            row.locator("td").nth(1).locator("button, label").first.click()
            expect(omar.locator("thead")).to_contain_text(f"{number} / 4")
        self.shoot(omar, "attendance")

    def invoice(self, omar: Page) -> None:
        """All districts' invoices with one action; issued, numbered and sent with another."""
        omar.goto(f"{self.site}/staff/institutes/{self.institute}/invoices/")
        omar.get_by_role("button", name=re.compile("Draft")).first.click()
        expect(omar.locator("main")).to_contain_text("$1,050.00")
        omar.get_by_role("button", name=re.compile("Issue all|Issue")).first.click()
        if omar.locator("dialog[open]").count():
            omar.locator("dialog[open] button").filter(has_text=re.compile("Issue|Yes|Send")).first.click()
        expect(omar.locator("main")).to_contain_text("INV-2027-")
        self.shoot(omar, "invoices")

    def certify(self, omar: Page) -> None:
        """Everyone who earned one, in one action."""
        omar.goto(f"{self.site}/staff/institutes/{self.institute}/certificates/")
        omar.get_by_role("button", name=re.compile("^Issue")).click()
        expect(omar.locator("main")).to_contain_text("Issued")
        self.shoot(omar, "certificates")

    def download(self, omar: Page) -> bytes:
        """Ana's link, out of the mail, opened by whoever has no password; her PDF."""
        omar.goto(f"{self.site}/staff/mail/?q=ana.torres")
        omar.get_by_role("link", name=re.compile("certificate", re.IGNORECASE)).first.click()
        link = re.search(r"http://\S+/certificates/mine/\S+", omar.locator("main").inner_text())
        assert link, "the mail has no link"
        ana = self.browser.new_context(viewport=PHONE).new_page()  # type: ignore[arg-type]
        ana.set_default_timeout(WAIT)
        ana.goto(link[0].rstrip(".)"))
        self.shoot(ana, "mine")
        with ana.expect_download() as download:
            ana.get_by_role("link", name=re.compile("Download the PDF")).first.click()
        self.code = re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}", ana.locator("main").inner_text())[0]
        return Path(download.value.path()).read_bytes()

    def verify(self) -> str:
        """What anyone is told who has the code."""
        stranger = self.browser.new_context(viewport=DESKTOP).new_page()  # type: ignore[arg-type]
        stranger.goto(f"{self.site}/verify/{self.code}/")
        self.shoot(stranger, "verify")
        return stranger.locator("main").inner_text()
