"""What a change of mind costs: a ladder of days and percents, in figures and in sentences."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.models import Terms

CENT = Decimal("0.01")


class CannotSetTerms(Exception):
    """A ladder that cannot be; `step` is the place of the step that is wrong, the first being 0."""

    def __init__(self, sentence: str, *, step: int | None = None) -> None:
        super().__init__(sentence)
        self.step = step


class Cost(NamedTuple):
    """Dollars given back, and dollars kept; together the price."""

    back: Decimal
    kept: Decimal


def percent_back(terms: Terms, *, days_before: int) -> int:
    """The percent of the price that is given back so many days before the first day; after it, nothing."""
    steps = (step["percent"] for step in terms.ladder if days_before >= step["days_before"])
    return next(steps, 0)


def cost_of_change(price: Decimal, terms: Terms, *, first_day: date, on: date) -> Cost:
    """What giving a seat of this price back on a day gives back and keeps, to the cent; half a cent goes up."""
    percent = percent_back(terms, days_before=(first_day - on).days)
    back = (price * percent / 100).quantize(CENT, ROUND_HALF_UP)
    return Cost(back, price - back)


def check(ladder: Sequence[Mapping[str, int]]) -> None:
    """Refuse a ladder whose days do not fall, whose percents are none, or that gives back more later than sooner.

    Raises CannotSetTerms with the step that is wrong.
    """
    for place, step in enumerate(ladder):
        if step["days_before"] < 0:
            raise CannotSetTerms(_("Days before the first day are 0 or more."), step=place)
        if not 0 <= step["percent"] <= 100:
            raise CannotSetTerms(_("A percent lies between 0 and 100."), step=place)
    for place, (before, after) in enumerate(pairwise(ladder), start=1):
        if after["days_before"] >= before["days_before"]:
            raise CannotSetTerms(_("Each step has fewer days than the one above it; most days come first."), step=place)
        if after["percent"] > before["percent"]:
            raise CannotSetTerms(_("A later change never gives back more than an earlier one."), step=place)


def sentences(terms: Terms) -> list[str]:
    """The terms as they are printed, one sentence for each thing one may ask."""
    return [*_of_ladder(terms.ladder), *_of_exceptions(terms), *_of_papers(terms)]


def sentence_of_change(terms: Terms, *, days_before: int) -> str:
    """The sentence that says what comes back so many days before the first day; what it costs is `cost_of_change`."""
    if days_before < 0:
        return _("Once it has begun, nothing of the price comes back.")
    lines = _of_ladder(terms.ladder)
    giving = [step["days_before"] for step in terms.ladder if step["percent"]]
    place = next((place for place, days in enumerate(giving) if days_before >= days), -1)
    return lines[place]


def sentence_of_substitution(terms: Terms) -> str:
    """What the terms say of a colleague in someone's place."""
    if terms.free_substitution:
        return _("Substituting a colleague is always free.")
    return _("A colleague takes a place only when the provider agrees.")


def sentence_of_unnamed() -> str:
    """What they say of a seat that never had a name, where they let it go free."""
    return _("A seat without a name goes back free of charge until names are due.")


def _of_ladder(ladder: Sequence[Mapping[str, int]]) -> list[str]:
    giving = [step for step in ladder if step["percent"]]
    if not giving:
        return [_("Nothing of the price comes back.")]
    made = [_line(_span(giving[0]["days_before"], None), giving[0]["percent"], first=True)]
    for above, step in pairwise(giving):
        made.append(_line(_span(step["days_before"], above["days_before"] - 1), step["percent"]))
    if giving[-1]["days_before"] > 0:
        made.append(_line(_span(None, giving[-1]["days_before"] - 1), 0))
    return made


def _span(least: int | None, most: int | None) -> str:
    """From so many days to so many, in words; None is without end."""
    if most is None:
        if not least:
            return _("Up to the first day")
        fewer = least - 1
        return ngettext(
            "More than %(days)s day before the first day", "More than %(days)s days before the first day", fewer
        ) % {"days": fewer}
    if not least:
        return ngettext("%(days)s day or fewer", "%(days)s days or fewer", most) % {"days": most}
    if least == most:
        return ngettext("%(days)s day before", "%(days)s days before", most) % {"days": most}
    return _("%(least)s to %(most)s days before") % {"least": least, "most": most}


def _line(when: str, percent: int, *, first: bool = False) -> str:
    if percent == 0:
        return _("%(when)s: nothing.") % {"when": when}
    share = _("all") if percent == 100 else f"{percent}%"
    if first:
        return _("%(when)s: %(share)s of the price comes back.") % {"when": when, "share": share}
    return f"{when}: {share}."


def _of_exceptions(terms: Terms) -> list[str]:
    made = []
    if terms.free_substitution:
        made.append(sentence_of_substitution(terms))
    if terms.unnamed_free:
        made.append(sentence_of_unnamed())
    if terms.no_show_percent:
        made.append(
            _("Of the seat of someone who does not come, %(percent)s%% comes back.")
            % {"percent": terms.no_show_percent}
        )
    return made


def _of_papers(terms: Terms) -> list[str]:
    made = []
    if (days := terms.po_due_days) is not None:
        made.append(
            ngettext(
                "The purchase order is due %(days)s day before the first day.",
                "The purchase order is due %(days)s days before the first day.",
                days,
            )
            % {"days": days}
        )
    if (days := terms.payment_due_days) is not None:
        made.append(
            ngettext(
                "Payment is due %(days)s day after the invoice.",
                "Payment is due %(days)s days after the invoice.",
                days,
            )
            % {"days": days}
        )
    return made
