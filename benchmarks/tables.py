"""What was measured, beside what is asked: as a table or as JSON."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Row:
    """One line: the work, our figure with its unit, what is asked, whether that is reached, and the seconds it took."""

    work: str
    figure: str
    asked: str
    is_reached: bool
    seconds: float


def rate(work: str, number: int, seconds: float, *, asked: float, unit: str = "a second", more: str = "") -> Row:
    """A row that says how many a second, and is reached from `asked` on."""
    reached = number / seconds
    return Row(work, f"{reached:,.0f} {unit}{more}", f"{asked:,.0f} {unit}", reached >= asked, seconds)


def waiting(work: str, seconds: Sequence[float], *, under: float) -> Row:
    """A row that says how long one waits: half of the time less than p50, and hardly ever (p95) longer than `under`."""
    p50, p95 = percentile(seconds, 0.5), percentile(seconds, 0.95)
    figure = f"p50 {1000 * p50:,.0f} ms, p95 {1000 * p95:,.0f} ms"
    return Row(work, figure, f"p95 under {1000 * under:,.0f} ms", p95 < under, p95)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def best(runs: Iterable[Sequence[Row]]) -> list[Row]:
    """Of several runs of one measure, each row at its fastest; one that was reached goes before one that was not."""
    return [min(same, key=lambda row: (not row.is_reached, row.seconds)) for same in zip(*runs, strict=True)]


def as_markdown(rows: Iterable[Row]) -> str:
    lines = ["| work | measured | at least | |", "| --- | --- | --- | --- |"]
    lines += [f"| {row.work} | {row.figure} | {row.asked} | {'✓' if row.is_reached else 'short'} |" for row in rows]
    return "\n".join(lines)


def as_json(rows: Iterable[Row]) -> str:
    return json.dumps([asdict(row) for row in rows], indent=1, ensure_ascii=False)
