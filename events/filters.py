"""Filters of lists: what stands in the address is what is shown; a value that is none filters nothing."""

from datetime import date
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from events.models import Institute, Modality, Program, Season, Session
from people.models import County, Region


class InstituteFilter(django_filters.FilterSet):
    """What anyone may ask of the institutes: a program, a place, a month, how one meets."""

    program = django_filters.ModelChoiceFilter(queryset=Program.objects.order_by("name"), empty_label=_("Any"))
    region = django_filters.ModelChoiceFilter(
        field_name="venue__county__region", queryset=Region.objects.order_by("name"), empty_label=_("Any")
    )
    county = django_filters.ModelChoiceFilter(
        field_name="venue__county",
        queryset=County.objects.filter(venues__isnull=False).distinct().order_by("name"),
        empty_label=_("Any"),
    )
    month = django_filters.ChoiceFilter(method="in_month", label=_("Month"), empty_label=_("Any"), choices=())
    modality = django_filters.ChoiceFilter(choices=Modality.choices, label=_("How"), empty_label=_("Any"))

    class Meta:
        model = Institute
        fields = ["program", "region", "county", "month", "modality"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        months = self.queryset.dates("starts_on", "month")
        self.filters["month"].extra["choices"] = [(f"{month:%Y-%m}", date_format(month, "F Y")) for month in months]
        self.form.fields["program"].label, self.form.fields["region"].label = _("Program"), _("Region")
        self.form.fields["county"].label = _("County")

    def in_month(self, rows: QuerySet, _name: str, month: str) -> QuerySet:
        year, number = (int(part) for part in month.split("-"))
        return rows.filter(starts_on__year=year, starts_on__month=number)

    @property
    def chosen(self) -> Any:
        """The rows that are asked for; all of them when the address makes no sense."""
        return self.qs if self.is_valid() else self.queryset


class StaffInstituteFilter(django_filters.FilterSet):
    """What the provider's staff ask: words, program, season, when, and how far it has come."""

    WHEN = [("coming", _("Coming")), ("running", _("Running")), ("past", _("Past"))]
    STATUS = [("draft", _("Draft")), ("open", _("Open for registration")), ("closed", _("Registration closed")),
              ("canceled", _("Canceled"))]  # fmt: skip

    q = django_filters.CharFilter(
        method="named", label=_("Code or title"), widget=forms.TextInput(attrs={"type": "search"})
    )
    program = django_filters.ModelChoiceFilter(queryset=Program.objects.order_by("name"), empty_label=_("Any"))
    season = django_filters.ModelChoiceFilter(queryset=Season.objects.order_by("-starts_on"), empty_label=_("Any"))
    when = django_filters.ChoiceFilter(choices=WHEN, method="at_a_time", label=_("When"), empty_label=_("Any"))
    status = django_filters.ChoiceFilter(choices=STATUS, method="in_status", label=_("Status"), empty_label=_("Any"))

    class Meta:
        model = Institute
        fields = ["q", "program", "season", "when", "status"]

    def __init__(self, *args: Any, at: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.at = at
        self.form.fields["program"].label, self.form.fields["season"].label = _("Program"), _("Season")

    def named(self, rows: QuerySet, _name: str, words: str) -> QuerySet:
        return rows.filter(code__istartswith=words) | rows.filter(title__icontains=words)

    def at_a_time(self, rows: QuerySet, _name: str, when: str) -> QuerySet:
        today: date = self.at.date()
        asked = {
            "coming": {"starts_on__gt": today},
            "running": {"starts_on__lte": today, "ends_on__gte": today},
            "past": {"ends_on__lt": today},
        }
        return rows.filter(**asked[when])

    def in_status(self, rows: QuerySet, _name: str, status: str) -> QuerySet:
        held = rows.filter(canceled_at__isnull=True)
        return {
            "draft": lambda: held.filter(published_at__isnull=True),
            "open": lambda: held.filter(
                published_at__isnull=False, registration_opens_at__lte=self.at, registration_closes_at__gt=self.at
            ),
            "closed": lambda: held.filter(published_at__isnull=False, registration_closes_at__lte=self.at),
            "canceled": lambda: rows.filter(canceled_at__isnull=False),
        }[status]()

    @property
    def chosen(self) -> Any:
        return self.qs if self.is_valid() else self.queryset


class SessionFilter(django_filters.FilterSet):
    """Blocks of one institute, of a strand, or that count."""

    class Meta:
        model = Session
        fields = ["institute", "strand", "counts", "hour_type"]
