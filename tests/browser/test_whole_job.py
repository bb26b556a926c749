"""From the schedule to the certificate, as the staff, the coordinator and the participant of the demo."""

from pathlib import Path

import pytest

from tests.browser import chromium, walk


@pytest.mark.browser
@pytest.mark.embedded
@pytest.mark.paper
def test_the_whole_job_is_done_in_a_browser(tmp_path: Path) -> None:
    with walk.demo(tmp_path) as site, walk.browser(chromium() or "") as opened:
        steps = walk.Walk(opened, site)
        omar, dolores = steps.as_(walk.OMAR), steps.as_(walk.DOLORES)

        steps.clone(omar)
        steps.schedule(omar)
        steps.register(dolores)
        steps.change(dolores)
        steps.attend(omar)
        steps.invoice(omar)
        steps.certify(omar)
        paper = steps.download(omar)
        said = steps.verify()

    assert paper.startswith(b"%PDF-")
    assert "Ana Torres" in said
    assert "0.67 of 0.67" in said
