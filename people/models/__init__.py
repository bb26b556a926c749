"""The tables of people: one file for each idea."""

from people.models.directory import DirectoryImport
from people.models.merges import AddressClaim, Likeness, Merge, NameRequest, Suggestion, TwoPeople, Unmerge
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
from people.models.users import ApiToken, HandOver, Membership, User

__all__ = [
    "ADMINISTRATORS",
    "AddressClaim",
    "ApiToken",
    "Appointment",
    "AppointmentKind",
    "County",
    "DateSpan",
    "DirectoryImport",
    "EmailAddress",
    "Employment",
    "GradeSpan",
    "HandOver",
    "Hold",
    "JobRole",
    "Likeness",
    "Membership",
    "Merge",
    "NameRequest",
    "Organization",
    "OrganizationKind",
    "Person",
    "Provider",
    "Region",
    "School",
    "Standing",
    "Submission",
    "Suggestion",
    "TwoPeople",
    "Unmerge",
    "User",
]
