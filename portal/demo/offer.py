"""What is offered in the demo: programs, seasons, terms, and institutes before, on and after today."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from events import scheduling
from events.agenda import Block
from events.models import (
    HoursRule,
    HourType,
    Institute,
    InstituteKind,
    Program,
    Season,
    Strand,
    TeamRule,
    Terms,
    Venue,
)
from people.models import County
from portal.demo.places import Ground

PROGRAMS = [
    ("Leadership Training", "leadership-training", "LT", "Twice a year, for staff developers and core leadership teams.",
     "Staff developers and core leaders"),
    ("Statewide Roll-outs", "roll-outs", "RO", "Two days for school teams, hosted by a county office.",
     "Teams of four to six with an administrator"),
    ("Teaching Learning Collaborative", "tlc", "TLC", "Plan, teach, debrief and teach again: lesson study in a team.",
     "Teams of four teachers"),
]  # fmt: skip
STRANDS = ["Grades TK–2", "Grades 3–5", "Grades 6–8", "High school"]


@dataclass(frozen=True)
class Offer:
    """The institutes of the demo."""

    past: Institute
    running: Institute
    january: Institute
    june: Institute
    lesson_study: Institute
    teams: Institute


def build(ground: Ground, *, today: date, at: datetime) -> Offer:
    programs = {
        code: Program.objects.create(name=name, slug=slug, code=code, summary=summary, audience=audience)
        for name, slug, code, summary, audience in PROGRAMS
    }
    lt = programs["LT"]
    last, coming = _januaries(today)
    june = _thursday(date(coming.year, 6, 24))
    for month, year in [("January", last.year), ("January", coming.year), ("June", coming.year)]:
        first = date(year, 1 if month == "January" else 6, 1)
        Season.objects.create(name=f"{month} {year}", starts_on=first, ends_on=first + timedelta(days=29))
    make = _Maker(ground, programs, at)
    host = ground.leas["juniper"]
    past = make.training(lt, last, "Granlibakken Hall", at=_before(last, 260, at), price="525.00")
    return Offer(
        past=past,
        running=make.two_days(
            programs["RO"], today - timedelta(days=1), "Standards Roll-out", host=host, team=make.team, price="250.00"
        ),
        january=make.next_one(past, coming, at=_before(today, 60, at)),
        june=make.next_one(past, june, at=_before(today, 30, at), capacity=24),
        lesson_study=make.two_days(
            programs["TLC"], today + timedelta(days=24), "Fall Lesson Study Cycle", kind=InstituteKind.LESSON_STUDY,
            price="180.00", capacity=24, hour_type=HourType.LESSON_STUDY,
        ),
        teams=make.two_days(
            programs["RO"], _tuesday(today + timedelta(days=45)), "Statewide Roll-out for Teams", host=host,
            team=make.team, price="250.00", capacity=60,
        ),
    )  # fmt: skip


class _Maker:
    """Schedules institutes with the demo's terms, rule and venue."""

    def __init__(self, ground: Ground, programs: dict[str, Program], at: datetime) -> None:
        self.ground, self.programs, self.at = ground, programs, at
        self.terms = Terms.objects.create(
            name="Standard terms",
            ladder=[{"days_before": 15, "percent": 100}, {"days_before": 8, "percent": 50}],
            po_due_days=10,
            made_at=at - timedelta(days=800),
        )
        self.rule = HoursRule.objects.create(name="Proportional by day", certificate_percent=50)
        self.team = TeamRule.objects.create(
            name="Teams of four to six", smallest=4, largest=6, needs_administrator=True
        )

    def training(self, program: Program, first: date, place: str, *, at: datetime, price: str) -> Institute:
        """Three days with grade-span strands in the afternoon: 6.5 hours a day."""
        institute = self._facts(program, first, 3, "Leadership Training", at=at, price=price)
        institute.venue = self._venue(place)
        institute.certificates_after_hours = 2
        scheduling.schedule(institute, by=self.ground.omar, at=at)
        strands = Strand.objects.bulk_create(
            Strand(institute=institute, name=name, position=position) for position, name in enumerate(STRANDS)
        )
        blocks = [block for day in range(3) for block in _training_day(first + timedelta(days=day), strands)]
        scheduling.change_agenda(institute, [scheduling.Add(block) for block in blocks], by=self.ground.omar, at=at)
        scheduling.publish(institute, by=self.ground.omar, at=at)
        return institute

    def two_days(
        self, program: Program, first: date, title: str, *, price: str, hour_type: str = HourType.INTENSIVE,
        **facts: object,
    ) -> Institute:  # fmt: skip
        """Two days of seven hours."""
        at = _before(first, 120, self.at)
        institute = self._facts(program, first, 2, title, at=at, price=price)
        institute.team_rule = facts.pop("team", None)  # type: ignore[assignment]
        for name, value in facts.items():
            setattr(institute, name, value)
        institute.venue = self._venue("Juniper COE Conference Center")
        blocks = [
            Block(day=first + timedelta(days=day), starts=starts, ends=ends, title=words, counts=counts,
                  hour_type=hour_type)
            for day in range(2)
            for starts, ends, words, counts in [
                (time(8), time(11, 30), "Phenomena and three-dimensional learning", True),
                (time(11, 30), time(12, 30), "Lunch", False),
                (time(12, 30), time(16), "Lessons by grade span", True),
            ]
        ]  # fmt: skip
        scheduling.schedule(institute, blocks=blocks, by=self.ground.omar, at=at)
        scheduling.publish(institute, by=self.ground.omar, at=at)
        return institute

    def next_one(self, institute: Institute, first: date, *, at: datetime, capacity: int | None = None) -> Institute:
        made = scheduling.clone(institute, starts_on=first, by=self.ground.omar, at=at)
        made.capacity = capacity or made.capacity
        made.registration_opens_at = min(made.registration_opens_at, at)
        made.save(update_fields=["capacity", "registration_opens_at"])
        scheduling.publish(made, by=self.ground.omar, at=at)
        return made

    def _venue(self, name: str) -> Venue:
        return Venue.objects.get_or_create(
            name=name,
            defaults={"street": "500 Cedar Road", "city": "Juniper", "zip": "99001", "county": County.objects.get()},
        )[0]

    def _facts(self, program: Program, first: date, days: int, title: str, *, at: datetime, price: str) -> Institute:
        return Institute(
            program=program,
            code="",
            title=title,
            season=Season.objects.filter(starts_on__lte=first, ends_on__gte=first).first(),
            starts_on=first,
            ends_on=first + timedelta(days=days - 1),
            capacity=120,
            price=Decimal(price),
            registration_opens_at=at,
            registration_closes_at=datetime.combine(first, time(8), tzinfo=Institute().tz),
            names_due_on=first - timedelta(days=14),
            terms=self.terms,
            hours_rule=self.rule,
            what_to_bring="A laptop, and a unit that you teach.",
            description="Adult learning in science and mathematics, by educators for educators.",
        )


def _training_day(day: date, strands: list[Strand]) -> list[Block]:
    plenary = Block(day=day, starts=time(8), ends=time(11, 45), title="Leading change together",
                    hour_type=HourType.LEADERSHIP, room="Main hall")  # fmt: skip
    lunch = Block(day=day, starts=time(11, 45), ends=time(12, 45), title="Lunch", counts=False)
    parallel = [
        Block(day=day, starts=time(12, 45), ends=time(15, 30), title=f"Lesson design, {strand.name}", strand=strand,
              room=f"Room {number}")
        for number, strand in enumerate(strands, 1)
    ]  # fmt: skip
    return [plenary, lunch, *parallel]


def _januaries(today: date) -> tuple[date, date]:
    """The last January training that is wholly over, and the coming one: Thursday of the fourth week."""
    days = [_thursday(date(year, 1, 20)) for year in range(today.year - 1, today.year + 2)]
    over = [day for day in days if day + timedelta(days=3) < today]
    return over[-1], next(day for day in days if day > over[-1])


def _tuesday(day: date) -> date:
    return day + timedelta(days=(1 - day.weekday()) % 7)


def _thursday(day: date) -> date:
    return day + timedelta(days=(3 - day.weekday()) % 7)


def _before(day: date, days: int, at: datetime) -> datetime:
    """A morning so many days before a day, never later than now."""
    return min(datetime.combine(day - timedelta(days=days), time(9), tzinfo=Institute().tz), at)
