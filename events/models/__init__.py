"""The tables of events: one file for each idea."""

from events.models.doors import Audience, PriorityWindow, SetAside
from events.models.institutes import (
    Engagement,
    EngagementRole,
    HourType,
    Institute,
    InstituteKind,
    Modality,
    Session,
    Strand,
)
from events.models.programs import Cohort, CohortMember, HoursRule, Program, Season, TeamRule, Terms, Venue

__all__ = [
    "Audience",
    "Cohort",
    "CohortMember",
    "Engagement",
    "EngagementRole",
    "HourType",
    "HoursRule",
    "Institute",
    "InstituteKind",
    "Modality",
    "PriorityWindow",
    "Program",
    "Season",
    "Session",
    "SetAside",
    "Strand",
    "TeamRule",
    "Terms",
    "Venue",
]
