"""Doors of the API: one module for each job; config.api puts them on the router."""

from registrations.api import attendance, orders, papers

ROUTES: list[tuple[str, type, str]] = [*attendance.ROUTES, *orders.ROUTES, *papers.ROUTES]
