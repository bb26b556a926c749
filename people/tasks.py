"""Background work of people: thin doors to the verbs."""

from django.utils import timezone
from procrastinate.contrib.django import app

from people.directory import runs
from people.models import DirectoryImport


@app.task(name="people.import_directory", lock="people.import_directory")
def import_directory(directory_import: int) -> None:
    """Bring an uploaded file of the directory in; one at a time."""
    runs.run(DirectoryImport.objects.select_related("by").get(pk=directory_import), at=timezone.now())
