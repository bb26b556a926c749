from django.urls import path

from portal.views import brand, district, front, participant, styleguide, today

app_name = "portal"
urlpatterns = [
    path("", front.home, name="home"),
    path("start/", front.start, name="start"),
    path("demo/sign-in/", front.sign_in_as, name="sign_in_as"),
    path("healthz", front.healthz, name="healthz"),
    path("today/", today.today, name="today"),
    path("district/", district.district, name="district"),
    path("district/mail/", district.mailings, name="mailings"),
    path("my/", participant.participant, name="participant"),
    path("my/<str:token>/", participant.participant, name="participant"),
    path("brand.css", brand.brand, name="brand"),
    path("brand/logo/", brand.logo, name="logo"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    path("styleguide/progress/<int:done>/", styleguide.progress, name="styleguide_progress"),
]
