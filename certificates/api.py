"""Doors of the API; config.api puts them on the router."""

ROUTES: list[tuple[str, type, str]] = []
