"""Where each app's pages live."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/v1/", include("config.api")),
    path("", include("people.urls")),
    path("", include("office.urls")),
    path("", include("events.urls")),
    path("", include("billing.urls")),
    path("", include("registrations.urls")),
    path("", include("certificates.urls")),
    path("", include("portal.urls")),
]
