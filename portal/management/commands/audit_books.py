"""manage.py audit_books: recount every counter, document and number from rows; exit 1 when something does not add up."""

from itertools import chain
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing import books
from registrations import recount


class Command(BaseCommand):
    help = "Recounts charges, draws, seats, invoice lines, allocations and invoice numbers from their rows."

    def handle(self, *_args: Any, **_options: Any) -> None:
        broken = list(chain(books.broken_equations(), recount.broken_equations()))
        for sentence in broken:
            self.stderr.write(sentence)
        if broken:
            raise CommandError(f"{len(broken)} of the books' equations are broken.")
        self.stdout.write("The books add up.")
