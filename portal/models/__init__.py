"""The tables of the portal: one file for each idea."""

from portal.models.evidence import Evidence

__all__ = ["Evidence"]
