"""The counties by which the state's directory is ordered."""

from collections.abc import Iterable

from people.models import County
from people.names import fold

OUT_OF_STATE = "77"
# In the state's directory a county's code is its place in the alphabet: 01 is Alameda, 58 Yuba.
CALIFORNIA = (
    "Alameda", "Alpine", "Amador", "Butte", "Calaveras", "Colusa", "Contra Costa", "Del Norte", "El Dorado", "Fresno",
    "Glenn", "Humboldt", "Imperial", "Inyo", "Kern", "Kings", "Lake", "Lassen", "Los Angeles", "Madera", "Marin",
    "Mariposa", "Mendocino", "Merced", "Modoc", "Mono", "Monterey", "Napa", "Nevada", "Orange", "Placer", "Plumas",
    "Riverside", "Sacramento", "San Benito", "San Bernardino", "San Diego", "San Francisco", "San Joaquin",
    "San Luis Obispo", "San Mateo", "Santa Barbara", "Santa Clara", "Santa Cruz", "Shasta", "Sierra", "Siskiyou",
    "Solano", "Sonoma", "Stanislaus", "Sutter", "Tehama", "Trinity", "Tulare", "Tuolumne", "Ventura", "Yolo", "Yuba",
)  # fmt: skip
NAMES = {f"{number:02}": name for number, name in enumerate(CALIFORNIA, start=1)} | {OUT_OF_STATE: "Out of State"}


class Counties:
    """The counties we know: those of the state, and those that staff have added."""

    def __init__(self) -> None:
        self._rows = {county.code: county for county in County.objects.all()}
        self._names = {fold(name) for name in [*NAMES.values(), *(county.name for county in self._rows.values())]}

    def __contains__(self, code: str) -> bool:
        return code in NAMES or code in self._rows

    def knows(self, name: str) -> bool:
        """Whether any county is called so, by the state or by staff."""
        return fold(name) in self._names

    def make(self, codes: Iterable[str]) -> None:
        """Have a row for each of these; where staff gave its name to another code, the code stands behind the name."""
        taken = {county.name for county in self._rows.values()}
        missing = [
            County(code=code, name=f"{NAMES[code]} ({code})" if NAMES[code] in taken else NAMES[code])
            for code in sorted(set(codes) - self._rows.keys())
        ]
        County.objects.bulk_create(missing, ignore_conflicts=True)
        if missing:
            self._rows = {county.code: county for county in County.objects.all()}

    def key(self, code: str) -> int:
        return self._rows[code].pk
