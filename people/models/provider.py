"""The provider itself, and the records that guard every verb: keys that were acted on, and holds."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from people.models.organizations import Organization
from people.models.persons import Person

COLOR = RegexValidator(r"^#[0-9a-fA-F]{6}$", "Write a color as # and six digits, such as #1d6f5c.")


class Provider(models.Model):
    """Whoever runs this installation: one row."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=30, blank=True)
    website = models.URLField(blank=True)
    logo = models.FileField(upload_to="provider/", blank=True)
    color_primary = models.CharField(max_length=7, validators=[COLOR], default="#1d5c4f")
    color_accent = models.CharField(max_length=7, validators=[COLOR], default="#d9632a")
    signatory_name = models.CharField(max_length=100, blank=True)
    signatory_title = models.CharField(max_length=100, blank=True)
    signature = models.FileField(upload_to="provider/", blank=True)
    only = models.BooleanField(default=True, unique=True, editable=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(only=True), name="there_is_one_provider")]

    def __str__(self) -> str:
        return self.name


class Submission(models.Model):
    """A form or an API call that was acted on, under the key it carried; a second arrival gets the first answer."""

    key = models.CharField(max_length=100)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="submissions")
    verb = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, blank=True)
    answer = models.JSONField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], nulls_distinct=False, name="a_key_is_acted_on_once")
        ]
        indexes = [models.Index(fields=["at"], name="submission_by_age")]

    def __str__(self) -> str:
        return f"{self.verb} {self.key}"


class Hold(models.Model):
    """Records that must be kept until a day, and why."""

    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="holds")
    subject = models.CharField(max_length=200)
    until = models.DateField()
    why = models.CharField(max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.subject} until {self.until}"
