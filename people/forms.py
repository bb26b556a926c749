"""What every form that changes something carries: the key that makes it act once."""

from typing import Any

from django import forms

from people import once


class OnceForm(forms.Form):
    """A form with a key of its own; give `submission_key` to `once.act` in the view."""

    submission_key = forms.CharField(max_length=100, widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["submission_key"].initial = once.new_key()

    def clean_submission_key(self) -> str:
        return self.cleaned_data["submission_key"] or once.new_key()
