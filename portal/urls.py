from django.urls import path

from portal.views import brand, colleagues, details, district, front, participant, persons, places, styleguide, today

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
    path("my/name/", details.my_name, name="my_name"),
    path("my/address/", details.my_address, name="my_address"),
    path("my/<str:token>/", participant.participant, name="participant"),
    path("my/<str:token>/name/", details.my_name, name="my_name"),
    path("my/<str:token>/address/", details.my_address, name="my_address"),
    path("my/places/<int:registration_id>/needs/", places.my_needs, name="my_needs"),
    path("my/places/<int:registration_id>/choices/", places.my_choices, name="my_choices"),
    path("my/places/<int:registration_id>/days.ics", places.my_days, name="my_days"),
    path("my/<str:token>/places/<int:registration_id>/needs/", places.my_needs, name="my_needs"),
    path("my/<str:token>/places/<int:registration_id>/choices/", places.my_choices, name="my_choices"),
    path("my/<str:token>/places/<int:registration_id>/days.ics", places.my_days, name="my_days"),
    path("address/<str:token>/", details.confirm_address, name="confirm_address"),
    path("district/<int:organization_id>/colleagues/", colleagues.colleagues, name="colleagues"),
    path("district/<int:organization_id>/colleagues/invite/", colleagues.invite_colleague, name="invite_colleague"),
    path("parts/<int:membership_id>/hand-over/", colleagues.hand_over, name="hand_over"),
    path("parts/<int:membership_id>/keep/", colleagues.keep_part, name="keep_part"),
    path("staff/directory/people/<int:person_id>/same-as/<int:other_id>/", persons.same_person, name="same_person"),
    path("staff/directory/names/", persons.names_asked_for, name="names_asked_for"),
    path("staff/directory/names/<int:request_id>/grant/", persons.grant_name, name="grant_name"),
    path("staff/directory/names/<int:request_id>/decline/", persons.decline_name, name="decline_name"),
    path("brand.css", brand.brand, name="brand"),
    path("brand/logo/", brand.logo, name="logo"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    path("styleguide/progress/<int:done>/", styleguide.progress, name="styleguide_progress"),
]
