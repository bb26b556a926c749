"""The house keeps its shape: rows are scoped, pages are closed, settings are strict."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import Model
from django.urls import URLPattern, URLResolver, get_resolver

from people.access import Scoped

OURS = {"people", "office", "events", "billing", "registrations", "certificates", "portal"}
# Whoever is signed in may read these: reference data, or rows that are only reached through a scoped one.
SHARED = {
    "people.County", "people.Region", "people.User", "people.Membership", "people.ApiToken", "people.Provider",
    "people.Submission", "people.Hold", "people.DirectoryImport",
    "office.StoredFile", "office.Attachment", "office.Outcome", "office.Misprint",
    "events.Program", "events.Season", "events.Venue", "events.Terms", "events.HoursRule", "events.TeamRule",
    "events.Strand", "events.Cohort", "events.CohortMember", "events.Audience", "events.PriorityWindow",
    "people.TwoPeople", "people.Suggestion", "people.HandOver",
    "billing.NumberSeries", "billing.StripeEvent",
}  # fmt: skip
PATHS = ("organization_path", "sponsor_path", "person_path", "employee_path", "region_path", "institute_path",
         "payer_path", "payee_path")  # fmt: skip


def our_models() -> list[type[Model]]:
    histories = ("Event", "Context")
    return [
        model
        for model in apps.get_models()
        if model._meta.app_label in OURS and not (model.__name__.endswith(histories) and hasattr(model, "pgh_id"))
    ]


def history_free(model: type[Model]) -> bool:
    return not any(field.name.startswith("pgh_") for field in model._meta.get_fields())


def roads_of(model: type[Model]) -> dict[str, str]:
    rows: Any = model._default_manager.all()
    return {path: str(getattr(rows, path, "")) for path in PATHS} if isinstance(rows, Scoped) else {}


def test_every_model_is_scoped_or_listed_as_shared() -> None:
    unscoped = {
        model._meta.label for model in our_models() if history_free(model) and not any(roads_of(model).values())
    }

    assert unscoped - SHARED == set()


def test_every_road_leads_somewhere() -> None:
    for model in our_models():
        for road in filter(None, roads_of(model).values()):
            str(model._default_manager.filter(**{f"{road}__in": [0]}).query)


def patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry, prefix + str(entry.pattern))
        else:
            yield prefix + str(entry.pattern), entry


def test_the_pages_a_stranger_may_open_are_these() -> None:
    """A new public page is a decision: it is added here."""
    public = {
        f"{entry.lookup_str.split('.')[0]}:{entry.name}"
        for where, entry in patterns(get_resolver())
        if not getattr(entry.callback, "login_required", True) and not where.startswith(("accounts/", "admin/", "api/"))
    }

    assert public == {
        "billing:checkout",
        "billing:checkout_done",
        "billing:checkout_left",
        "billing:checkout_start",
        "billing:webhook",
        "certificates:certificate",
        "certificates:mine",
        "certificates:new_link",
        "certificates:pdf_by_link",
        "certificates:verify",
        "certificates:verify_code",
        "events:feed",
        "events:institute",
        "events:institutes",
        "events:program",
        "events:programs",
        "portal:brand",
        "portal:confirm_address",
        "portal:healthz",
        "portal:home",
        "portal:logo",
        "portal:my_address",
        "portal:my_name",
        "portal:my_needs",
        "portal:my_choices",
        "portal:my_days",
        "portal:participant",
        "portal:sign_in_as",
        "registrations:approval",
        "registrations:badge",
        "registrations:own_place",
        "registrations:own_place_let_go",
        "registrations:own_place_new",
        "registrations:own_place_pay",
    }


def test_no_file_is_longer_than_it_may_be() -> None:
    roots = [Path(settings.BASE_DIR) / app for app in [*OURS, "config", "tests", "benchmarks"]]
    long = {
        str(path.relative_to(settings.BASE_DIR)): lines
        for root in roots
        for path in root.rglob("*.py")
        if "migrations" not in path.parts
        and (lines := len(path.read_text(encoding="utf-8").splitlines())) > (500 if "tests" in path.parts else 400)
    }

    assert long == {}


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"DEBUG": "yes"}, "set it to true or false"),
        ({"PORT": "eight"}, "set it to a whole number"),
        ({"DEMO": "true", "ALLOWED_HOSTS": "learning.example.org"}, "this machine only"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_a_sentence(changed: dict[str, str], sentence: str) -> None:
    environment = {"SECRET_KEY": "x" * 50, "CADRE_ENV": "/nonexistent", "PATH": "/usr/bin:/bin"} | changed

    run = subprocess.run(
        [sys.executable, "-c", "import config.settings"],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode != 0
    assert sentence in run.stderr
