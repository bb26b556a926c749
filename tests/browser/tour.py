"""The README's pictures: the whole job, photographed on the way."""

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

from tests.browser import chromium, walk

PICTURES = walk.ROOT / "docs" / "tour"
WANTED = {"institutes", "agenda", "district", "roster", "money", "order", "withdraw", "attendance", "invoices", "certificates",
          "mine", "verify"}  # fmt: skip


def shoot(page: Page, name: str) -> None:
    """A picture of what is seen without scrolling, in 128 colors: small enough to keep beside the text."""
    if name not in WANTED:
        return
    page.evaluate("() => scrollTo(0, 0)")
    page.wait_for_timeout(300)
    picture = Image.open(io.BytesIO(page.screenshot()))
    picture.convert("RGB").quantize(128).save(PICTURES / f"{name}.png", optimize=True)
    sys.stdout.write(f"docs/tour/{name}.png\n")


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    executable = chromium()
    if executable is None:
        raise SystemExit("Chromium is not installed; bin/setup --tests says how.")
    with tempfile.TemporaryDirectory() as folder, walk.demo(Path(folder)) as site, walk.browser(executable) as opened:
        steps = walk.Walk(opened, site, shoot)
        omar, dolores = steps.as_(walk.OMAR), steps.as_(walk.DOLORES)
        steps.clone(omar)
        steps.schedule(omar)
        steps.register(dolores)
        steps.change(dolores)
        steps.attend(omar)
        steps.invoice(omar)
        steps.certify(omar)
        steps.download(omar)
        steps.verify()


if __name__ == "__main__":
    main()
