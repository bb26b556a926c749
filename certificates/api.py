"""Doors of the API; config.api puts them on the router."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import HttpResponseBase
from django.utils import timezone
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from certificates import issuing, renderings, verifying
from certificates.models import Certificate, Download, Rendering, Revocation
from events.models import Institute
from office.http import file_response
from office.paper import CannotRender
from people import access
from people.access import Action
from people.api import answer


class CertificateSerializer(serializers.ModelSerializer):
    """What a certificate says, and what became of it."""

    state = serializers.SerializerMethodField()
    minutes = serializers.IntegerField(read_only=True)
    minutes_offered = serializers.IntegerField(read_only=True)
    sha256 = serializers.SerializerMethodField()

    class Meta:
        model = Certificate
        fields = ["id", "code", "version", "supersedes", "kind", "person", "institute", "sponsor", "name", "minutes",
                  "minutes_offered", "issued_at", "state", "sha256", "snapshot"]  # fmt: skip

    def get_state(self, certificate: Certificate) -> str:
        return verifying.state_of(certificate)

    def get_sha256(self, certificate: Certificate) -> list[str]:
        return [rendering.sha256 for rendering in certificate.renderings.all()]


class IssueSerializer(serializers.Serializer):
    """The institute whose certificates are to be issued."""

    institute = serializers.PrimaryKeyRelatedField(queryset=Institute.objects.none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        request = self.context.get("request")
        if request is not None:
            self.fields["institute"].queryset = Institute.objects.visible_to(request.user)  # type: ignore[attr-defined]


class NoPaper(APIException):
    """This machine cannot make the PDF."""

    status_code = 503


class Certificates(viewsets.ReadOnlyModelViewSet):
    """Certificates; POST issues those of an institute to all who earned one and have none."""

    queryset = Certificate.objects.none()
    serializer_class = CertificateSerializer
    filterset_fields = ["institute", "person", "sponsor", "code", "version"]

    def get_queryset(self) -> QuerySet[Any]:
        return (
            Certificate.objects.visible_to(self.request.user)
            .select_related("superseded_by")
            .prefetch_related(
                Prefetch("renderings", Rendering.objects.order_by("pk")),
                Prefetch("revocations", Revocation.objects.order_by("at")),
            )
        )

    def create(self, request: Request) -> Response:
        access.require_provider(request.user, Action.CERTIFY)
        asked = IssueSerializer(data=request.data, context={"request": request})
        asked.is_valid(raise_exception=True)
        institute = asked.validated_data["institute"]

        def do() -> dict[str, Any]:
            made = issuing.issue_all(institute, by=request.user, at=timezone.now())  # type: ignore[arg-type]
            rows = [
                {"code": one.code, "person": one.person_id, "name": one.name, "minutes": one.minutes} for one in made
            ]
            return {"institute": institute.pk, "issued": len(rows), "certificates": rows}

        return answer(request, do, verb="issue_certificates", refusals=issuing.CannotIssue)

    @action(detail=True)
    def pdf(self, request: Request, pk: str) -> HttpResponseBase:  # noqa: ARG002 - the router gives it
        """The PDF."""
        certificate = self.get_object()
        now = timezone.now()
        try:
            file = renderings.pdf_of(certificate, at=now)
        except CannotRender as refusal:
            raise NoPaper(str(refusal)) from refusal
        Download.objects.create(certificate=certificate, by=request.user, at=now)  # type: ignore[misc]  # signed in
        return file_response(file)


ROUTES: list[tuple[str, type, str]] = [("certificates", Certificates, "certificates")]
