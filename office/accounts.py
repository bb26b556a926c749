"""allauth's mail goes the way of all mail."""

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """Sends sign-in mail through `office.post`."""
