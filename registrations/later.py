"""What verbs leave to the worker, asked for by name: the worker's doors know the verbs, not the other way round."""

from procrastinate.contrib.django import app

from registrations.models import Order


def confirm(order: Order) -> None:
    """Have the mails of an order written, in the transaction that seats its people."""
    app.configure_task("registrations.confirm").defer(order=order.pk)
