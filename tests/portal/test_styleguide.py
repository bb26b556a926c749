import re

import pytest
from django.test import Client
from django.urls import reverse

from people.models import Organization, Provider, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client: Client, hal: User) -> Client:
    """Of somebody who is signed in: a stranger has no use for invented figures."""
    client.force_login(hal, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_the_style_guide_shows_every_part_to_whoever_is_signed_in(client: Client) -> None:
    response = client.get(reverse("portal:styleguide"))

    assert response.status_code == 200
    shown = {template.name for template in response.templates}
    assert {"components/_pager.html", "components/_form_errors.html", "components/_dialog.html"} <= shown


def test_the_style_guide_brings_no_style_or_script_of_its_own(client: Client) -> None:
    html = client.get(reverse("portal:styleguide")).content.decode()

    assert re.findall(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=", html) == []


def test_a_form_that_came_back_ties_each_error_to_its_field(client: Client) -> None:
    html = client.get(reverse("portal:styleguide")).content.decode()

    assert '<a href="#id_wrong-email">' in html
    assert 'id="id_wrong-email_error"' in html
    assert re.search(r'<input[^>]*aria-invalid="true"[^>]*aria-describedby="id_wrong-email_error"', html)


def test_a_job_that_is_done_stops_asking(client: Client) -> None:
    running = client.get(reverse("portal:styleguide_progress", args=[30])).content.decode()
    done = client.get(reverse("portal:styleguide_progress", args=[110])).content.decode()

    assert f'hx-get="{reverse("portal:styleguide_progress", args=[40])}"' in running
    assert "hx-get" not in done


def test_a_provider_brings_its_colors_without_an_inline_style(client: Client) -> None:
    home = Organization.objects.create(kind="provider", name="Sierra Science Collaborative")
    Provider.objects.create(organization=home, name="Sierra Science Collaborative", color_primary="#123456")

    page = client.get(reverse("portal:styleguide")).content.decode()
    sheet = client.get(reverse("portal:brand"))

    assert 'href="/brand.css?%23123456' in page
    assert sheet.headers["Content-Type"] == "text/css"
    assert "--brand: #123456" in sheet.content.decode()


def test_without_a_provider_there_are_no_colors_and_no_logo(client: Client) -> None:
    assert client.get(reverse("portal:brand")).status_code == 404
    assert client.get(reverse("portal:logo")).status_code == 404
