"""What tests of a roster's pages stand on: a sheet, and the browser's two gestures."""

from typing import Any

from django.test import Client
from django.urls import reverse

SHEET = "First,Last,Email\nAna,Ruiz,ana@example.test\nBo,Li,bo@example.test\nCy,Wu,cy@@\n"


def page(client: Client, name: str, *args: object, **query: str) -> Any:
    return client.get(reverse(f"registrations:{name}", args=args), query)


def post(client: Client, name: str, *args: object, **asked: object) -> Any:
    return client.post(reverse(f"registrations:{name}", args=args), asked)
