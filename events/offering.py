"""What institutes choose from comes about here: versions of terms."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from events import revisions
from events import terms as ladders
from events.models import Terms


@transaction.atomic
def new_version(terms: Terms, *, ladder: Sequence[dict[str, int]], seen: str = "", at: datetime) -> Terms:
    """Save terms as the next version of their name; institutes that have an older one keep it.

    Raises CannotSetTerms when the ladder cannot be, and ChangedMeanwhile when the newest is not the one that was seen.
    """
    ladders.check(ladder)
    older = Terms.objects.filter(name=terms.name).order_by("-version").first()
    if older:
        revisions.refuse_another(seen, str(older.pk), saved=older)
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


@transaction.atomic
def change(row: Model, *, seen: str) -> Model:
    """Save what was changed on a program, a season, a venue or a rule. Raises ChangedMeanwhile."""
    before = type(row)._default_manager.select_for_update().get(pk=row.pk)  # noqa: SLF001 - Django's public door to any model
    revisions.refuse_another(seen, revisions.of(before), saved=before)
    row.save()
    return row
