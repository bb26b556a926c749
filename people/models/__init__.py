"""The tables of people: one file for each idea."""

from people.models.directory import DirectoryImport
from people.models.organizations import County, Organization, OrganizationKind, Region, School, Standing
from people.models.persons import (
    ADMINISTRATORS,
    Appointment,
    AppointmentKind,
    DateSpan,
    EmailAddress,
    Employment,
    GradeSpan,
    JobRole,
    Person,
)
from people.models.provider import Hold, Provider, Submission
from people.models.users import ApiToken, Membership, User

__all__ = [
    "ADMINISTRATORS",
    "ApiToken",
    "Appointment",
    "AppointmentKind",
    "County",
    "DateSpan",
    "DirectoryImport",
    "EmailAddress",
    "Employment",
    "GradeSpan",
    "Hold",
    "JobRole",
    "Membership",
    "Organization",
    "OrganizationKind",
    "Person",
    "Provider",
    "Region",
    "School",
    "Standing",
    "Submission",
    "User",
]
