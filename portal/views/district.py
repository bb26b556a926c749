"""The coordinator's one page, and what became of the mail to her people."""

from collections.abc import Iterable

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from office import mailbox
from office.models import Message
from people.access import Action, Principal, may, require
from people.http import Request
from people.models import Membership, Organization
from portal import coordinator
from registrations import mailings as mail_of_people


@require_safe
def district(request: Request) -> HttpResponse:
    districts = Organization.objects.visible_to(request.user)
    shown = get_object_or_404(districts.select_related("county"), pk=_asked(request))
    require(request.user, Action.SEE_MONEY, shown)
    may_register = may(request.user, Action.REGISTER, shown)
    year = coordinator.year_of(
        shown, who=request.user, at=timezone.now(), may_register=may_register, asked=_number(request, "year")
    )
    homes = Principal.of(request.user).organizations
    context = {
        "year": year,
        "district": shown,
        "districts": districts.filter(pk__in=homes).order_by("search_key")[:20] if len(homes) > 1 else [],
        "may_register": may_register,
    }
    return render(request, "portal/district.html", context)


@require_safe
def mailings(request: Request) -> HttpResponse:
    """Lists that a mail went, to whom and whether it arrived; never what it says: it holds its reader's own link."""
    shown = get_object_or_404(Organization.objects.visible_to(request.user), pk=_asked(request))
    require(request.user, Action.REGISTER, shown)
    orders = coordinator.orders_of(shown, who=request.user, at=timezone.now(), asked=_number(request, "year"))
    rows = mail_of_people.of_orders(orders)
    words = request.GET.get("q", "").strip()[:100]
    lost = [] if words else mail_of_people.lost(rows).select_related("person").order_by("-at", "-pk")[:50]
    listed = mail_of_people.found(rows, words) if words else rows
    page = mailbox.page(listed, before=_number(request, "before"), after=_number(request, "after"))
    context = {
        "district": shown,
        "lost": _veiled(lost),
        "rows": _veiled(page.messages),
        "page": page,
        "words": words,
    }
    return render(request, "portal/mailings.html", context)


def _veiled(messages: Iterable[Message]) -> list[tuple[Message, str]]:
    return [(message, mail_of_people.veiled(message.to)) for message in messages]


def _asked(request: Request) -> int:
    """The district in the address, or the first of one's own."""
    asked = _number(request, "district")
    if asked is not None:
        return asked
    held = Membership.objects.active().filter(user=request.user, organization__isnull=False)
    first = held.order_by("pk").values_list("organization", flat=True).first()
    if first is None:
        raise Http404
    return int(first)


def _number(request: Request, name: str) -> int | None:
    asked = request.GET.get(name, "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 18 else None
