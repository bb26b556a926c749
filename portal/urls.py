from django.urls import path

from portal.views import brand, styleguide

app_name = "portal"
urlpatterns = [
    path("brand.css", brand.brand, name="brand"),
    path("brand/logo/", brand.logo, name="logo"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    path("styleguide/progress/<int:done>/", styleguide.progress, name="styleguide_progress"),
]
