"""Teams: people of one sponsor who are registered, wait and are withdrawn as one."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.models import TeamRule
from people.models import ADMINISTRATORS


@dataclass(frozen=True)
class TeamWanted:
    """A team as a roster names it. Groups of one order that name the same team make one team.

    The provider's staff may let a team come that is outside the institute's rule, for `override_reason`.
    """

    name: str
    override_reason: str = ""


def why_not(rule: TeamRule, people_with_roles: Sequence[tuple[str, str]], *, unnamed: int = 0) -> list[str]:
    """Sentences, none where the team meets the rule. Pure.

    Of each person her name and her JobRole. Those who are named later count toward the size, and one of them may be the
    administrator.
    """
    size = len(people_with_roles) + unnamed
    reasons = []
    if not rule.smallest <= size <= rule.largest:
        reasons.append(
            ngettext(
                "A team has %(smallest)s to %(largest)s people; this one has %(size)s.",
                "A team has %(smallest)s to %(largest)s people; this one has %(size)s.",
                size,
            )
            % {"smallest": rule.smallest, "largest": rule.largest, "size": size}
        )
    has_administrator = any(role in ADMINISTRATORS for _name, role in people_with_roles)
    if rule.needs_administrator and not (has_administrator or unnamed):
        reasons.append(_("A team brings an administrator: a principal, a superintendent or another of that kind."))
    return reasons
