"""Files of the state's directory: brought in, watched, looked back on."""

from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from people import once
from people.access import Action, require_provider
from people.directory import uploads
from people.directory.tables import CannotRead
from people.forms import DirectoryFileForm
from people.http import Request
from people.models import DirectoryImport

ON_A_PAGE = 20


@require_http_methods(["GET", "POST"])
def imports(request: Request) -> HttpResponse:
    rows = DirectoryImport.objects.visible_to(request.user).select_related("by__person").order_by("-at", "-pk")
    require_provider(request.user, Action.KEEP_DIRECTORY)
    form = DirectoryFileForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        upload, wanted = form.cleaned_data["file"], form.wanted()

        def do() -> int:
            return uploads.accept(upload, wanted=wanted, by=request.user, at=timezone.now()).pk

        key, content = form.cleaned_data["submission_key"], [upload.name, upload.size, wanted]
        try:
            made, _first = once.act(key, do, verb="import", by=request.user, at=timezone.now(), content=content)
        except CannotRead as refusal:
            form.add_error("file", str(refusal))
        except once.KeyUsedForSomethingElse as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("people:import", made)
    context = {"form": form, "page": Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page"))}
    return render(request, "people/imports.html", context, status=422 if form.errors else 200)


@require_safe
def directory_import(request: Request, import_id: int) -> HttpResponse:
    return render(request, "people/import.html", {"directory_import": _of(request, import_id)})


@require_safe
def progress(request: Request, import_id: int) -> HttpResponse:
    """The part of the page that asks for itself until the file is in."""
    return render(request, "people/_import.html", {"directory_import": _of(request, import_id)})


@require_safe
def remarks(request: Request, import_id: int) -> FileResponse:
    shown = _of(request, import_id)
    kept = get_object_or_404(DirectoryImport.objects.exclude(remarks=""), pk=shown.pk).remarks
    name = f"{shown.name.split('.')[0]}-refused.csv"
    return FileResponse(kept.open("rb"), as_attachment=True, filename=name, content_type="text/csv; charset=utf-8")


def _of(request: Request, import_id: int) -> DirectoryImport:
    rows = DirectoryImport.objects.visible_to(request.user).select_related("by__person")
    shown: DirectoryImport = get_object_or_404(rows, pk=import_id)
    require_provider(request.user, Action.KEEP_DIRECTORY)
    return shown
