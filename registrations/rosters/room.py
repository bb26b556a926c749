"""How many of a roster there is room for: after those who wait, and beside what is set aside for others."""

from collections.abc import Sequence
from datetime import datetime

from events.models import Institute
from people.models import Organization
from registrations import places
from registrations.rosters.judging import Verdict


def left_for(sponsor: Organization, institute: Institute, *, at: datetime) -> int:
    """Seats that a sponsor could take now."""
    known = places.doors_of(institute)
    if known.has_line:
        return places.turn_of(sponsor, institute, places.of(institute, at=at), at=at).seats
    if known.has_set_asides:
        return places.of(institute, at=at).left_for(places.family_of(sponsor))
    return institute.seats_left


def beyond(verdicts: Sequence[Verdict], seats: int) -> list[int]:
    """The rows, by their keys, for which no seat is left: the last ones, as the roster stands."""
    return [verdict.row.key for verdict in verdicts if verdict.takes_a_seat][max(0, seats) :]
