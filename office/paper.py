"""Pages made into paper: tagged PDF/UA-1 from a template and plain data, with no network and no files.

The only import of WeasyPrint, and a tolerant one: where Pango is missing the site runs without paper and says so.
"""

import base64
import functools
import html
import logging
import re
import shutil
import subprocess
import threading
import unicodedata
from collections.abc import Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.template import Context, Engine, TemplateDoesNotExist
from django.template.backends.django import get_installed_libraries
from django.utils import translation
from django.utils.functional import Promise
from django.utils.safestring import SafeString

try:
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse
except OSError as lacking:  # a library that WeasyPrint loads is not on this machine
    _WHY_NOT = str(lacking).partition(":")[0].partition("\n")[0]
else:
    _WHY_NOT = ""

COMMAND = "apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fontconfig"

PLAIN = (str, int, Decimal, date, time, timedelta, bool, type(None))  # a datetime is a date
STATIC = "https://static.invalid/"
"""Where a page on paper believes that it lies; nothing there is fetched but our own static files."""
MAY_BE_READ = {
    ".css": "text/css",
    ".woff2": "font/woff2",
    ".ttf": "font/ttf",
    ".otf": "font/otf",
    ".svg": "image/svg+xml",
}


class CannotRender(Exception):
    """The paper cannot be made, and the sentence says what is missing."""


def is_available() -> bool:
    """Whether this machine can make paper."""
    return not _WHY_NOT


def why_not() -> str:
    """What to do where it cannot; empty where it can."""
    return f"Paper needs Pango, which is not installed here ({_WHY_NOT}). As root:  {COMMAND}" if _WHY_NOT else ""


def render(template: str, context: Mapping[str, Any], *, title: str) -> bytes:
    """The PDF of a template such as `paper/invoice.html`; the same input gives the same bytes.

    The context is dicts, lists, texts, numbers and dates. Raises CannotRender naming a variable that is missing, a
    value that is not plain, a character that no font has, or what the page would have fetched.
    """
    if not is_available():
        raise CannotRender(why_not())
    page = markup(template, {"title": title, **context})
    lost = missing_glyphs(html.unescape(page) + title)
    if lost:
        raise CannotRender(f"No font here has {', '.join(sorted(map(_character, lost)))}. Install one that does.")
    _of_this_thread.complaints = []
    try:
        bare, sheets = _without_links(page)
        document = weasyprint.HTML(string=bare, base_url=STATIC, url_fetcher=_OwnFiles(), media_type="print").render(
            font_config=_fonts(), stylesheets=sheets
        )
        document.metadata.title = title
        pdf = bytes(document.write_pdf(pdf_variant="pdf/ua-1", pdf_tags=True, pdf_identifier=True))
    except FatalURLFetchingError as refused:
        raise CannotRender(str(refused.__cause__ or refused)) from refused
    if _of_this_thread.complaints:
        raise CannotRender(_of_this_thread.complaints[0])
    return pdf


def markup(template: str, context: Mapping[str, Any]) -> str:
    """The HTML that `render` makes into paper: what tests look at."""
    lost: list[str] = []
    plain = _plain(dict(context), "the context", lost)
    with translation.override(settings.LANGUAGE_CODE):
        try:
            page = _engine().get_template(template).render(_StrictContext(plain, lost))
        except TemplateDoesNotExist as missing:
            raise CannotRender(f"There is no template {missing}.") from missing
    if lost:  # Django's `if` takes an error in a comparison for a no
        raise CannotRender(lost[0])
    return str(page)


def data_url(content: bytes, type: str) -> str:  # noqa: A002
    """A picture as text that a page carries in itself."""
    return f"data:{type};base64,{base64.b64encode(content).decode()}"


# --- Letters that no font has ---------------------------------------------------------------------------------------


def missing_glyphs(text: str) -> set[str]:
    """The characters that no installed font can draw. WeasyPrint would print a box in their place and say nothing."""
    known = _drawable()
    return {sign for sign in set(text) if ord(sign) not in known and unicodedata.category(sign) not in _UNDRAWN}


_UNDRAWN = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})
"""Controls, marks of direction and spaces: they have no picture to lack."""


@functools.cache
def _drawable() -> frozenset[int]:
    """Every code point that some font of this machine has, by fontconfig's own reading of their tables."""
    fc_list = shutil.which("fc-list")
    if fc_list is None:
        raise CannotRender(f"The fonts of this machine cannot be listed: fc-list is missing. As root:  {COMMAND}")
    listed = subprocess.run([fc_list, "--format", "%{charset} "], capture_output=True, text=True, check=True)  # noqa: S603
    points: set[int] = set()
    for span in set(listed.stdout.split()):
        first, _, last = span.partition("-")
        points.update(range(int(first, 16), int(last or first, 16) + 1))
    return frozenset(points)


def _character(sign: str) -> str:
    return f"{sign} (U+{ord(sign):04X} {unicodedata.name(sign, 'unnamed').lower()})"


# --- Strict templates -----------------------------------------------------------------------------------------------


class _StrictContext(Context):
    """A variable that nobody gave stops the page, in `if` and `for` too, where Django would go on."""

    def __init__(self, plain: Any, lost: list[str]) -> None:
        super().__init__(plain)
        self.lost = lost

    def __getitem__(self, key: Any) -> Any:
        try:
            return super().__getitem__(key)
        except KeyError:
            self.lost.append(f"The page needs “{key}”, which was not given.")
            raise CannotRender(self.lost[-1]) from None


class _StrictDict(dict[str, Any]):
    def __init__(self, pairs: dict[str, Any], lost: list[str]) -> None:
        super().__init__(pairs)
        self.lost = lost

    def __missing__(self, key: str) -> Any:
        if hasattr(dict, key):  # `rows.items`: Django asks for the key first, then for the method
            raise KeyError(key)
        self.lost.append(f"The page needs “{key}”; there are only {', '.join(map(str, self)) or 'none'}.")
        raise CannotRender(self.lost[-1])


class _NotGiven(str):
    """What the engine writes for what it cannot find, such as `day.nonsense`: it asks for it with %, and learns."""

    __slots__ = ()

    def __mod__(self, variable: object) -> str:
        raise CannotRender(f"The page needs “{variable}”, which was not given.")


@functools.cache
def _engine() -> Engine:
    return Engine(
        dirs=[str(settings.BASE_DIR / "templates")],
        libraries=get_installed_libraries(),
        string_if_invalid=_NotGiven("%s"),
        debug=False,
    )


def _plain(value: Any, path: str, lost: list[str]) -> Any:
    """The value, if templates may have it: a template that got a row could ask the database, and change its answer."""
    if isinstance(value, SafeString):
        raise CannotRender(f"{path} is marked as safe HTML; give the text itself.")
    if isinstance(value, Promise):
        return str(value)
    if isinstance(value, PLAIN):
        return value
    if isinstance(value, Mapping):
        return _StrictDict({key: _plain(one, f"{path}.{key}", lost) for key, one in value.items()}, lost)
    if isinstance(value, list | tuple):
        return [_plain(one, f"{path}.{number}", lost) for number, one in enumerate(value)]
    raise CannotRender(
        f"{path} is a {type(value).__name__}; paper is made from texts, numbers, dates, lists and dicts."
    )


# --- Fonts and files ------------------------------------------------------------------------------------------------

_of_this_thread = threading.local()


def _fonts() -> "FontConfiguration":
    """One for each thread: to make it takes long, and Pango's may not be shared between threads."""
    if not hasattr(_of_this_thread, "fonts"):
        _of_this_thread.fonts = FontConfiguration()
    fonts: FontConfiguration = _of_this_thread.fonts
    return fonts


_LINK = re.compile(r'<link rel="stylesheet" href="([^"]+)">')


def _without_links(page: str) -> "tuple[str, list[weasyprint.CSS]]":
    """The page without the links to its style sheets, and the sheets: parsed once, as that takes a tenth of a page's time."""
    return _LINK.sub("", page), [_sheet(html.unescape(href)) for href in _LINK.findall(page)]


def _sheet(href: str) -> "weasyprint.CSS":
    """One for each thread, as it belongs to the thread's fonts; a file that changed is read again."""
    found = None if href.startswith("/") or ".." in href else finders.find(href)
    key = (href, Path(str(found)).stat().st_mtime_ns if found else 0)
    sheets: dict[tuple[str, int], weasyprint.CSS] = _of_this_thread.__dict__.setdefault("sheets", {})
    if key not in sheets:
        sheets[key] = weasyprint.CSS(
            url=urljoin(STATIC, href), url_fetcher=_OwnFiles(), font_config=_fonts(), media_type="print"
        )
    return sheets[key]


class _Complaints(logging.Handler):
    """WeasyPrint leaves out a picture that it cannot read, prints a box for a letter, and only writes so in its log."""

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()[:300]
        is_grave = record.levelno >= logging.ERROR or message.startswith(".notdef")
        if is_grave and hasattr(_of_this_thread, "complaints"):
            _of_this_thread.complaints.append(message)


if is_available():
    weasyprint.LOGGER.addHandler(_Complaints(logging.WARNING))

    class _OwnFiles(URLFetcher):
        """Gives data: URLs and our own style sheets and fonts; anything else stops the page."""

        def __init__(self) -> None:
            super().__init__(allowed_protocols=["data"], allow_redirects=False, fail_on_errors=True)

        def fetch(self, url: str, headers: Any = None) -> "URLFetcherResponse":
            if url.startswith("data:"):
                return super().fetch(url, headers)
            if not url.startswith(STATIC):
                raise CannotRender(f"A page on paper may not fetch {url[:200]}.")
            name = unquote(urlsplit(url).path).lstrip("/").removeprefix(settings.STATIC_URL.strip("/") + "/")
            kind = MAY_BE_READ.get(Path(name).suffix)
            found = finders.find(name) if kind and ".." not in Path(name).parts else None
            if not found:
                raise CannotRender(f"There is no style sheet or font “{name}” among the static files.")
            return URLFetcherResponse(url, Path(str(found)).read_bytes(), {"Content-Type": kind})
