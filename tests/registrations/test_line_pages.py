"""The pages and the API of those who wait, of offers, of teams and of choices."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from events.models import Engagement, EngagementRole, Institute, TeamRule
from registrations import funding, waitlist
from registrations.enrollment import Group, TeamWanted
from registrations.models import Offer, Registration, Team, TeamDay, WaitlistEntry
from registrations.newcomers import Attendee
from registrations.rosters import drafting
from tests import make


@pytest.fixture(autouse=True)
def _payee(provider):
    make.payee()


@pytest.fixture
def winter() -> Institute:
    return make.institute(code="LT27-01", capacity=1)


def stand(sponsor, at: Institute, *names: str) -> list[WaitlistEntry]:
    share = funding.Share(make.line(sponsor), at.starts_on, at.ends_on)
    group = Group([Attendee("Pat", name) for name in names], [share])
    order = waitlist.join([group], sponsor=sponsor, institute=at, key=f"{sponsor} {names}", by=None, at=make.NOW)
    return list(WaitlistEntry.objects.filter(allotment__order=order).order_by("pk"))


def offered(sponsor, at: Institute) -> Offer:
    """An offer that is open now, whatever day it is."""
    stand(sponsor, at, "One")
    [made] = waitlist.advance(at, at=make.NOW)
    Offer.objects.filter(pk=made.pk).update(ends_at=timezone.now() + timedelta(hours=2))
    return made


def text(response) -> str:
    return " ".join(response.content.decode().split())


# --- In line ----------------------------------------------------------------------------------------------------------


def test_a_coordinator_reads_where_hers_stand_and_no_other_district(
    as_user, dolores, alder_valley, bristlecone, winter
):
    Institute.objects.update(capacity=0)
    stand(bristlecone, winter, "Hidden")
    [entry] = stand(alder_valley, winter, "One")

    page = text(as_user(dolores).get(reverse("registrations:waits")))

    assert "2nd in line; the one before needs 1 seat and none is free." in page
    assert reverse("registrations:wait", args=[entry.pk]) in page
    assert "Hidden" not in page


def test_nobody_waits(as_user, dolores, omar, winter):
    assert "Nobody waits" in text(as_user(dolores).get(reverse("registrations:waits")))
    assert "Nobody waits" in text(as_user(omar).get(reverse("registrations:institute_waitlist", args=[winter.pk])))


def test_she_takes_hers_out_of_the_line(as_user, dolores, alder_valley, winter):
    [entry] = stand(alder_valley, winter, "One")

    done = as_user(dolores).post(reverse("registrations:wait_leave", args=[entry.pk]))
    again = as_user(dolores).post(reverse("registrations:wait_leave", args=[entry.pk]))

    assert (done.status_code, done["Location"]) == (302, reverse("registrations:waits"))
    assert (again.status_code, "This entry left the line already." in text(again)) == (422, True)


def test_staff_see_the_whole_line_and_offer_by_hand(as_user, omar, alder_valley, bristlecone, winter, monkeypatch):
    stand(alder_valley, winter, "One")
    [second] = stand(bristlecone, winter, "Two")
    tuesday = datetime(2026, 11, 3, 9, 0, tzinfo=make.PACIFIC)
    monkeypatch.setattr(timezone, "now", lambda: tuesday)
    client = as_user(omar)

    line = text(client.get(reverse("registrations:institute_waitlist", args=[winter.pk])))
    refused = client.post(reverse("registrations:wait_offer", args=[second.pk]))
    done = client.post(reverse("registrations:wait_offer", args=[second.pk]), {"reason": "She presents"})

    assert "Pat One" in line
    assert "Pat Two" in line
    assert (refused.status_code, "say why this one goes before them" in text(refused)) == (422, True)
    assert done["Location"] == reverse("registrations:institute_waitlist", args=[winter.pk])
    page = text(client.get(reverse("registrations:wait", args=[second.pk])))
    assert "Before its turn, by Omar Haddad: She presents" in page


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_asks_the_same_number_of_questions(
    rows, as_user, dolores, alder_valley, winter, django_assert_num_queries
):
    stand(alder_valley, winter, *[f"Number {number}" for number in range(rows)])
    client = as_user(dolores)
    client.get(reverse("registrations:waits"))

    with django_assert_num_queries(12):
        client.get(reverse("registrations:waits"))


# --- Offers -----------------------------------------------------------------------------------------------------------


def test_a_scanner_that_opens_the_link_accepts_nothing(as_user, dolores, alder_valley, winter):
    offer = offered(alder_valley, winter)

    page = as_user(dolores).get(reverse("registrations:offer", args=[offer.pk]))

    assert "Take the seat" in text(page)
    assert as_user(dolores).get(reverse("registrations:offer_accept", args=[offer.pk])).status_code == 405
    assert Registration.objects.count() == 0


def test_she_accepts_with_a_click_and_once(as_user, dolores, alder_valley, winter):
    offer = offered(alder_valley, winter)
    address = reverse("registrations:offer_accept", args=[offer.pk])

    first, second = (as_user(dolores).post(address, {"submission_key": "one click"}) for _click in range(2))
    late = as_user(dolores).post(address)

    order = reverse("registrations:order", args=[offer.entry.allotment.order_id])
    assert (first["Location"], second["Location"]) == (order, order)
    assert (late.status_code, "This offer was answered already: Accepted." in text(late)) == (422, True)
    assert Registration.objects.count() == 1


def test_she_declines(as_user, dolores, alder_valley, winter):
    offer = offered(alder_valley, winter)
    address = reverse("registrations:offer_decline", args=[offer.pk])

    done, again = (as_user(dolores).post(address) for _click in range(2))

    assert done["Location"] == reverse("registrations:waits")
    assert again.status_code == 422
    offer.refresh_from_db()
    assert offer.answer == "declined"


def test_an_offer_that_ended_says_so(as_user, dolores, alder_valley, winter):
    offer = offered(alder_valley, winter)
    Offer.objects.update(ends_at=make.NOW)

    page = text(as_user(dolores).get(reverse("registrations:offer", args=[offer.pk])))

    assert "This offer ended on Monday, November 2, 9:00 AM Pacific time." in page
    assert "Take the seat" not in page


# --- Teams ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def team(alder_valley) -> Team:
    rule = TeamRule.objects.create(name="Fours", smallest=4, largest=6)
    at = make.institute(code="TLC27", kind="lesson_study", team_rule=rule)
    people = [Attendee("Pat", f"Number {number}", role="teacher") for number in range(4)]
    make.placed(alder_valley, at, *people, team=TeamWanted("North"))
    return Team.objects.get()


def test_a_team_keeps_its_classroom_and_days(as_user, dolores, alder_valley, team):
    school = make.school(alder_valley)
    address = reverse("registrations:team", args=[team.pk])
    sent = {"host_school": school.pk, "host_classroom": "Room 12", "bell_times": "8:05–8:55", "plan": "2027-01-21"}

    wrong = as_user(dolores).post(address, sent | {"teach": "2027-01-20"})
    early = as_user(dolores).post(address, sent | {"plan": "2027-01-22", "teach": "2027-01-21"})
    done = as_user(dolores).post(address, sent | {"teach": "2027-01-22"})

    assert "Teach: choose a day of TLC27, January 21–23, 2027." in text(wrong)
    assert "Teach cannot come before Plan." in text(early)
    assert (wrong.status_code, early.status_code, done.status_code) == (422, 422, 302)
    team.refresh_from_db()
    assert (team.host_school, team.host_classroom) == (school, "Room 12")
    assert list(TeamDay.objects.order_by("on").values_list("kind", flat=True)) == ["plan", "teach"]


def test_who_facilitates_is_for_staff_to_say(as_user, dolores, omar, team):
    fay = make.person("Fay Moreno")
    Engagement.objects.create(institute=team.institute, person=fay, role=EngagementRole.STAFF_DEVELOPER)
    address = reverse("registrations:team", args=[team.pk])

    as_user(dolores).post(address, {"facilitator": fay.pk})
    team.refresh_from_db()
    assert team.facilitator is None
    as_user(omar).post(address, {"facilitator": fay.pk})
    team.refresh_from_db()
    assert team.facilitator == fay


def test_a_team_that_is_not_whole_says_so_until_staff_let_it_come(as_user, dolores, omar, team):
    Registration.objects.filter(pk=Registration.objects.first().pk).update(ended_at=make.NOW)
    team.seats.filter(registrations__ended_at__isnull=False).update(released_at=make.NOW)
    address = reverse("registrations:team", args=[team.pk])

    assert "A team has 4 to 6 people; this one has 3." in text(as_user(dolores).get(address))
    assert "Not whole" in text(as_user(dolores).get(reverse("registrations:teams")))
    empty = as_user(omar).post(reverse("registrations:team_allow", args=[team.pk]), {"reason": ""})
    done = as_user(omar).post(reverse("registrations:team_allow", args=[team.pk]), {"reason": "One is ill"})

    assert (empty.status_code, done.status_code) == (422, 302)
    page = text(as_user(dolores).get(address))
    assert "Let in as it is by Omar Haddad" in page
    assert "One is ill" in page
    listed = text(as_user(omar).get(reverse("registrations:institute_teams", args=[team.institute_id])))
    assert "Teams of 4 to 6." in listed


def test_a_team_that_was_withdrawn_is_arranged_no_more(as_user, dolores, team):
    Team.objects.update(ended_at=make.NOW)

    answer = as_user(dolores).post(reverse("registrations:team", args=[team.pk]), {"host_classroom": "12"})

    assert (answer.status_code, "This team was withdrawn." in text(answer)) == (422, True)


# --- Choices ----------------------------------------------------------------------------------------------------------


def test_a_coordinator_chooses_for_hers(as_user, dolores, alder_valley):
    winter = make.institute()
    lower, upper = make.strand(winter, "Grades K–2", capacity=1), make.strand(winter, "Grades 3–5")
    pond = make.session(winter, strand=lower, title="Pond life", capacity=1)
    rocks = make.session(winter, strand=upper, title="Rocks")
    order = make.placed(alder_valley, winter, "Pat One", Attendee("Pat", "Two", strand_id=lower.pk))
    first = Registration.objects.get(person__family_name="One")
    address = reverse("registrations:choice", args=[first.pk])

    assert "Grades K–2 · full" in text(as_user(dolores).get(address))
    refused = as_user(dolores).post(address, {"strand": lower.pk, "slot_0": rocks.pk})
    done = as_user(dolores).post(address, {"strand": upper.pk, "slot_0": pond.pk})

    assert (refused.status_code, "Grades K–2 is full. Choose another." in text(refused)) == (422, True)
    assert done["Location"] == reverse("registrations:order", args=[order.pk])
    first.refresh_from_db()
    assert (first.strand, first.choices.get().session) == (upper, pond)


# --- The API ----------------------------------------------------------------------------------------------------------


def test_the_api_stands_in_line_says_where_and_leaves(as_user, dolores, alder_valley, winter):
    line = make.line(alder_valley)
    person = {"given_name": "Pat", "family_name": "One", "pays": f"line-{line.pk}", "waits": "place"}
    asked = {"sponsor": alder_valley.pk, "institute": winter.pk, "people": [person]}
    client = as_user(dolores)

    made = client.post(reverse("order-list"), asked, content_type="application/json")
    [key] = made.json()["waiting"]
    standing = client.get(reverse("waitlist-entry-standing", args=[key])).json()
    tried = client.post(reverse("waitlist-entry-leave", args=[key]) + "?dry_run=true").json()
    gone = client.post(reverse("waitlist-entry-leave", args=[key])).json()

    assert made.status_code == 201
    assert (standing["number"], standing["sentence"][:11]) == (1, "1st in line")
    assert (tried["dry_run"], gone["ended_as"]) == (True, "left")
    assert client.get(reverse("waitlist-entry-standing", args=[key])).json()["sentence"] == "Left the list"


def test_the_api_answers_offers(as_user, dolores, alder_valley, winter):
    offer = offered(alder_valley, winter)
    client = as_user(dolores)

    listed = client.get(reverse("offer-list"), {"open": "true"}).json()
    taken = client.post(reverse("offer-accept", args=[offer.pk])).json()
    late = client.post(reverse("offer-decline", args=[offer.pk]))

    assert [row["seats"] for row in listed["results"]] == [1]
    assert taken["registrations"][0]["person"] == Registration.objects.get().person_id
    assert (late.status_code, late.json()) == (400, {"detail": ["This offer was answered already: Accepted."]})


def test_the_api_offers_by_hand_with_the_same_refusals(as_user, dolores, omar, alder_valley, winter):
    [entry] = stand(alder_valley, winter, "One")
    Institute.objects.update(capacity=0)
    address = reverse("waitlist-entry-offer", args=[entry.pk])

    assert as_user(dolores).post(address).status_code == 403
    assert as_user(omar).post(address, {"reason": "x"}, content_type="application/json").status_code == 400


def test_the_api_reads_teams_and_lets_them_come(as_user, omar, team):
    client = as_user(omar)

    assert client.get(reverse("team-standing", args=[team.pk])).json() == {
        "size": 4,
        "is_waiting": False,
        "shortfalls": [],
    }
    allowed = client.post(reverse("team-allow", args=[team.pk]), {"reason": "Known"}, content_type="application/json")
    assert (allowed.json()["override_reason"], allowed.json()["days"]) == ("Known", {})
    assert client.get(reverse("team-list")).json()["results"][0]["name"] == "North"


def test_the_api_chooses(as_user, dolores, alder_valley):
    winter = make.institute()
    strand, session = make.strand(winter, capacity=1), make.session(winter, capacity=1)
    make.placed(alder_valley, winter, "Pat One", Attendee("Pat", "Two", strand_id=strand.pk))
    client = as_user(dolores)
    addresses = [reverse("registration-choices-list", args=[one.pk]) for one in Registration.objects.order_by("pk")]

    full = client.post(addresses[0], {"strand": strand.pk}, content_type="application/json")
    kept = client.post(addresses[0], {"sessions": [session.pk]}, content_type="application/json")

    assert (full.status_code, kept.json()) == (400, {"strand": None, "sessions": [session.pk]})
    assert client.get(addresses[1]).json() == {"strand": strand.pk, "sessions": []}


# --- Past the line ----------------------------------------------------------------------------------------------------


def test_staff_send_a_roster_past_the_line_for_a_reason(as_user, omar, alder_valley, bristlecone):
    winter = make.institute(code="LT27-01", capacity=1, fills_small_gaps=False)
    stand(bristlecone, winter, "One")
    line = make.line(alder_valley)
    draft = drafting.start(alder_valley, winter, by=omar, at=make.NOW)
    drafting.lay(draft, [["First name", "Last name"], ["Pat", "New"]], replacing=False, at=make.NOW)
    draft = drafting.change_rows(draft, [1], at=make.NOW, pays=f"line-{line.pk}")
    address = reverse("registrations:roster_confirm", args=[draft.pk])

    refused = as_user(omar).post(address, {"revision": draft.revision})
    done = as_user(omar).post(address, {"revision": draft.revision, "past_the_line": "She presents"})

    assert (refused.status_code, "Others wait for LT27-01" in text(refused)) == (422, True)
    assert "Why they go before those in line" in text(refused)
    assert done.status_code == 302
    assert Registration.objects.get().seat.allotment.order.past_the_line == "She presents"


def test_who_puts_everyone_in_line_is_shown_the_line(as_user, dolores, alder_valley, bristlecone):
    winter = make.institute(code="LT27-01", capacity=1)
    make.placed(bristlecone, winter, "Pat One")
    line = make.line(alder_valley)
    draft = drafting.start(alder_valley, winter, by=dolores, at=make.NOW)
    drafting.lay(draft, [["First name", "Last name"], ["Pat", "New"]], replacing=False, at=make.NOW)
    draft = drafting.change_rows(draft, [1], at=make.NOW, pays=f"line-{line.pk}")
    client = as_user(dolores)

    client.post(reverse("registrations:roster_wait", args=[draft.pk]), {"whole": "yes"})
    draft.refresh_from_db()
    sent = client.post(
        reverse("registrations:roster_confirm", args=[draft.pk]), {"revision": draft.revision}, follow=True
    )

    assert sent.redirect_chain == [(reverse("registrations:waits"), 302)]
    assert ("They stand in line" in text(sent), "Pat" in text(sent), "Registered." in text(sent)) == (True, True, False)
