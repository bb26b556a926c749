"""What institutes choose from comes about here: versions of terms."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from events import terms as ladders
from events.models import Terms


@transaction.atomic
def new_version(terms: Terms, *, ladder: Sequence[dict[str, int]], at: datetime) -> Terms:
    """Save terms as the next version of their name; institutes that have an older one keep it.

    Raises CannotSetTerms when the ladder cannot be.
    """
    ladders.check(ladder)
    older = Terms.objects.filter(name=terms.name).order_by("-version").first()
    terms.version = older.version + 1 if older else 1
    terms.ladder = list(ladder)
    terms.made_at = at
    try:
        with transaction.atomic():
            terms.save(force_insert=True)
    except IntegrityError as refusal:
        raise ladders.CannotSetTerms(
            _("Someone made a version of these terms just now. Look at it first.")
        ) from refusal
    return terms
