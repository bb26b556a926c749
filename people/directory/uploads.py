"""A file of the directory uploaded by staff: looked at, kept, and handed to a worker."""

from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from people import tasks
from people.directory import layouts, tables
from people.directory.importing import Wanted
from people.directory.tables import CannotRead
from people.models import DirectoryImport, User

LARGEST = 20 * 1024 * 1024


@transaction.atomic
def accept(upload: UploadedFile, *, wanted: Wanted, by: User, at: datetime) -> DirectoryImport:
    """Keep a file that can be read, and have it brought in. Raises tables.CannotRead."""
    name = upload.name or "directory"
    if (upload.size or 0) > LARGEST:
        raise CannotRead("This file is larger than 20 MB. Split it, or pack it with gzip.")
    table = tables.opened(upload.file, name)  # type: ignore[arg-type]  # a file open for reading bytes
    layouts.recognized(table)
    upload.seek(0)
    made = DirectoryImport.objects.create(
        name=name[:200],
        file=upload,
        by=by,
        at=at,
        as_of=wanted.as_of,
        takes_private=wanted.private,
        takes_out_of_state=wanted.out_of_state,
        is_complete=wanted.complete,
        rows_expected=table.lines_expected,
    )
    tasks.import_directory.defer(directory_import=made.pk)
    return made
