"""How often one address may try a public page that could be guessed at: counted in the cache, so that no service is needed."""

from contextlib import suppress

from django.conf import settings
from django.core.cache import cache

MINUTE = 60


def too_many(what: str, address: str, *, most: int) -> bool:
    """Whether this address has used up its tries."""
    return int(cache.get(_key(what, address), 0)) >= most


def count(what: str, address: str, *, seconds: int = MINUTE) -> None:
    """One more try; the count begins anew `seconds` after its first."""
    key = _key(what, address)
    if not cache.add(key, 1, seconds):
        with suppress(ValueError):  # it ran out between the two calls: one try more for the lucky
            cache.incr(key)


def address_of(meta: dict[str, str]) -> str:
    """Who asks: the nearest address that is not our own proxy's."""
    forwarded = meta.get("HTTP_X_FORWARDED_FOR", "") if settings.SECURE_PROXY_SSL_HEADER else ""
    return forwarded.rpartition(",")[2].strip() or meta.get("REMOTE_ADDR", "")


def _key(what: str, address: str) -> str:
    return f"throttle:{what}:{address}".replace(" ", "")
