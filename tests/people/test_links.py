"""A signed link opens one page for one person, any number of times, until it is too old."""

from datetime import timedelta

import pytest
from django.core import signing

from people import links
from people.links import LinkRefused
from people.models import Person
from tests import make


def test_a_link_names_its_person_and_what_it_is_about_as_often_as_it_is_opened(ana: Person) -> None:
    token = links.sign(ana, purpose="certificates", about="LT27-01")

    assert [links.read(token, purpose="certificates") for _again in range(3)] == [(ana, "LT27-01")] * 3


def test_a_link_for_one_page_does_not_open_another(ana: Person) -> None:
    token = links.sign(ana, purpose="agenda")

    with pytest.raises(LinkRefused, match=r"^This link is for another page\."):
        links.read(token, purpose="certificates")


def test_a_link_that_is_too_old_says_so(ana: Person) -> None:
    token = links.sign(ana, purpose="certificates")

    with pytest.raises(LinkRefused, match="expired"):
        links.read(token, purpose="certificates", valid_for=timedelta(seconds=-1))


def test_a_link_that_was_changed_or_cut_is_refused(ana: Person) -> None:
    token = links.sign(ana, purpose="certificates")

    for wrong in (token[:-1], token[1:], token.replace(":", "", 1), "", "x" * 500):
        with pytest.raises(LinkRefused, match="not complete"):
            links.read(wrong, purpose="certificates")


def test_what_was_signed_for_something_else_is_no_link(ana: Person) -> None:
    with pytest.raises(LinkRefused, match="not complete"):
        links.read(signing.dumps([ana.pk, "certificates", ""]), purpose="certificates")


def test_a_link_of_someone_merged_leads_to_who_she_is_today(ana: Person) -> None:
    alias = make.person("A. Torres")
    token = links.sign(alias, purpose="certificates")
    alias.merged_into = ana
    alias.save()

    assert links.read(token, purpose="certificates") == (ana, "")


def test_a_link_of_nobody_is_refused(db: None) -> None:
    token = links.sign(Person(pk=404, display_name="Nobody"), purpose="certificates")

    with pytest.raises(LinkRefused, match="another page"):
        links.read(token, purpose="certificates")
