"""Builds a world as large as a state, for measuring."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from portal import scale, scale_district

YEARS = 10


class Command(BaseCommand):
    help = "Builds an invented world of the size asked for: districts, people, institutes, registrations, attendance."

    def add_arguments(self, parser: ArgumentParser) -> None:
        for name, number in vars(scale.Size()).items():
            parser.add_argument(f"--{name}", type=int, default=number)
        parser.add_argument(
            "--staff", type=int, default=0, help="a district of so many people, with ten years of history"
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - the signature is Django's
        size = scale.Size(**{name: options[name] for name in vars(scale.Size())})
        made = scale.build(size, today=timezone.localdate(), at=timezone.now())
        self.stdout.write(", ".join(f"{number:,} {name}" for name, number in made.items()))
        if options["staff"]:
            district = scale_district.build(
                staff=options["staff"], years=YEARS, today=timezone.localdate(), at=timezone.now()
            )
            self.stdout.write(f"{district} has {options['staff']:,} people and {YEARS} years behind it.")
