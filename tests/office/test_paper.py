"""Paper is tagged, the same each time, and fails aloud: nothing is missing in silence."""

import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from django.core.checks import run_checks
from django.utils.safestring import mark_safe
from pypdf import PdfReader

from office import paper
from office.paper import CannotRender
from people.models import Person

NAMES = ["Nguyễn Thị Ánh", "María José Muñoz-O'Neill", "李小龍", "محمد", "X" * 60]


@pytest.fixture(autouse=True)
def _templates(settings, tmp_path: Path) -> Iterator[None]:
    """A page of the test's own beside the frame of all paper."""
    frame = settings.BASE_DIR / "templates" / "paper" / "base.html"
    (tmp_path / "templates" / "paper").mkdir(parents=True)
    (tmp_path / "templates" / "paper" / "base.html").write_text(frame.read_text())
    settings.BASE_DIR = tmp_path
    paper._engine.cache_clear()
    yield
    paper._engine.cache_clear()


@pytest.fixture
def page(settings):
    """Writes the page; `page("{{ x }}")` gives its name."""

    def write(main: str) -> str:
        words = '{% extends "paper/base.html" %}{% block title %}{{ title }}{% endblock %}{% block main %}'
        (settings.BASE_DIR / "templates" / "paper" / "page.html").write_text(f"{words}{main}{{% endblock %}}")
        return "paper/page.html"

    return write


LIST = "<h1>{{ title }}</h1>{% for name in names %}<p>{{ name }}</p>{% endfor %}"


@pytest.mark.paper
def test_a_page_is_tagged_titled_and_in_a_language(page) -> None:
    pdf = PdfReader(io.BytesIO(paper.render(page(LIST), {"names": NAMES}, title="Who came")))

    assert pdf.metadata is not None
    assert pdf.metadata.title == "Who came"
    root: Any = pdf.root_object
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"].value) == ("en-us", True)
    assert b"http://www.aiim.org/pdfua/ns/id/" in root["/Metadata"].get_data()


@pytest.mark.paper
def test_the_same_input_gives_the_same_bytes(page) -> None:
    template = page(LIST)

    assert paper.render(template, {"names": NAMES}, title="t") == paper.render(template, {"names": NAMES}, title="t")


@pytest.mark.paper
def test_every_name_is_drawn_with_letters_and_no_boxes(page) -> None:
    pdf = paper.render(page(LIST), {"names": NAMES}, title="Who came")

    text = pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range()
    assert "Nguyễn Thị Ánh" in text
    assert "李小龍" in text
    assert "X" * 60 in text


@pytest.mark.paper
def test_a_box_in_place_of_a_letter_stops_the_page_too(page, monkeypatch: pytest.MonkeyPatch) -> None:
    """Should fontconfig's list of letters ever be wrong."""
    monkeypatch.setattr(paper, "_drawable", lambda: range(0x110000))

    with pytest.raises(CannotRender, match=r"^\.notdef glyph rendered"):
        paper.render(page(LIST), {"names": ["Ana \ue000"]}, title="t")


@pytest.mark.paper
def test_a_letter_that_no_font_has_stops_the_page(page) -> None:
    with pytest.raises(CannotRender, match=r"^No font here has \ue000 \(U\+E000 unnamed\)\. Install one that does\.$"):
        paper.render(page(LIST), {"names": ["Ana \ue000"]}, title="t")


@pytest.mark.paper
def test_marks_of_direction_and_spaces_need_no_font() -> None:
    assert paper.missing_glyphs("a\u200f\u200d\u00a0\n\u2028b") == set()


@pytest.mark.parametrize(
    "main",
    [
        "{{ lost }}",
        "{% if lost %}x{% endif %}",
        "{% for one in lost %}x{% endfor %}",
        "{% firstof lost 'x' %}",
        "{% with x=lost %}{% endwith %}",
        "{{ lost|default:'x' }}",
        "{{ row.lost }}",
        "{% if row.lost %}x{% endif %}",
        "{% for one in row.lost %}x{% endfor %}",
        "{% if lost == 1 %}x{% endif %}",
        "{% if row.lost and row.name %}x{% endif %}",
    ],
)
def test_a_variable_that_nobody_gave_is_named(page, main: str) -> None:
    with pytest.raises(CannotRender, match="“lost”"):
        paper.markup(page(main), {"title": "t", "row": {"name": "Ana"}})


def test_an_attribute_that_a_value_has_not_is_named(page) -> None:
    with pytest.raises(CannotRender, match=r"“day\.lost”"):
        paper.markup(page("{{ day.lost }}"), {"title": "t", "day": date(2027, 1, 21)})


def test_the_pairs_of_a_dict_can_be_walked(page) -> None:
    html = paper.markup(
        page("{% for key, value in row.items %}{{ key }}={{ value }}{% endfor %}"), {"title": "t", "row": {"a": 1}}
    )

    assert "<main>a=1</main>" in html


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (Person(display_name="Ana"), "the context.rows.0.who is a Person; paper is made from texts"),
        (1.5, "the context.rows.0.who is a float"),
        (mark_safe("<b>"), "the context.rows.0.who is marked as safe"),
    ],
)
def test_only_plain_values_are_made_into_paper(page, value: object, sentence: str) -> None:
    with pytest.raises(CannotRender, match=sentence):
        paper.markup(page("{{ rows }}"), {"title": "t", "rows": [{"who": value}]})


def test_what_is_written_is_escaped(page) -> None:
    html = paper.markup(page("{{ name }} {{ price }}"), {"title": "t", "name": "<img src=x>", "price": Decimal("5.00")})

    assert "&lt;img src=x&gt; 5.00" in html


def test_a_template_that_is_not_there_is_named() -> None:
    with pytest.raises(CannotRender, match=r"There is no template paper/none\.html"):
        paper.markup("paper/none.html", {})


@pytest.mark.paper
@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/x.png",
        "http://127.0.0.1/x.png",
        "file:///etc/passwd",
        "../../manage.py",
        "css/../../manage.py",
        "js/flash-note.js",
        "css/none.css",
    ],
)
def test_nothing_is_fetched_from_network_or_disk(page, url: str) -> None:
    with pytest.raises(CannotRender, match=r"may not fetch|no style sheet or font"):
        paper.render(page('<img alt="" src="{{ url }}">'), {"url": url}, title="t")


@pytest.mark.paper
def test_a_picture_may_be_carried_in_the_page(page) -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'

    pdf = paper.render(
        page('<img alt="dot" src="{{ dot }}">'), {"dot": paper.data_url(svg, "image/svg+xml")}, title="t"
    )

    assert pdf.startswith(b"%PDF-1.7")


@pytest.mark.paper
def test_a_picture_that_would_fetch_stops_the_page(page) -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file:///etc/passwd"/></svg>'

    with pytest.raises(CannotRender, match="Failed to render SVG image"):
        paper.render(page('<img alt="dot" src="{{ dot }}">'), {"dot": paper.data_url(svg, "image/svg+xml")}, title="t")


def test_a_machine_without_pango_says_what_to_run(page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper, "_WHY_NOT", "cannot load library 'libpango-1.0-0'")

    [warning] = run_checks(tags=["paper"])

    assert warning.id == "office.W001"
    assert "apt-get install -y --no-install-recommends libpango-1.0-0" in (warning.hint or "")
    with pytest.raises(CannotRender, match="Paper needs Pango"):
        paper.render(page("x"), {}, title="t")


@pytest.mark.paper
def test_a_machine_with_pango_is_not_warned() -> None:
    assert run_checks(tags=["paper"]) == []
