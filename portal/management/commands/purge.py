"""Forgets what is to be kept no longer, and says first what that is."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from registrations import needs


class Command(BaseCommand):
    help = "Says what is due to be forgotten; with --now it is forgotten. A task does the same every night."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--now", action="store_true", help="forget it")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - the signature is Django's
        today = timezone.localdate()
        self.stdout.write(f"Dietary and access needs, two weeks after their institute: {needs.due(on=today).count()}.")
        if options["now"]:
            self.stdout.write(f"Forgotten: {needs.purge_due(on=today)}.")
        else:
            self.stdout.write("Nothing is forgotten yet. Say --now to do it.")
