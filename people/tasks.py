"""Background work of people: thin doors to the verbs."""

from django.utils import timezone
from procrastinate.contrib.django import app

from people import matching
from people.directory import runs
from people.models import DirectoryImport


@app.task(name="people.import_directory", lock="people.import_directory")
def import_directory(directory_import: int) -> None:
    """Bring an uploaded file of the directory in; one at a time."""
    runs.run(DirectoryImport.objects.select_related("by").get(pk=directory_import), at=timezone.now())


@app.periodic(cron="40 * * * *")
@app.task(name="people.look_for_duplicates", queueing_lock="people.look_for_duplicates")
def look_for_duplicates(timestamp: int = 0) -> None:  # noqa: ARG001 - Procrastinate's signature
    """Look each hour who may be one person, for staff to decide: four to six seconds among 310,000."""
    matching.sweep(at=timezone.now())
