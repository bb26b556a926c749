"""Who may take attendance: the provider's staff, and whoever hosts, directs or facilitates the institute."""

from django.core.exceptions import PermissionDenied

from events.access import held_by
from events.models import Institute
from people.access import Action, Principal, Who, may


def may_take_attendance(who: Who, institute: Institute) -> bool:
    """Facilitators hold no role: their engagement at the institute is what lets them."""
    principal = Principal.of(who)
    if principal.is_provider:
        return may(principal, Action.TAKE_ATTENDANCE)
    return held_by(principal).filter(pk=institute.pk).exists()


def require_attendance(who: Who, institute: Institute) -> None:
    """Stop with 403 unless attendance may be taken."""
    if not may_take_attendance(who, institute):
        raise PermissionDenied
