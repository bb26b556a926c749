"""An uploaded file brought in, in the background, with its progress kept where the page can read it."""

from datetime import datetime

from django.core.files.base import ContentFile

from people.directory import importing
from people.directory.tables import CannotRead
from people.models import DirectoryImport

BROKEN = "Something went wrong on our side. What was read is kept; bring the file in again to go on."


def run(directory_import: DirectoryImport, *, at: datetime) -> None:
    """Bring the file in and keep the counts; once finished, a second run does nothing."""
    if directory_import.is_finished:
        return
    try:
        with directory_import.file.open("rb") as source:
            result = importing.bring_in(
                source.file,
                name=directory_import.name,
                by=directory_import.by,
                at=directory_import.at,
                wanted=_wanted(directory_import),
                progress=lambda read, expected: _keep_progress(directory_import, read, expected),
            )
    except CannotRead as refusal:
        _finish(directory_import, at=at, failure=str(refusal))
    except Exception:
        _finish(directory_import, at=at, failure=BROKEN)
        raise
    else:
        _keep_result(directory_import, result)
        _finish(directory_import, at=at)


def _wanted(of: DirectoryImport) -> importing.Wanted:
    return importing.Wanted(of.takes_private, of.takes_out_of_state, of.is_complete, of.as_of)


def _keep_progress(of: DirectoryImport, read: int, expected: int) -> None:
    DirectoryImport.objects.filter(pk=of.pk).update(rows_read=read, rows_expected=max(read, expected))


def _keep_result(of: DirectoryImport, result: importing.Result) -> None:
    counts = ("new", "changed", "unchanged", "left_out", "refused", "without_district", "closed", "unnamed", "as_of")
    for count in counts:
        setattr(of, count, getattr(result, count))
    if result.remarks:
        of.remarks.save(f"{of.pk}-remarks.csv", ContentFile(result.remarks_csv()), save=False)
    of.save(update_fields=[*counts, "remarks"])


def _finish(of: DirectoryImport, *, at: datetime, failure: str = "") -> None:
    of.failure, of.finished_at = failure, at
    of.save(update_fields=["failure", "finished_at"])
