from django.urls import path

from registrations.views import attendance, badges, hours

app_name = "registrations"
urlpatterns = [
    path("staff/institutes/<int:institute_id>/attendance/", attendance.attendance, name="attendance"),
    path("staff/institutes/<int:institute_id>/attendance/cell/", attendance.attendance_cell, name="attendance_cell"),
    path("staff/institutes/<int:institute_id>/badges/", badges.badges, name="badges"),
    path("staff/institutes/<int:institute_id>/badges.pdf", badges.badges_paper, name="badges_paper"),
    path("registrations/<int:registration_id>/times/<str:day>/", attendance.attendance_times, name="attendance_times"),
    path("registrations/<int:registration_id>/hours/", hours.hours, name="hours"),
    path("registrations/<int:registration_id>/hours/correct/", hours.correct, name="correct"),
    path("registrations/<int:registration_id>/hours/<uuid:event_id>/take-back/", hours.take_back, name="take_back"),
    path("b/<str:badge>/", badges.badge, name="badge"),
]
