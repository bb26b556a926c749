"""Make a key to the API for a user, and print it: the only time that it is seen."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from people import tokens
from people.models import User


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="whose rights the key has")
        parser.add_argument("--name", default="Made by manage.py", help="what it is for")
        parser.add_argument("--days", type=int, default=90, help="how long it is good (90)")

    def handle(self, *_args: Any, email: str, name: str, days: int, **_options: Any) -> None:
        user = User.objects.filter(email=email.lower(), is_active=True).first()
        if user is None:
            raise CommandError(f"No one signs in as {email}.")
        if not 1 <= days <= 3650:
            raise CommandError("--days is a number from 1 to 3650.")
        token, key = tokens.issue(user, name=name, days=days, at=timezone.now())
        self.stderr.write(f"“{token.name}” for {user.email}, good until {token.expires_at:%B %-d, %Y}. Keep it:")
        self.stdout.write(key)
