"""Mail that was sent and files that are kept."""

from collections.abc import Iterable

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import QuerySet
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from people.access import Scoped
from people.models import Organization, Person


class StoredFile(models.Model):
    """A private file: its bytes lie in the storage, its hash and what it is lie here."""

    name = models.CharField(max_length=200)
    type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    bytes = models.FileField(upload_to="kept/%Y/%m/", max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="files")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class MessageQuerySet(Scoped):
    person_path = "person"

    def undelivered(self) -> "MessageQuerySet":
        """Neither sent nor given up, or wanted again since."""
        return self.filter(~models.Exists(_standing(ENDS)))

    def failed(self) -> "MessageQuerySet":
        """Given up, and neither sent nor wanted again since."""
        sent = Outcome.objects.filter(message=models.OuterRef("pk"), kind=OutcomeKind.SENT)
        return self.filter(models.Exists(_standing({OutcomeKind.FAILED})), ~models.Exists(sent))


class Message(models.Model):
    """A mail, as it was sent; what became of it are its outcomes."""

    to = models.EmailField()
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="messages")
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField(blank=True)
    about = models.CharField(max_length=100, blank=True)
    key = models.CharField(max_length=150, unique=True, null=True, blank=True)
    at = models.DateTimeField()

    objects = MessageQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["-at", "-id"], name="message_newest_first"),
            models.Index(fields=["about"], name="message_by_subject_matter"),
            GinIndex(OpClass(Upper("to"), name="gin_trgm_ops"), name="message_by_part_of_address"),
            GinIndex(OpClass(Upper("subject"), name="gin_trgm_ops"), name="message_by_part_of_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.to}"

    def is_ended(self) -> bool:
        """Whether it was sent, or given up and not wanted again since."""
        return not Message.objects.undelivered().filter(pk=self.pk).exists()


class Attachment(models.Model):
    """A kept file that goes with a mail."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="attachments")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="attachments")

    def __str__(self) -> str:
        return self.file.name


class OutcomeKind(models.TextChoices):
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Could not be sent")
    BOUNCED = "bounced", _("Bounced")
    COMPLAINED = "complained", _("Marked as spam")
    AGAIN = "again", _("To be tried again")


ENDS = frozenset({OutcomeKind.SENT, OutcomeKind.FAILED})
"""After these nothing is tried again, unless somebody wants it."""


class Outcome(models.Model):
    """What became of a mail: sent, failed, wanted again, bounced, complained of."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="outcomes")
    kind = models.CharField(max_length=12, choices=OutcomeKind)
    detail = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.get_kind_display()


def _standing(kinds: Iterable[str]) -> QuerySet[Outcome]:
    """Outcomes of a message in these kinds after which nobody wanted it again."""
    again = Outcome.objects.filter(
        message=models.OuterRef("message"), kind=OutcomeKind.AGAIN, pk__gt=models.OuterRef("pk")
    )
    return Outcome.objects.filter(~models.Exists(again), message=models.OuterRef("pk"), kind__in=list(kinds))


class DigestLineQuerySet(Scoped):
    """Read by the digest only."""

    organization_path = "organization"

    def waiting(self) -> "DigestLineQuerySet":
        return self.filter(message__isnull=True)


class DigestLine(models.Model):
    """Something a reader is told of once a day, in one mail with the rest of that day."""

    to = models.EmailField()
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="digest_lines")
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="+")
    heading = models.CharField(max_length=150)
    text = models.CharField(max_length=300)
    url = models.CharField(max_length=300, blank=True)
    key = models.CharField(max_length=150, unique=True, null=True, blank=True)
    at = models.DateTimeField()
    message = models.ForeignKey(Message, models.PROTECT, null=True, blank=True, related_name="digest_lines")

    objects = DigestLineQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["to", "at"], condition=models.Q(message__isnull=True), name="digest_waiting")]

    def __str__(self) -> str:
        return self.text


class Misprint(models.Model):
    """A paper that could not be made, and why. It goes once the paper is made, or is to be tried again."""

    about = models.CharField(max_length=100, unique=True)
    reason = models.CharField(max_length=500)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.about}: {self.reason}"
