"""The demo world: Sierra Science Collaborative and its fictitious districts, built around today's date.

Everything goes through the same verbs as the pages, so the world is as real as one that people made.
"""

from datetime import date, datetime

from django.db import transaction

from people.models import Provider
from portal.demo import money, offer, places, rosters, spring, story


@transaction.atomic
def build(*, today: date, at: datetime) -> bool:
    """Build the world in an empty database; False, and nothing done, where there is a provider already."""
    if Provider.objects.exists():
        return False
    ground = places.build(today=today, at=at)
    season = offer.build(ground, today=today, at=at)
    paying = money.build(ground, today=today, at=at)
    for chapter in rosters.chapters(season, paying, today=today, at=at):
        story.tell(chapter, ground, at=at)
    spring.tell(season, paying, ground, at=at)
    return True
