"""Keys to the API: made once, kept as a hash, gone after a date."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from people.models import ApiToken, User

_SEEN_EVERY = timedelta(minutes=1)


def issue(user: User, *, name: str, at: datetime, days: int = 365) -> tuple[ApiToken, str]:
    """A new token and its key, which is shown this once."""
    key = ApiToken.new_key()
    token = ApiToken.objects.create(
        user=user, name=name, digest=ApiToken.digest_of(key), created_at=at, expires_at=at + timedelta(days=days)
    )
    return token, key


def revoke(token: ApiToken, *, at: datetime) -> None:
    """End a token now."""
    ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=at)


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer cadre_…`"""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _, key = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        now = timezone.now()
        digest = ApiToken.digest_of(key.strip())
        token = ApiToken.objects.usable(at=now).select_related("user__person").filter(digest=digest).first()
        if token is None or not token.user.is_active:
            raise AuthenticationFailed("This key is unknown, expired or revoked; make a new one under API keys.")
        if token.last_used_at is None or now - token.last_used_at > _SEEN_EVERY:
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002 - the signature is DRF's
        return "Bearer"


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registers itself
    """How the OpenAPI document names this way in."""

    target_class = "people.tokens.TokenAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:  # noqa: ARG002 - the signature is spectacular's
        return {"type": "http", "scheme": "bearer"}
