"""The tables of events: one file for each idea."""

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
    "Cohort",
    "CohortMember",
    "Engagement",
    "EngagementRole",
    "HourType",
    "HoursRule",
    "Institute",
    "InstituteKind",
    "Modality",
    "Program",
    "Season",
    "Session",
    "Strand",
    "TeamRule",
    "Terms",
    "Venue",
]
