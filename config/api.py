"""The API: one router, to which each app gives its doors as (prefix, viewset, basename)."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import SimpleRouter

from billing import api as billing
from billing import receipts_api as receipts
from certificates import api as certificates
from events import api as events
from office import api as office
from people import api as people
from portal import api as portal
from registrations import api as registrations

router = SimpleRouter(trailing_slash=True)
for doors in (people, office, events, billing, receipts, registrations, certificates, portal):
    for prefix, viewset, basename in doors.ROUTES:
        router.register(prefix, viewset, basename)

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    *router.urls,
]
