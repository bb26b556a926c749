"""Doors of the API: one module for each job; config.api puts them on the router."""

from registrations.api import attendance, lines, orders, papers

ROUTES: list[tuple[str, type, str]] = [*attendance.ROUTES, *lines.ROUTES, *orders.ROUTES, *papers.ROUTES]
