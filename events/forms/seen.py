"""Forms that know what they were opened on, so that nobody saves over another's change unseen."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _

from events.revisions import ChangedMeanwhile
from people.forms import OnceForm, put


class SeenForm(OnceForm):
    """Give `seen` to the verb; where it raises ChangedMeanwhile, `warn` keeps what was typed and says what is saved."""

    seen = forms.CharField(max_length=64, widget=forms.HiddenInput, required=False)

    def warn(self, refusal: ChangedMeanwhile, *, saved: str = "") -> None:
        """Say what is saved now; sent again, the form takes the place of that."""
        put(self, "seen", refusal.revision)
        sentence = _(
            "Somebody changed this since you opened it. Saved now is: %(saved)s. "
            "What you typed is still here: save it again to put it in the place of that."
        )
        self.add_error(
            None, sentence % {"saved": saved or "; ".join(self._differences(refusal.saved)) or _("the same")}
        )

    def _differences(self, saved: object) -> list[str]:
        """Each field that says something else than what is saved, with what that is."""
        shown: dict[str, Any] = {name: getattr(saved, name) for name in self.fields if hasattr(saved, name)}
        return [
            f"{self.fields[name].label} “{self._words(name, value)}”"
            for name, value in shown.items()
            if (self.cleaned_data.get(name) or None) != (value or None)
        ]

    def _words(self, name: str, value: Any) -> str:
        """A value as the page writes it."""
        if isinstance(value, datetime):  # on the clocks it was typed on
            typed = self.cleaned_data.get(name)
            return date_format(value.astimezone(typed and typed.tzinfo), "DATETIME_FORMAT")
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, time):
            return time_format(value, "TIME_FORMAT")
        if isinstance(value, date):
            return date_format(value, "DATE_FORMAT")
        field = self.fields[name]
        choices: Any = field.choices if type(field) is forms.ChoiceField else ()
        return str(dict(choices).get(value, value) or _("nothing"))
