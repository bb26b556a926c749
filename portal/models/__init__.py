"""The tables of the portal: one file for each idea."""

from portal.models.evidence import Evidence
from portal.models.reports import ReportRun

__all__ = ["Evidence", "ReportRun"]
