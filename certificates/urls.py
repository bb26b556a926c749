from django.urls import path

from certificates.views import district, participant, staff, verify

app_name = "certificates"
urlpatterns = [
    path("verify/", verify.verify, name="verify"),
    path("verify/<str:code>/", verify.verify_code, name="verify_code"),
    path("certificates/link/", participant.new_link, name="new_link"),
    path("certificates/mine/<str:token>/", participant.mine, name="mine"),
    path("certificates/mine/<str:token>/<str:code>.pdf", participant.pdf_by_link, name="pdf_by_link"),
    path("certificates/mine/<str:token>/<str:code>/", participant.certificate, name="certificate"),
    path("certificates/<str:code>.pdf", district.pdf, name="pdf"),
    path("certificates/<str:code>/", district.show, name="show"),
    path("districts/<int:organization_id>/certificates/", district.district, name="district"),
    path(
        "districts/<int:organization_id>/certificates/<int:institute_id>.zip",
        district.district_zip,
        name="district_zip",
    ),
    path("staff/institutes/<int:institute_id>/certificates/", staff.institute, name="institute"),
    path("staff/institutes/<int:institute_id>/certificates/issue/", staff.issue, name="issue"),
    path("staff/institutes/<int:institute_id>/certificates/progress/", staff.progress, name="progress"),
    path("staff/institutes/<int:institute_id>/certificates/print/", staff.print_again, name="print_again"),
    path("staff/certificates/<str:code>/reissue/", staff.reissue, name="reissue"),
    path("staff/certificates/<str:code>/revoke/", staff.revoke, name="revoke"),
]
