"""What is to come in the demo: seats without names, a full June with its line, teams, and minds that changed."""

from datetime import date, datetime, time, timedelta

from events.models import Institute
from people import matching
from people.models import Employment, JobRole, Person
from portal.demo.money import Paying
from portal.demo.offer import Offer
from portal.demo.places import Ground
from portal.demo.story import attendees_of
from registrations import (
    approvals,
    choices,
    enrollment,
    funding,
    needs,
    quoting,
    substitutes,
    takeovers,
    teams,
    waitlist,
    withdrawals,
)
from registrations.enrollment import Group, TeamWanted
from registrations.models import NeedKind, Order, Registration, Team, TeamDayKind, WithdrawalCause
from registrations.rosters import drafting

OPENS, CLOSES = time(8), time(18)


def tell(offer: Offer, paying: Paying, ground: Ground, *, at: datetime) -> None:
    orders = _fill_june(offer.june, paying, ground, at=at - timedelta(days=20))
    _wait_for_june(offer.june, paying, ground, at=at - timedelta(days=12))
    _change_minds(orders, ground, at=office_hour(at, offer.june))
    _come_as_teams(offer, paying, ground, at=at - timedelta(days=8))
    _study_lessons(offer.lesson_study, ground)
    _say_needs(offer.june, ground, at=at - timedelta(days=3))
    _draft(offer.january, ground, at=at)
    _meet_twice(ground, at=at)


def office_hour(at: datetime, institute: Institute) -> datetime:
    """Now, or the last moment before it at which offers go out: an offer made then is still open."""
    local = at.astimezone(institute.tz)
    if local.time() < OPENS:
        local -= timedelta(days=1)
    if local.weekday() == 6:
        local -= timedelta(days=1)
    elif OPENS <= at.astimezone(institute.tz).time() < CLOSES:
        return at
    return local.replace(hour=CLOSES.hour - 1, minute=55, second=0, microsecond=0)


# --- June -------------------------------------------------------------------------------------------------------------


def _fill_june(june: Institute, paying: Paying, ground: Ground, *, at: datetime) -> dict[str, Order]:
    """Twenty-four seats, two of Alder Valley's and two of Bristlecone's without a name yet."""
    lines, papers = paying.lines, paying.orders
    wanted = {
        "avusd": (6, 2, lines["avusd lcff"], None),
        "bristlecone": (4, 2, lines["bristlecone"], papers["bristlecone"]),
        "delta": (10, 0, lines["delta"], papers["delta"]),
    }
    return {
        short: enrollment.place(
            [
                Group(
                    attendees_of(ground, short, named),
                    [funding.Share(line, june.starts_on, june.ends_on, paper)],
                    unnamed=unnamed,
                )
            ],
            sponsor=ground.leas[short],
            institute=june,
            key=f"demo-{june.code}-{short}",
            by=ground.dolores if short == "avusd" else ground.omar,
            at=at,
        )
        for short, (named, unnamed, line, paper) in wanted.items()
    }


def _wait_for_june(june: Institute, paying: Paying, ground: Ground, *, at: datetime) -> None:
    """Lodestar's team of four that comes whole, then one of Alder Valley's, then one of Coyote Flat's."""
    line = [("lodestar", "lodestar", 0, 4, TeamWanted("Lodestar four")), ("avusd", "avusd lcff", 6, 1, None),
            ("coyote", "coyote", 0, 1, None)]  # fmt: skip
    for number, (short, money, after, count, team) in enumerate(line):
        share = funding.Share(paying.lines[money], june.starts_on, june.ends_on)
        waitlist.join(
            [Group(attendees_of(ground, short, count, after=after), [share], team=team)],
            sponsor=ground.leas[short],
            institute=june,
            key=f"demo-{june.code}-{short}-waits",
            by=ground.dolores if short == "avusd" else ground.omar,
            at=at + timedelta(hours=number),
        )


def _change_minds(orders: dict[str, Order], ground: Ground, *, at: datetime) -> None:
    """One of Delta Vista's gives her seat back, so that the line moves; one of Bristlecone's is substituted."""
    [leaving] = _in_seats(orders["delta"])[-1:]
    withdrawals.withdraw([leaving.seat], cause=WithdrawalCause.LEFT_DISTRICT, by=ground.omar, at=at)
    waitlist.advance(leaving.institute, at=at)
    ill, staying = _in_seats(orders["bristlecone"])[:2]
    [coming] = attendees_of(ground, "bristlecone", 1, after=6)
    substitutes.substitute(ill, coming, reason="Flu", is_sure=True, by=ground.hal, at=at)
    takeovers.ask(staying.seat, ground.leas["avusd"], reason="She moves to your district.", by=ground.hal, at=at)


def _in_seats(order: Order) -> list[Registration]:
    rows = Registration.objects.live().filter(seat__allotment__order=order)
    return list(rows.select_related("seat", "institute", "person").order_by("pk"))


def _say_needs(june: Institute, ground: Ground, *, at: datetime) -> None:
    """What some need, and which strand they take."""
    strands = list(june.strands.order_by("position"))
    for number, place in enumerate(Registration.objects.live().filter(institute=june).order_by("pk")):
        if number % 4 == 1:
            needs.keep(place, NeedKind.DIETARY, "Vegetarian" if number % 8 == 1 else "No peanuts", by=None, at=at)
        if number % 9 == 4:
            needs.keep(place, NeedKind.ACCESS, "A seat near the front", by=ground.omar, at=at)
        if number % 3 == 0 and strands:
            choices.choose(place, strands[number % len(strands)], by=ground.omar, at=at)


# --- Teams ------------------------------------------------------------------------------------------------------------


def _come_as_teams(offer: Offer, paying: Paying, ground: Ground, *, at: datetime) -> None:
    institute = offer.teams
    for short, money, count in [("avusd", "avusd lcff", 5), ("coyote", "coyote", 4)]:
        enrollment.place(
            [
                Group(
                    attendees_of(ground, short, count),
                    [funding.Share(paying.lines[money], institute.starts_on, institute.ends_on)],
                )
            ],
            sponsor=ground.leas[short],
            institute=institute,
            key=f"demo-{institute.code}-{short}",
            by=ground.dolores if short == "avusd" else ground.omar,
            at=at,
        )


def _study_lessons(institute: Institute, ground: Ground) -> None:
    """Plan and teach on the first day, debrief and teach again on the second."""
    first, second = institute.starts_on, institute.ends_on
    days: dict[str, date] = {
        TeamDayKind.PLAN: first,
        TeamDayKind.TEACH: first,
        TeamDayKind.DEBRIEF: second,
        TeamDayKind.RETEACH: second,
    }
    for team in Team.objects.filter(institute=institute).select_related("order__sponsor").order_by("pk"):
        short = "avusd" if team.order.sponsor == ground.leas["avusd"] else "delta"
        wanted = teams.Arrangement(
            host_school=ground.schools[short][0],
            host_classroom="Room 12",
            facilitator=ground.omar.person,
            days=days,
        )
        teams.arrange(team, wanted, by=ground.omar)


# --- Papers and people ------------------------------------------------------------------------------------------------


def _draft(january: Institute, ground: Ground, *, at: datetime) -> None:
    """A roster of Alder Valley's for January: quoted, and waiting for a principal's approval."""
    if not january.is_open_for_registration(at=at):
        return
    draft = drafting.start(ground.leas["avusd"], january, by=ground.dolores, at=at - timedelta(days=2))
    rows = attendees_of(ground, "avusd", 3, after=2)
    table = [["First name", "Last name", "E-mail", "Role"]]
    table += [[row.given_name, row.family_name, row.email, "Teacher"] for row in rows]
    drafting.lay(draft, table, replacing=False, source="january.csv", at=at - timedelta(days=2))
    draft.refresh_from_db()
    paying = [one for one in funding.eligible(draft.sponsor, january, who=ground.dolores) if one.is_whole]
    if paying:
        keys = [row.key for row in drafting.rows_of(draft)]
        draft = drafting.pay(draft, keys, paying[0].key, at=at - timedelta(days=1))
    quoting.of_roster(draft, by=ground.dolores, at=at - timedelta(days=1))
    approvals.ask(
        draft,
        email="principal@avusd.example.test",
        name="Pat Amaya",
        note="Three for January.",
        by=ground.dolores,
        at=at - timedelta(hours=5),
    )


def _meet_twice(ground: Ground, *, at: datetime) -> None:
    """Carmen Ortega of Bristlecone was here years ago, under a longer name (scenario 7)."""
    known = Person.named("Maria del Carmen", "Ruiz-Ortega", created_at=at - timedelta(days=2000))
    known.save()
    Employment.objects.create(
        person=known,
        organization=ground.leas["bristlecone"],
        school=ground.schools["bristlecone"][0],
        role=JobRole.TEACHER,
        starts_on=(at - timedelta(days=2000)).date(),
        ends_on=(at - timedelta(days=900)).date(),
    )
    matching.sweep(at=at)
