"""Mail that was sent: found, read, sent again."""

from typing import Any

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from office import mailbox, post
from office.accounts import ABOUT
from office.http import file_response
from office.models import Attachment, Message, Outcome, OutcomeKind
from people import once
from people.access import Action, require_provider
from people.forms import OnceForm

POLICY_OF_A_MAIL = {
    "default-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "img-src": ["data:"],
    "frame-ancestors": [SELF],
    "base-uri": [NONE],
    "form-action": [NONE],
    "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"],
}
TONES = {OutcomeKind.SENT: "good", OutcomeKind.AGAIN: "info"}


@require_safe
def mail(request: HttpRequest) -> HttpResponse:
    require_provider(request.user, Action.READ_MAIL)
    words = request.GET.get("q", "").strip()[:100]
    page = mailbox.page(
        Message.objects.visible_to(request.user),
        words=words,
        before=_key(request, "before"),
        after=_key(request, "after"),
    )
    rows = [(message, _state(message.newest_outcomes)) for message in page.messages]  # type: ignore[attr-defined]  # prefetched
    return render(request, "office/mail.html", {"rows": rows, "page": page, "words": words})


@require_safe
def message(request: HttpRequest, message_id: int) -> HttpResponse:
    require_provider(request.user, Action.READ_MAIL)
    rows = Message.objects.visible_to(request.user).select_related("person")
    found = get_object_or_404(rows.prefetch_related("attachments__file"), pk=message_id)
    outcomes = list(found.outcomes.order_by("at", "pk"))
    context = {
        "message": found,
        "state": _state(outcomes[::-1]),
        "outcomes": outcomes,
        "attachments": found.attachments.all(),
        "is_secret": _is_secret(found),
        "form": OnceForm(),
    }
    return render(request, "office/message.html", context)


@require_safe
@xframe_options_sameorigin
@csp(POLICY_OF_A_MAIL)  # type: ignore[arg-type]  # django-csp's types know only views without arguments
def message_html(request: HttpRequest, message_id: int) -> HttpResponse:
    """The HTML as the reader's mail program shows it: styles on elements, and nothing that runs."""
    require_provider(request.user, Action.READ_MAIL)
    found = get_object_or_404(Message.objects.visible_to(request.user).exclude(html=""), pk=message_id)
    if _is_secret(found):
        raise Http404
    # Its links open a page of their own: no page of ours lets itself be framed.
    return HttpResponse(found.html.replace("<head>", '<head><base target="_blank">', 1))


@require_safe
def attachment(request: HttpRequest, message_id: int, attachment_id: int) -> HttpResponseBase:
    require_provider(request.user, Action.READ_MAIL)
    found = get_object_or_404(Message.objects.visible_to(request.user), pk=message_id)
    kept = get_object_or_404(Attachment.objects.select_related("file"), pk=attachment_id, message=found)
    return file_response(kept.file)


@require_POST
def send_again(request: HttpRequest, message_id: int) -> HttpResponse:
    found = get_object_or_404(Message.objects.visible_to(request.user), pk=message_id)
    require_provider(request.user, Action.READ_MAIL)
    if _is_secret(found):
        raise Http404
    form = OnceForm(request.POST)
    form.is_valid()
    now = timezone.now()

    def do() -> dict[str, Any]:
        return {"message": post.again(found, at=now).pk}

    key = form.cleaned_data["submission_key"]
    answer, _was_first = once.act(key, do, verb="send_again", by=request.user, at=now, content=message_id)  # type: ignore[arg-type]
    messages.success(request, _("A copy is on its way to %(to)s.") % {"to": found.to})
    return redirect("office:message", answer["message"])


def _is_secret(message: Message) -> bool:
    """A code or a reset link is its reader's alone; a demo has no other way to show it."""
    return message.about == ABOUT and not settings.DEMO


def _state(newest_first: list[Outcome]) -> dict[str, str]:
    if not newest_first:
        return {"label": _("On its way"), "tone": "info"}
    newest = newest_first[0]
    return {"label": newest.get_kind_display(), "tone": TONES.get(OutcomeKind(newest.kind), "bad")}


def _key(request: HttpRequest, name: str) -> int | None:
    value = request.GET.get(name, "")
    return int(value) if value.isdecimal() and len(value) < 19 else None
