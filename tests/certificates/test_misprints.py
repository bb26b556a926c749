"""A PDF that cannot be made says which and why, and is tried again."""

from typing import Any

import pytest
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from certificates import issuing, renderings
from certificates.models import Certificate, Rendering
from events.models import Institute
from office import misprints, paper
from office.models import Misprint
from people.models import Organization, Person, User
from tests import make
from tests.certificates import world
from tests.certificates.test_pages import body

pytestmark = pytest.mark.django_db


@pytest.fixture
def unprintable(institute: Institute, alder_valley: Organization) -> Certificate:
    """Of a person whose name has a letter that no font has."""
    world.attended(make.person("Private \uf8ff"), institute, alder_valley)
    return issuing.issue_all(institute, by=None, at=world.AFTER)[0]


@pytest.mark.paper
def test_staff_see_which_could_not_be_printed_and_why(unprintable: Certificate, omar: User, as_user: Any) -> None:
    renderings.render_all([unprintable.pk], at=world.AFTER)

    answer = body(as_user(omar).get(reverse("certificates:progress", args=[unprintable.institute_id])))

    assert "0 of 1" in answer
    assert "every 2s" not in answer
    assert f"{unprintable.name}</bdi></a>: No font here has" in answer
    assert "Try again" in answer


@pytest.mark.paper
def test_what_is_tried_again_waits_until_it_is_known_anew(unprintable: Certificate, omar: User, as_user: Any) -> None:
    renderings.render_all([unprintable.pk], at=world.AFTER)
    before = ProcrastinateJob.objects.count()

    page = body(as_user(omar).post(reverse("certificates:print_again", args=[unprintable.institute_id]), follow=True))

    assert "every 2s" in page
    assert not Misprint.objects.exists()
    newest = ProcrastinateJob.objects.latest("pk")
    assert (newest.task_name, newest.args) == ("certificates.follow_up", {"certificates": [unprintable.pk]})
    assert ProcrastinateJob.objects.count() == before + 1


def test_where_every_pdf_is_made_nothing_is_tried_again(institute: Institute, omar: User, as_user: Any) -> None:
    as_user(omar).post(reverse("certificates:print_again", args=[institute.pk]))

    assert not ProcrastinateJob.objects.exists()


@pytest.mark.paper
def test_a_reason_goes_when_the_paper_is_made_after_all(certificate: Certificate) -> None:
    misprints.note({certificate.about: "No font"}, at=world.AFTER)
    misprints.note({certificate.about: "No font here"}, at=world.AFTER)
    assert renderings.misprinted(Certificate.objects.all()) == [(certificate, "No font here")]

    renderings.pdf_of(certificate, at=world.AFTER)

    assert not Misprint.objects.exists()


@pytest.mark.paper
def test_one_that_was_corrected_stands_in_nobody_s_way(unprintable: Certificate, omar: User, as_user: Any) -> None:
    renderings.render_all([unprintable.pk], at=world.AFTER)
    Person.objects.filter(pk=unprintable.person_id).update(display_name="Private Smith")
    second = issuing.reissue(unprintable, reason="name", by=omar, at=world.AFTER)
    renderings.render_all([second.pk], at=world.AFTER)

    answer = body(as_user(omar).get(reverse("certificates:progress", args=[unprintable.institute_id])))

    assert Rendering.objects.count() == 1
    assert "Done: 1 of 1" in answer
    assert "Could not be printed" not in answer


def test_a_machine_that_makes_no_paper_is_the_reason_too(
    unprintable: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paper, "_WHY_NOT", "no libpango")

    renderings.render_all([unprintable.pk], at=world.AFTER)

    [(_certificate, reason)] = renderings.misprinted(Certificate.objects.all())
    assert "Paper needs Pango" in reason
