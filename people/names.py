"""Names as people write them, and the folded keys by which they are sorted and searched."""

import re
import unicodedata

# Letters that have no decomposition: NFKD leaves them as they are.
_UNDECOMPOSED = str.maketrans(
    {"đ": "d", "ð": "d", "ł": "l", "ø": "o", "ı": "i", "ħ": "h", "ŧ": "t", "æ": "ae", "œ": "oe", "þ": "th"}
)
_APOSTROPHES = re.compile(r"['’‘ʻʼ`´]")
_NOT_A_LETTER = re.compile(r"[^\w]+")
_SPACES = re.compile(r"[\s\u00a0\u2007\u202f]+")


def tidy(text: str) -> str:
    """The text in composed form, without doubled, non-breaking or outer spaces."""
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()


def fold(text: str) -> str:
    """A key for sorting and searching: no case, no accents, no apostrophes, single spaces.

    "Muñoz-O’Neill" and "MUNOZ ONEILL" fold to the same key; scripts without case stay as they are.
    """
    if text.isascii():
        plain = text.lower()
    else:
        lowered = unicodedata.normalize("NFKD", text).casefold().translate(_UNDECOMPOSED)
        plain = "".join(letter for letter in lowered if not unicodedata.combining(letter))
    return _NOT_A_LETTER.sub(" ", _APOSTROPHES.sub("", plain)).strip()


def sort_key(given: str, family: str) -> str:
    """Family name first; one-name people sort by the name they have."""
    return f"{fold(family)} {fold(given)}".strip()


_EAST_ASIAN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")


def full(given: str, family: str) -> str:
    """Given name, then family name, in the person's own spelling; 李小龍 and 김민준 have the family's first."""
    if _EAST_ASIAN.fullmatch(tidy(given)) and _EAST_ASIAN.fullmatch(tidy(family)):
        return tidy(family) + tidy(given)
    return tidy(f"{given} {family}")
