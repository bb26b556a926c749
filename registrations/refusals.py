"""Why seats stay as they are: sentences fit for whoever asked."""


class CannotRegister(Exception):
    """Why these people get no seats."""


class CannotChange(Exception):
    """Why a seat stays as it is."""
