"""`manage.py import_directory FILE…`: the state's directory, from files on this machine."""

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from people.directory import importing
from people.directory.tables import CannotRead

_SHOWN = 20


class Command(BaseCommand):
    help = "Bring files of the state's directory of districts and schools in: XLSX, CSV or tab-delimited, gzip or not."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--as-of", type=date.fromisoformat, metavar="YYYY-MM-DD", help="how new the file is")
        parser.add_argument("--private", action="store_true", help="take private schools too")
        parser.add_argument("--out-of-state", action="store_true", help="take county 77 too")
        parser.add_argument("--complete", action="store_true", help="close what the file's counties do not name in it")
        parser.add_argument("--refused", type=Path, metavar="FILE", help="write the refused rows here, as CSV")

    def handle(self, *_args: Any, **options: Any) -> None:
        wanted = importing.Wanted(options["private"], options["out_of_state"], options["complete"], options["as_of"])
        unread = []
        for file in options["files"]:
            self.stdout.write(f"{file.name}:")
            try:
                with file.open("rb") as source:
                    result = importing.bring_in(source, name=file.name, by=None, at=timezone.now(), wanted=wanted)
            except (CannotRead, OSError) as refusal:
                unread.append(f"{file}: {refusal}")
                self.stdout.write(f"  {refusal}")
                continue
            self._report(result)
            if options["refused"]:
                self._write_refused(result, options["refused"], file, several=len(options["files"]) > 1)
        if unread:
            raise CommandError("\n".join(unread))

    def _report(self, result: importing.Result) -> None:
        self.stdout.write(
            f"  as of {result.as_of}: {result.new:,} new, {result.changed:,} changed, {result.unchanged:,} unchanged, "
            f"{result.refused:,} refused, {result.left_out:,} left out (private or out of state)"
        )
        if result.closed:
            self.stdout.write(f"  {result.closed:,} closed, as the file does not name them")
        if result.unnamed:
            self.stdout.write(f"  {result.unnamed:,} are open here and not in the file (--complete would close them)")
        for remark in result.remarks[:_SHOWN]:
            self.stdout.write(f"  line {remark.line}: {remark.name or remark.cds}: {remark.reason}")
        if len(result.remarks) > _SHOWN:
            self.stdout.write(f"  … and {len(result.remarks) - _SHOWN:,} more; --refused FILE lists them all")

    def _write_refused(self, result: importing.Result, to: Path, file: Path, *, several: bool) -> None:
        path = to.with_stem(f"{to.stem}-{file.name.split('.')[0]}") if several else to
        path.write_bytes(result.remarks_csv())
        self.stdout.write(f"  {len(result.remarks):,} rows written to {path}")
