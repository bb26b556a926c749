"""Papers that could not be made in the background: the reason is kept for whoever waits for them."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from office.models import Misprint


def note(reasons: Mapping[str, str], *, at: datetime) -> None:
    """Keep why papers could not be made, by what they are about, such as `invoice 12`; the newest reason counts."""
    Misprint.objects.bulk_create(
        [Misprint(about=about, reason=reason[:500], at=at) for about, reason in sorted(reasons.items())],
        update_conflicts=True,
        unique_fields=["about"],
        update_fields=["reason", "at"],
    )


def forget(abouts: Iterable[str]) -> None:
    """They are made after all, or are tried again."""
    Misprint.objects.filter(about__in=list(abouts)).delete()


def reasons(abouts: Iterable[str]) -> dict[str, str]:
    """Why those of them that could not be made could not."""
    return dict(Misprint.objects.filter(about__in=list(abouts)).values_list("about", "reason"))
