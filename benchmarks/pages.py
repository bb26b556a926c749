"""A coordinator registers a school's teachers through the pages: paste, choose the money, confirm."""

from django.urls import reverse

from benchmarks import world
from benchmarks.site import Answer, Caller, Site
from benchmarks.tables import Row
from people.access import Role
from registrations.models import Registration

PEOPLE = 40


def measure(site: Site, *, people: int = PEOPLE) -> list[Row]:
    """Every page and redirect on her way counts as waiting; a step is a form that she sends."""
    institute, district = world.institute(), world.districts(1)[0]
    coordinator = world.by_session(site, world.user(Role.COORDINATOR, district))
    start = reverse("registrations:roster_start", args=[institute.pk])
    sheet = "First name\tLast name\tE-mail\n" + "\n".join("\t".join(row) for row in world.names(people))
    _shown(coordinator.get(start))
    roster = _sent(coordinator, start, {"sponsor": district.pk, "pasted": sheet})
    draft = roster.strip("/").split("/")[1]
    money = reverse("registrations:roster_funding", args=[draft])
    _shown(coordinator.get(money))
    _sent(coordinator, money, {"everyone": "1", "pays": f"line-{world.line_of(district).pk}"})
    confirm = reverse("registrations:roster_confirm", args=[draft])
    _shown(coordinator.get(confirm))
    _sent(coordinator, confirm, {})
    assert Registration.objects.filter(institute=institute).count() == people
    seconds = coordinator.waited
    figure = f"3 steps, {seconds:.2f} s of waiting"
    work = f"{people} teachers by a coordinator through the pages"
    return [Row(work, figure, "3 steps, under 2 s of waiting", seconds < 2, seconds)]


def _shown(answer: Answer) -> None:
    assert answer.status == 200, (answer.status, answer.body[:300])


def _sent(caller: Caller, path: str, fields: dict[str, object]) -> str:
    """Send a form and wait for the page it leads to; where that is."""
    answer = caller.post_form(path, fields)
    assert answer.status == 302, (path, answer.status, answer.body[:300])
    _shown(caller.follow(answer))
    return answer.headers["Location"]
