"""ZIP archives that are sent while they are made: no more than one file is in memory."""

import io
import zipfile
from collections.abc import Iterable, Iterator

from office.models import StoredFile


class Pipe(io.RawIOBase):
    """What zipfile writes to: gives back what came since the last time, and cannot be rewound."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:  # type: ignore[override]  # zipfile writes bytes
        self._parts.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        whole, self._parts = b"".join(self._parts), []
        return whole


def stream(contents: Iterable[tuple[str, bytes | StoredFile]]) -> Iterator[bytes]:
    """A ZIP of named contents, each read when its turn comes. Papers are packed already and stored as they are."""
    pipe, taken = Pipe(), set[str]()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED) as archive:
        for name, content in contents:
            archive.writestr(unique(name, taken), _bytes_of(content))
            yield pipe.taken()
    yield pipe.taken()


def unique(name: str, taken: set[str]) -> str:
    """The name, with a number if another has it already: systems that fold case would write one over the other."""
    stem, dot, ending = name.rpartition(".")
    wanted, number = name, 1
    while wanted.casefold() in taken:
        number += 1
        wanted = f"{stem} ({number}){dot}{ending}" if stem else f"{name} ({number})"
    taken.add(wanted.casefold())
    return wanted


def _bytes_of(content: bytes | StoredFile) -> bytes:
    if isinstance(content, bytes):
        return content
    with content.bytes.open("rb") as opened:
        return bytes(opened.read())
