"""How kept files leave: as an answer to someone who was asked for by name, never by the address of their bytes."""

from django.http import FileResponse, HttpResponseBase
from django.utils.cache import patch_cache_control

from office.files import ICS, JPEG, PDF, PNG
from office.models import StoredFile

SHOWN = frozenset({PDF, PNG, JPEG})
"""What a browser may show by itself; all else is only downloaded."""


def file_response(stored: StoredFile, *, download: bool = True) -> HttpResponseBase:
    """The bytes of a kept file. The caller has made sure that whoever asks may have them."""
    kind = "text/calendar; charset=utf-8" if stored.type == ICS else stored.type
    # Django writes the name as RFC 6266 wants it: filename*=utf-8'' for what is not ASCII.
    answer = FileResponse(
        stored.bytes.open("rb"),
        as_attachment=download or stored.type not in SHOWN,
        filename=stored.name,
        content_type=kind,
    )
    answer["X-Content-Type-Options"] = "nosniff"
    patch_cache_control(answer, private=True, no_store=True)
    return answer
