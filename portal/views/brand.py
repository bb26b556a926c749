"""The provider's own colors and logo, as addresses a page can name: the Content-Security-Policy allows no inline style."""

from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from people.models import Provider


@require_safe
@login_not_required
@cache_control(public=True, max_age=31_536_000, immutable=True)
def brand(_request: HttpRequest) -> HttpResponse:
    """Two custom properties; static/css/tokens.css makes every color from them. The address changes with the colors."""
    provider = Provider.objects.first()
    if provider is None:
        raise Http404
    css = (
        f"@layer tokens {{ :root {{ --brand: {provider.color_primary}; --brand-accent: {provider.color_accent}; }} }}\n"
    )
    return HttpResponse(css, content_type="text/css")


@require_safe
@login_not_required
@cache_control(public=True, max_age=3600)
def logo(_request: HttpRequest) -> FileResponse:
    """The provider's logo. An SVG opened by itself runs nothing: the policy of the site forbids it."""
    provider = Provider.objects.first()
    if provider is None or not provider.logo:
        raise Http404
    return FileResponse(provider.logo.open("rb"))
