"""Colleagues of a district: invited, and handed everything over to, with a mail to both. What is the district's stays."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from office import post
from people import memberships
from people.access import Role
from people.models import HandOver, Membership, Organization, User


@transaction.atomic
def invite(email: str, name: str, role: Role, organization: Organization, *, by: User, at: datetime) -> Membership:
    """Give a colleague a part and tell her how to sign in. Raises memberships.CannotAppoint."""
    if role not in memberships.INVITABLE:
        raise memberships.CannotAppoint(_("%s is no part that a colleague gives.") % Role(role).label)
    part = memberships.appoint(email, name, role, organization, by=by, at=at)
    post.send(_welcome(part, by), at=at)
    return part


@transaction.atomic
def hand_over(part: Membership, email: str, name: str, *, at_once: bool, by: User, at: datetime) -> HandOver:
    """Hand a part over, by whoever has it or by staff, and tell both. Raises memberships.CannotHandOver."""
    made = memberships.hand_over(part, email, name, at_once=at_once, by=by, at=at)
    post.send_all([_welcome(made.to, by), _farewell(made)], at=at)
    return made


@transaction.atomic
def finish_due(*, at: datetime) -> list[HandOver]:
    """End the parts whose successors have signed in, and say so to those who had them."""
    done = memberships.finish_due(at=at)
    post.send_all([_farewell(one) for one in done], at=at)
    return done


def _welcome(part: Membership, by: User) -> post.Letter:
    told = {"by": by, "role": part.get_role_display().lower(), "place": part.organization}
    words = [
        _("%(by)s made you %(role)s of %(place)s.") % told,
        _("The district's rosters, orders and papers are where they were."),
        _("Sign in with this address: a code comes by mail, a password is not needed."),
    ]
    return post.Letter(
        to=part.user.email,
        subject=_("You are %(role)s of %(place)s") % told,
        template="mail/notice",
        context={
            "text": " ".join(words),
            "url": post.link(reverse("account_request_login_code")),
            "action": _("Sign in"),
        },
        person=part.user.person,
        about=f"organization {part.organization_id}",
    )


def _farewell(made: HandOver) -> post.Letter:
    told = {"role": made.part.get_role_display().lower(), "place": made.part.organization, "to": made.to.user}
    if made.ended_at:
        subject = _("%(to)s has taken over %(place)s") % told
        text = _(
            "You are %(role)s of %(place)s no more: %(to)s is. What you made there stays with the district. Thank you."
        )
    else:
        subject = _("%(to)s takes over %(place)s") % told
        text = _("You stay %(role)s of %(place)s until %(to)s has signed in for the first time. We tell you when.")
    return post.Letter(
        to=made.part.user.email,
        subject=subject,
        template="mail/notice",
        context={"text": text % told},
        person=made.part.user.person,
        about=f"organization {made.part.organization_id}",
    )
