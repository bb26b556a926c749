from django.urls import path

from events.views import agenda, doors, institutes, public, reference, terms

app_name = "events"
urlpatterns = [
    path("institutes/", public.institutes, name="institutes"),
    path("institutes.ics", public.feed, name="feed"),
    path("institutes/<str:code>/", public.institute, name="institute"),
    path("programs/", public.programs, name="programs"),
    path("programs/<slug:slug>/", public.program, name="program"),
    path("staff/institutes/", institutes.staff_institutes, name="staff_institutes"),
    path("staff/institutes/new/", institutes.new_institute, name="new_institute"),
    path("staff/institutes/<int:institute_id>/", agenda.staff_institute, name="staff_institute"),
    path("staff/institutes/<int:institute_id>/next/", institutes.clone_institute, name="clone_institute"),
    path("staff/institutes/<int:institute_id>/edit/", institutes.edit_institute, name="edit_institute"),
    path("staff/institutes/<int:institute_id>/publish/", institutes.publish, name="publish"),
    path("staff/institutes/<int:institute_id>/strands/", agenda.strands, name="strands"),
    path("staff/institutes/<int:institute_id>/doors/", doors.doors, name="doors"),
    path("staff/institutes/<int:institute_id>/doors/audience/", doors.doors_audience, name="doors_audience"),
    path("staff/institutes/<int:institute_id>/doors/gaps/", doors.doors_gaps, name="doors_gaps"),
    path("staff/institutes/<int:institute_id>/doors/windows/", doors.doors_window, name="doors_window"),
    path(
        "staff/institutes/<int:institute_id>/doors/windows/<int:window_id>/close/",
        doors.doors_window_close,
        name="doors_window_close",
    ),
    path("staff/institutes/<int:institute_id>/doors/set-aside/", doors.doors_set_aside, name="doors_set_aside"),
    path(
        "staff/institutes/<int:institute_id>/doors/set-aside/<int:set_aside_id>/free/",
        doors.doors_free,
        name="doors_free",
    ),
    path("staff/institutes/<int:institute_id>/agenda/add/", agenda.add_block, name="add_block"),
    path("staff/institutes/<int:institute_id>/agenda/copy/<str:day>/", agenda.copy_day, name="copy_day"),
    path("staff/institutes/<int:institute_id>/agenda/<int:session_id>/", agenda.edit_block, name="edit_block"),
    path(
        "staff/institutes/<int:institute_id>/agenda/<int:session_id>/remove/", agenda.remove_block, name="remove_block"
    ),
    path("staff/offer/terms/", terms.terms, name="terms"),
    path("staff/offer/terms/new/", terms.new_terms, name="new_terms"),
    path("staff/offer/terms/preview/", terms.preview, name="preview_terms"),
    path("staff/offer/<slug:kind>/", reference.rows, name="reference"),
    path("staff/offer/<slug:kind>/new/", reference.new, name="reference_new"),
    path("staff/offer/<slug:kind>/<int:pk>/", reference.edit, name="reference_edit"),
]
