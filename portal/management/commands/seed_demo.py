"""Builds the demo world, and says who one can be in it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from portal import demo
from portal.cast import CAST
from portal.demo.places import PASSWORD


class Command(BaseCommand):
    help = "Builds the demo world around today's date; once it is there, nothing happens."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--who", action="store_true", help="only say who to sign in as")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - the signature is Django's
        if not options["who"]:
            built = demo.build(today=timezone.localdate(), at=timezone.now())
            self.stdout.write("The demo world is built." if built else "The demo world is there already.")
            return
        self.stdout.write(f"Sign in with one click on the home page, or with the password {PASSWORD}:")
        for part in CAST:
            self.stdout.write(f"  {part.email:34} {part.who}. {part.can}")
