"""Where each app's pages live."""

from django.contrib import admin
from django.urls import include, path

from config import views

urlpatterns = [
    path("healthz", views.healthz),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", include("config.api")),
    path("", include("people.urls")),
    path("", include("office.urls")),
    path("", include("events.urls")),
    path("", include("billing.urls")),
    path("", include("registrations.urls")),
    path("", include("certificates.urls")),
    path("", include("portal.urls")),
]
