"""Signing in: allauth's mail goes the way of all mail, and a login finds its person."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress as Login
from django.db import transaction
from django.http import HttpRequest  # noqa: TID251 - an adapter is handed the request
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from office import post
from office.post import Letter
from people.models import EmailAddress, Person, User

ABOUT = "sign-in"
"""What these mails are about. They hold keys to accounts, so staff see that they went, not what they say."""


@dataclass(frozen=True)
class Words:
    """What one of allauth's mails says; `text` may use its context, `url` names the address in it."""

    subject: str | Promise
    text: str | Promise
    url: str = ""
    action: str | Promise = ""


IGNORE = _("If it was not you, there is nothing to do: nobody gets in without this mail.")
ALARM = _("If it was not you, choose a new password at once and tell us.")


def _code(text: str | Promise, subject: str | Promise) -> Words:
    return Words(subject, f"{text}\n\n%(code)s\n\n{IGNORE}")


def _changed(subject: str | Promise) -> Words:
    return Words(subject, f"{subject}.\n\n{ALARM}")


WORDS: dict[str, Words] = {
    "account/email/login_code": _code(
        _("Type this code on the page where you are signing in:"), _("Your sign-in code")
    ),
    "account/email/email_confirmation": _code(
        _("Type this code on the page to show that this address is yours:"), _("Is this your address?")
    ),
    "account/email/email_confirmation_signup": _code(
        _("Welcome. Type this code on the page to finish making your account:"), _("Finish making your account")
    ),
    "account/email/password_reset_code": _code(
        _("Type this code on the page to choose a new password:"), _("Choose a new password")
    ),
    "account/email/password_reset_key": Words(
        _("Choose a new password"),
        f"{_('Someone, you we hope, asked for a new password. The link below leads to the page; it is good for three days.')}\n\n{IGNORE}",
        "password_reset_url",
        _("Choose a new password"),
    ),
    "account/email/account_already_exists": Words(
        _("You have an account already"),
        _("Someone, you we hope, tried to make an account with %(email)s. There is one. Is its password lost?"),
        "password_reset_url",
        _("Choose a new password"),
    ),
    "account/email/unknown_account": Words(
        _("There is no account with this address"),
        _(
            "Someone, you we hope, tried to sign in as %(email)s. We have no account with that address; perhaps yours "
            "has another one. To take part in an institute you need none."
        ),
        "signup_url",
        _("Make an account"),
    ),
    "people/appointed": Words(
        _("Your access to our pages"),
        _(
            "You are now %(role)s of %(organization)s with us. Sign in with this address, %(email)s: we mail you a "
            "code, so no password is needed."
        ),
        "url",
        _("Sign in with a code"),
    ),
    "account/email/email_changed": _changed(_("The address of your account was changed")),
    "account/email/email_confirm": _changed(_("An address of your account was confirmed")),
    "account/email/email_deleted": _changed(_("An address of your account was taken away")),
    "account/email/password_changed": _changed(_("Your password was changed")),
    "account/email/password_reset": _changed(_("Your password was chosen anew")),
    "account/email/password_set": _changed(_("Your account has a password now")),
    "mfa/email/recovery_codes_generated": _changed(_("New recovery codes were made for your account")),
    "mfa/email/totp_activated": _changed(_("An authenticator app was added to your account")),
    "mfa/email/totp_deactivated": _changed(_("The authenticator app of your account was taken away")),
    "mfa/email/webauthn_added": _changed(_("A security key was added to your account")),
    "mfa/email/webauthn_removed": _changed(_("A security key of your account was taken away")),
}


class AccountAdapter(DefaultAccountAdapter):
    """Sends sign-in mail through `office.post`, and links a login to its person."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        words = WORDS[template_prefix]
        known = {"code": ""} | context | {"email": email}
        plain = {"text": str(words.text) % known, "url": context.get(words.url, ""), "action": str(words.action)}
        post.send(Letter(email, str(words.subject), "mail/notice", plain, about=ABOUT), at=timezone.now())

    def login(self, request: HttpRequest, user: User) -> None:
        find_person(user, at=timezone.now())
        super().login(request, user)


@transaction.atomic
def find_person(user: User, *, at: datetime) -> None:
    """Link a login to the one person who has its address, once allauth has seen that the address is hers.

    Schools share inboxes, so an address of several people links nobody: staff do it by hand.
    """
    if user.person_id or not Login.objects.filter(user=user, email=user.email, verified=True).exists():
        return
    owners = Person.objects.filter(addresses__address=user.email).values_list("pk", "merged_into")
    found = {merged_into or key for key, merged_into in owners}
    if len(found) != 1:
        return
    user.person_id = found.pop()
    user.save(update_fields=["person"])
    EmailAddress.objects.filter(address=user.email, verified_at=None).update(verified_at=at)


def vouch(user: User) -> None:
    """Staff or a seed know this address: the user need not prove it before signing in."""
    Login.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
