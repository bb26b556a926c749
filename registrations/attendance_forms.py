"""Forms of the desk: a press in the grid, the times of a day, a correction with its reason."""

from datetime import date, datetime
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from events.models import Session
from registrations.attendance import LONGEST_ADJUSTMENT, LONGEST_REASON, Seen
from registrations.models import EventKind, Registration

_KEY = r"\d{1,18}"
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


class PressForm(forms.Form):
    """One press in the grid: exactly one of `tick` and `untick` ("registration:session:key"), `everyone` ("session:key")."""

    tick = forms.RegexField(rf"^{_KEY}:{_KEY}:{_UUID}$", required=False)
    untick = forms.RegexField(rf"^{_KEY}:{_KEY}:{_UUID}$", required=False)
    everyone = forms.RegexField(rf"^{_KEY}:{_UUID}$", required=False)

    def clean(self) -> dict[str, Any]:
        pressed = {name: value for name, value in self.cleaned_data.items() if value}
        if len(pressed) != 1:
            raise forms.ValidationError(_("Press one button."))
        return pressed


class KeyedForm(forms.Form):
    """A form whose key becomes the id of the event: sent twice, it counts once."""

    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = uuid4


class TimesForm(KeyedForm):
    """When someone came and left on a day, by the clock of the institute."""

    came = forms.TimeField(label=_("Came at"), widget=forms.TimeInput(attrs={"type": "time"}))
    left = forms.TimeField(label=_("Left at"), widget=forms.TimeInput(attrs={"type": "time"}))

    def moments(self, registration: Registration, day: date) -> tuple[datetime, datetime]:
        """Both times, aware."""
        came, left = (
            datetime.combine(day, self.cleaned_data[name], tzinfo=registration.institute.tz)
            for name in ("came", "left")
        )
        return came, left


class SessionField(forms.ModelChoiceField):
    def label_from_instance(self, session: Session) -> str:
        starts_at = session.starts_at.astimezone(session.institute.tz)
        return f"{starts_at:%a %b} {starts_at.day}, {starts_at:%H:%M} · {session.title}"


class BadgeForm(KeyedForm):
    """Which session a scanned badge is marked for."""

    session = SessionField(queryset=Session.objects.none(), widget=forms.HiddenInput)

    def __init__(self, *args: Any, registration: Registration, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sessions = self.fields["session"]
        assert isinstance(sessions, forms.ModelChoiceField)  # noqa: S101 - for the type checker
        sessions.queryset = registration.institute.sessions.filter(counts=True)


class CorrectionForm(KeyedForm):
    """An event added afterwards, with its reason: a whole session, or minutes given or taken."""

    session = SessionField(label=_("Session"), queryset=Session.objects.none())
    kind = forms.ChoiceField(
        label=_("What to add"),
        widget=forms.RadioSelect,
        choices=[
            (EventKind.PRESENT.value, _("Present for the whole session")),
            (EventKind.ADJUST.value, _("Minutes given, or taken with a minus sign")),
        ],
    )
    minutes = forms.IntegerField(
        label=_("Minutes"),
        required=False,
        min_value=-LONGEST_ADJUSTMENT,
        max_value=LONGEST_ADJUSTMENT,
        help_text=_("Only for minutes given or taken, such as 30 or -45."),
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=LONGEST_REASON, help_text=_("It stays in the ledger for good.")
    )

    def __init__(self, *args: Any, registration: Registration, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.registration = registration
        sessions = self.fields["session"]
        assert isinstance(sessions, forms.ModelChoiceField)  # noqa: S101 - for the type checker
        of_her_days = registration.institute.sessions.select_related("institute").filter(counts=True).in_order()
        sessions.queryset = of_her_days

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("kind") == EventKind.PRESENT:
            given["minutes"] = None
        elif given.get("minutes") in {None, 0} and "minutes" not in self.errors:
            self.add_error("minutes", _("Say how many minutes."))
        return given

    def seen(self) -> Seen:
        """The event, under the form's own key."""
        given, session = self.cleaned_data, self.cleaned_data["session"]
        return Seen(
            given["key"],
            session.pk,
            given["kind"],
            session.starts_at,
            self.registration.pk,
            minutes=given["minutes"],
            reason=given["reason"],
        )


class TakeBackForm(KeyedForm):
    """Why an event is taken back."""

    reason = forms.CharField(label=_("Why is it taken back?"), max_length=LONGEST_REASON)
