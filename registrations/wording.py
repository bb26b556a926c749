"""How counts are said on pages and in mail."""


def count(number: int, one: str, many: str = "") -> str:
    """ "1 seat", "4 seats", "2,000 people"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
