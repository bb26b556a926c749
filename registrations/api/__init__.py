"""Doors of the API: one module for each job; config.api puts them on the router."""

from registrations.api import attendance, changes, corrections, lines, orders, papers, seats

ROUTES: list[tuple[str, type, str]] = [
    *attendance.ROUTES,
    *changes.ROUTES,
    *corrections.ROUTES,
    *lines.ROUTES,
    *orders.ROUTES,
    *papers.ROUTES,
    *seats.ROUTES,
]
