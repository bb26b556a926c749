"""Reports for funders: one class for each, shown as a page, CSV, XLSX and paper, and frozen when they are given.

A person is served when she earned hours in a seat that the grant pays, on a day that it pays. She counts once, whatever
her names: whoever was merged into her is she. In each district, school, role and grade span she counts once too, so
these may add up to more than the people in all.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from billing.models import FundingAgreement, FundingLine
from billing.wording import days
from events.models import HourType
from office import files, paper
from people.models import GradeSpan, JobRole, Provider, User
from portal.models import ReportRun
from registrations.models import AllotmentFunding, HoursEarned, SeatCharge

Figures = dict[str, Any]
"""Plain, so that it can be frozen: people, minutes, dollars, and sections of rows."""


class CannotReport(Exception):
    """Nothing is reported; the sentence says why."""


@dataclass(frozen=True)
class Change:
    """A figure that is not what it was when it was reported."""

    section: str
    label: str
    what: str
    before: str
    now: str


@dataclass(frozen=True)
class GrantReport:
    """Whom a grant served and what it cost, from one day of service to another."""

    agreement: FundingAgreement
    first: date
    last: date

    @property
    def title(self) -> str:
        return f"{self.agreement}, {days(self.first, self.last)}"

    def figures(self) -> Figures:
        """In two statements, however many people there are."""
        minutes: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        people: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
        labels: dict[tuple[str, str], str] = {}
        for row in self._served().iterator():
            for section, (key, label) in _places(row).items():
                minutes[section][key] += row["minutes_sum"]
                people[section][key].add(row["who"])
                labels[section, key] = label
        lines = self._money()
        return {
            "people": len(people["all"]["all"]),
            "minutes": minutes["all"]["all"],
            "dollars": str(sum((Decimal(line["dollars"]) for line in lines), Decimal(0))),
            "sections": [
                {
                    "key": section,
                    "rows": [
                        {
                            "key": key,
                            "label": labels[section, key],
                            "people": len(people[section][key]),
                            "minutes": minutes[section][key],
                        }
                        for key in sorted(minutes[section], key=lambda key: (labels[section, key], key))
                    ],
                }
                for section in SECTIONS
            ],
            "lines": lines,
        }

    def _served(self) -> QuerySet[HoursEarned, dict[str, Any]]:
        """Minutes by person and by what is told of her, of the days that the grant pays."""
        pays = {"line__agreement": self.agreement, "first_day__lte": OuterRef("day"), "last_day__gte": OuterRef("day")}
        charged = SeatCharge.objects.filter(
            seat=OuterRef("registration__seat"),
            charge__reverses__isnull=True,
            charge__reversed_by__isnull=True,
            **{f"charge__{path}": value for path, value in pays.items()},
        )
        free = AllotmentFunding.objects.filter(
            allotment=OuterRef("registration__seat__allotment"), allotment__price=0, **pays
        )
        rows = HoursEarned.objects.filter(Exists(charged) | Exists(free), day__range=(self.first, self.last))
        rows = rows.filter(minutes__gt=0).annotate(
            who=Coalesce(F("registration__person__merged_into"), F("registration__person"))
        )
        found: QuerySet[HoursEarned, dict[str, Any]] = (
            rows.order_by().values("who", "hour_type", *TOLD).annotate(minutes_sum=Sum("minutes"))
        )
        return found

    def _money(self) -> list[dict[str, str]]:
        """Dollars of each line, of service that begins in these days."""
        inside = Q(charges__first_day__range=(self.first, self.last))
        lines = FundingLine.objects.filter(agreement=self.agreement, charges__isnull=False)
        rows = lines.annotate(dollars=Sum("charges__amount", filter=inside)).filter(dollars__gt=0)
        return [
            {"key": str(line.pk), "label": f"{line.organization or line.payer} · {line}", "dollars": str(line.dollars)}
            for line in rows.select_related("organization", "payer__organization", "agreement").order_by("pk")
        ]


SPONSOR = "registration__seat__allotment__order__sponsor"
TOLD = (
    SPONSOR,
    f"{SPONSOR}__name",
    "registration__school",
    "registration__school__name",
    "registration__school__organization__name",
    "registration__role",
    "registration__grade_span",
)
SECTIONS = ("district", "school", "role", "grade_span", "hour_type")


def headings() -> dict[str, str]:
    """What stands above each section."""
    return {
        "district": _("By district"),
        "school": _("By school"),
        "role": _("By role"),
        "grade_span": _("By grade span"),
        "hour_type": _("Hours by type"),
    }


def _places(row: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Under which keys and labels of each section a row counts."""
    school, at = row["registration__school__name"], row["registration__school__organization__name"]
    role, span = row["registration__role"], row["registration__grade_span"]
    return {
        "all": ("all", ""),
        "district": (str(row[SPONSOR] or ""), row[f"{SPONSOR}__name"] or _("Paying for themselves")),
        "school": (str(row["registration__school"] or ""), " · ".join(filter(None, [school, at])) or _("Not told")),
        "role": (role, str(JobRole(role).label) if role else _("Not told")),
        "grade_span": (span, str(GradeSpan(span).label) if span else _("Not told")),
        "hour_type": (row["hour_type"], str(HourType(row["hour_type"]).label)),
    }


def hours(minutes: int) -> str:
    """Minutes as hours, to the hundredth: "19.5"."""
    return f"{(Decimal(minutes) / 60).quantize(Decimal('0.01')):f}".rstrip("0").rstrip(".")


def sections_of(figures: Figures) -> list[dict[str, Any]]:
    """The sections with their headings, for a page or paper."""
    named = headings()
    return [
        {
            "heading": named[section["key"]],
            "rows": [{**row, "hours": hours(row["minutes"])} for row in section["rows"]],
        }
        for section in figures["sections"]
    ]


# --- As a table, and on paper -----------------------------------------------------------------------------------------

HEADERS = ("Section", "Name", "People", "Hours", "Dollars")


def table(figures: Figures) -> Iterator[Sequence[Any]]:
    """The report as rows under HEADERS."""
    yield _("In all"), "", figures["people"], hours(figures["minutes"]), figures["dollars"]
    for section in sections_of(figures):
        for row in section["rows"]:
            yield section["heading"], row["label"], row["people"], row["hours"], ""
    for line in figures["lines"]:
        yield _("By funding line"), line["label"], "", "", line["dollars"]


def context_of(report: GrantReport, figures: Figures, *, on: date) -> dict[str, Any]:
    """What the paper is made of: plain data."""
    provider, agreement = Provider.objects.select_related("organization").get(), report.agreement
    return {
        "title": _("Report on %s") % report.title,
        "provider": provider.name,
        "agreement": {"name": agreement.name, "funder": agreement.funder, "award_no": agreement.award_no},
        "days": days(report.first, report.last),
        "on": on,
        "people": figures["people"],
        "hours": hours(figures["minutes"]),
        "dollars": Decimal(figures["dollars"]),
        "sections": sections_of(figures),
        "lines": [{**line, "dollars": Decimal(line["dollars"])} for line in figures["lines"]],
    }


def pdf_of(report: GrantReport, figures: Figures, *, on: date) -> bytes:
    """The report on paper. Raises office.paper.CannotRender."""
    context = context_of(report, figures, on=on)
    return paper.render("paper/grant_report.html", context, title=context["title"])


# --- Frozen -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def freeze(report: GrantReport, *, by: User, at: datetime) -> ReportRun:
    """Keep the figures and the paper as they are given to the funder. Raises CannotReport.

    Where this machine makes no paper, the figures are kept alone.
    """
    if report.first > at.date():
        raise CannotReport(_("These days are still to come: there is nothing to report yet."))
    figures = report.figures()
    pdf = None
    if paper.is_available():
        content = pdf_of(report, figures, on=at.date())
        name = f"report-{report.first:%Y-%m-%d}-{report.last:%Y-%m-%d}.pdf"
        pdf = files.keep(content, name=name, type="application/pdf", by=by, at=at)
    return ReportRun.objects.create(
        agreement=report.agreement,
        first_day=report.first,
        last_day=report.last,
        figures=figures,
        file=pdf,
        by=by,
        at=at,
    )


def changes(before: Figures, now: Figures) -> list[Change]:
    """What is not as it was reported, figure by figure: corrected hours, a merge, money taken back. Pure."""
    old, new = _flat(before), _flat(now)
    found = []
    for key in [*old, *(key for key in new if key not in old)]:
        section, label, what = (new.get(key) or old[key])[:3]
        was, there = (rows[key][3] if key in rows else _("nothing") for rows in (old, new))
        if was != there:
            found.append(Change(section, label, what, was, there))
    return found


def _flat(figures: Figures) -> dict[tuple[str, str, str], tuple[str, str, str, str]]:
    """Each figure by its place: section, label, what it counts, and the figure in words."""
    people, worked, money = _("people"), _("hours"), _("dollars")
    flat = {
        ("all", "", "people"): (_("In all"), "", people, str(figures["people"])),
        ("all", "", "minutes"): (_("In all"), "", worked, hours(figures["minutes"])),
        ("all", "", "dollars"): (_("In all"), "", money, f"${Decimal(figures['dollars']):,.2f}"),
    }
    for section in figures["sections"]:
        heading = headings()[section["key"]]
        for row in section["rows"]:
            place = section["key"], row["key"]
            flat[*place, "people"] = heading, row["label"], people, str(row["people"])
            flat[*place, "minutes"] = heading, row["label"], worked, hours(row["minutes"])
    for line in figures["lines"]:
        dollars = f"${Decimal(line['dollars']):,.2f}"
        flat["lines", line["key"], "dollars"] = _("By funding line"), line["label"], money, dollars
    return flat
