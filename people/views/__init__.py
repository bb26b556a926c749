"""The pages of people: one file for each idea."""

from django.http import HttpRequest

from people.models import User


class Request(HttpRequest):
    """Of somebody who is signed in: LoginRequiredMiddleware lets nobody else through."""

    user: User
