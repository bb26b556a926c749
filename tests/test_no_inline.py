"""The Content-Security-Policy allows no inline style or script, so no template may hold one; mail, which no policy guards
and no style sheet reaches, may have styles."""

import re
from pathlib import Path

import pytest
from django.conf import settings

INLINE = re.compile(
    r"<style\b|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|<script\b(?![^>]*\bsrc=)(?![^>]*application/(?:ld\+)?json)|javascript:"
)
TEMPLATES = sorted(path for path in Path(settings.BASE_DIR).glob("templates/**/*.html") if "mail" not in path.parts)


def test_the_pattern_finds_what_it_is_for() -> None:
    refused = ['<p style="color:red">', "<script>go()</script>", '<a onclick="go()">', "<style>p{}</style>"]
    allowed = ['<script src="x.js"></script>', '<script type="application/ld+json">{}</script>', "<p class=x>"]

    assert [bool(INLINE.search(html)) for html in refused] == [True] * 4
    assert [bool(INLINE.search(html)) for html in allowed] == [False] * 3


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(settings.BASE_DIR)))
def test_no_template_holds_inline_style_or_script(path: Path) -> None:
    assert INLINE.findall(path.read_text()) == []
