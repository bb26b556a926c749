"""Scenario 3: RO27-2 wants teams of 4 to 6 with an administrator.

Coyote Flat has 3 teachers and the superintendent/principal; Delta Vista sends 7.
"""

from decimal import Decimal

import pytest

from events.models import Institute, TeamRule
from people.access import Role
from people.models import Organization, User
from registrations import enrollment, funding, lineups, offers, teams, waitlist, withdrawals
from registrations.enrollment import CannotRegister, Group, TeamWanted
from registrations.models import Order, Registration, Team, WaitlistEntry
from registrations.newcomers import Attendee
from tests import make

TEACHER, SUPERINTENDENT, PRINCIPAL = "teacher", "superintendent", "principal"


@pytest.fixture(autouse=True)
def _payee(provider):
    make.payee()


@pytest.fixture
def roll_out() -> Institute:
    rule = TeamRule.objects.create(name="Teams with a leader", smallest=4, largest=6, needs_administrator=True)
    return make.institute(code="RO27-2", team_rule=rule, price=Decimal(250))


@pytest.fixture
def delta_vista() -> Organization:
    return make.organization("Delta Vista Unified", "99001040000000")


def group(sponsor: Organization, at: Institute, *roles: str, first: int = 1, team: str = "", reason: str = "") -> Group:
    people = [Attendee("Pat", f"Number {first + place}", role=role) for place, role in enumerate(roles)]
    share = funding.Share(make.line(sponsor), at.starts_on, at.ends_on)
    wanted = TeamWanted(team or sponsor.name, reason) if team or reason else None
    return Group(people, [share], team=wanted)


def placed(sponsor: Organization, at: Institute, *groups: Group, by: User | None = None) -> Order:
    return enrollment.place(groups, sponsor=sponsor, institute=at, key="roster", by=by, at=make.NOW)


def test_three_teachers_and_the_superintendent_are_a_team(roll_out):
    coyote_flat = make.organization("Coyote Flat Elementary", "99001030000000")

    placed(coyote_flat, roll_out, group(coyote_flat, roll_out, TEACHER, TEACHER, TEACHER, SUPERINTENDENT))

    team = Team.objects.get()
    assert (team.name, team.seats.count(), team.override_reason) == ("Coyote Flat Elementary", 4, "")
    assert teams.falls_short(team) == []


def test_seven_are_too_many_for_a_team(roll_out, delta_vista):
    seven = group(delta_vista, roll_out, *[TEACHER] * 6, PRINCIPAL)

    with pytest.raises(CannotRegister, match=r"^Delta Vista Unified: A team has 4 to 6 people; this one has 7\.$"):
        placed(delta_vista, roll_out, seven)

    assert (Team.objects.count(), Registration.objects.count()) == (0, 0)


def test_six_are_seated_and_the_seventh_waits_until_the_team_has_room(roll_out, delta_vista):
    order = placed(delta_vista, roll_out, group(delta_vista, roll_out, *[TEACHER] * 5, PRINCIPAL))
    seventh = group(delta_vista, roll_out, TEACHER, first=7, team="Delta Vista Unified")

    waitlist.join([seventh], sponsor=delta_vista, institute=roll_out, key="w", order=order, by=None, at=make.NOW)

    assert waitlist.advance(roll_out, at=make.NOW) == []
    [standing] = lineups.of_institute(roll_out, at=make.NOW)
    assert standing.sentence == "1st in line; comes when Delta Vista Unified has room for it."
    leaving = Registration.objects.filter(role=TEACHER).order_by("pk")[0]
    withdrawals.withdraw([leaving.seat], by=None, at=make.NOW)
    [offer] = WaitlistEntry.objects.get().offers.all()
    [registration] = offers.accept(offer, by=None, at=make.NOW)
    assert registration.seat.team == Team.objects.get()
    assert len(teams.members_of(registration.seat.team)) == 6


def test_staff_let_seven_come_for_a_reason(roll_out, delta_vista, omar):
    seven = group(delta_vista, roll_out, *[TEACHER] * 6, PRINCIPAL, reason="Two schools share a principal")

    placed(delta_vista, roll_out, seven, by=omar)

    team = Team.objects.get()
    assert (team.override_reason, team.override_by) == ("Two schools share a principal", omar)
    assert (team.seats.count(), teams.falls_short(team)) == (7, [])


def test_a_district_gives_itself_no_leave(roll_out, delta_vista):
    dee = make.user("dee@dvusd.example.test", Role.COORDINATOR, at=delta_vista, name="Dee Ruiz")
    seven = group(delta_vista, roll_out, *[TEACHER] * 6, PRINCIPAL, reason="We are many")

    with pytest.raises(CannotRegister, match="Only our staff can let a team come"):
        placed(delta_vista, roll_out, seven, by=dee)


def test_four_teachers_are_told_that_an_administrator_is_missing(roll_out, delta_vista):
    with pytest.raises(CannotRegister, match="A team brings an administrator: a principal, a superintendent"):
        placed(delta_vista, roll_out, group(delta_vista, roll_out, *[TEACHER] * 4))


def test_a_roster_without_roles_is_judged_by_the_jobs_that_are_known(roll_out, delta_vista):
    principal = make.person("Ines Barragán", at=delta_vista)
    principal.employments.update(role=PRINCIPAL)
    share = funding.Share(make.line(delta_vista), roll_out.starts_on, roll_out.ends_on)
    people = [Attendee(person_id=principal.pk), *(Attendee("Pat", f"Number {n}") for n in range(3))]

    placed(delta_vista, roll_out, Group(people, [share]))

    assert Team.objects.get().seats.count() == 4


def test_a_team_paid_by_two_lines_is_one_team(roll_out, delta_vista):
    teachers = group(delta_vista, roll_out, TEACHER, TEACHER, team="North")
    others = group(delta_vista, roll_out, TEACHER, PRINCIPAL, first=3, team="North")

    placed(delta_vista, roll_out, teachers, others)

    assert Team.objects.get().seats.count() == 4


def test_two_teams_of_one_roster_are_each_judged(roll_out, delta_vista):
    north = group(delta_vista, roll_out, *[TEACHER] * 3, PRINCIPAL, team="North")
    south = group(delta_vista, roll_out, *[TEACHER] * 3, first=5, team="South")

    with pytest.raises(CannotRegister, match=r"^South: A team has 4 to 6 people; this one has 3\."):
        placed(delta_vista, roll_out, north, south)


def test_more_people_come_to_a_team_that_stands(roll_out, delta_vista):
    placed(delta_vista, roll_out, group(delta_vista, roll_out, *[TEACHER] * 3, PRINCIPAL))

    more = group(delta_vista, roll_out, TEACHER, first=5)
    enrollment.place([more], sponsor=delta_vista, institute=roll_out, key="more", by=None, at=make.NOW)

    assert Team.objects.get().seats.count() == 5


def test_a_team_that_loses_people_by_our_staff_shows_that_it_is_not_whole(roll_out, delta_vista, omar):
    placed(delta_vista, roll_out, group(delta_vista, roll_out, *[TEACHER] * 3, PRINCIPAL))
    leaving = Registration.objects.get(role=PRINCIPAL)

    withdrawals.withdraw([leaving.seat], by=omar, at=make.NOW)

    assert teams.falls_short(Team.objects.get()) == [
        "A team has 4 to 6 people; this one has 3.",
        "A team brings an administrator: a principal, a superintendent or another of that kind.",
    ]


def test_a_waiting_team_is_paid_by_one_line(roll_out, delta_vista):
    teachers = group(delta_vista, roll_out, TEACHER, TEACHER, team="North")
    others = group(delta_vista, roll_out, TEACHER, PRINCIPAL, first=3, team="North")

    with pytest.raises(CannotRegister, match="A team that waits is paid for by one line"):
        waitlist.join([teachers, others], sponsor=delta_vista, institute=roll_out, key="w", by=None, at=make.NOW)
