"""Files of the state's directory that were brought in, and what came of each."""

from django.conf import settings
from django.db import models

from people.access import Scoped


class DirectoryImportQuerySet(Scoped):
    """No road leads here: only the provider's staff see what was imported."""


class DirectoryImport(models.Model):
    """A file of the state's directory, from its upload to its last row."""

    name = models.CharField(max_length=200)
    file = models.FileField(upload_to="directory/%Y/")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="directory_imports")
    at = models.DateTimeField()
    as_of = models.DateField(null=True, blank=True)
    takes_private = models.BooleanField(default=False)
    takes_out_of_state = models.BooleanField(default=False)
    is_complete = models.BooleanField(default=False)
    rows_read = models.PositiveIntegerField(default=0)
    rows_expected = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    without_district = models.PositiveIntegerField(default=0)
    closed = models.PositiveIntegerField(default=0)
    unnamed = models.PositiveIntegerField(default=0)
    remarks = models.FileField(upload_to="directory/%Y/", blank=True)
    failure = models.CharField(max_length=300, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = DirectoryImportQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["-at"], name="directory_import_newest_first")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_finished(self) -> bool:
        return self.finished_at is not None
