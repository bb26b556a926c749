from django.urls import URLPattern, path

from people.views import directory, duplicates, imports, jobs, persons, tokens

app_name = "people"
urlpatterns: list[URLPattern] = [
    path("account/keys/", tokens.own, name="tokens"),
    path("account/keys/<int:token_id>/end/", tokens.revoke, name="revoke_token"),
    path("staff/directory/", directory.directory, name="directory"),
    path("staff/directory/<int:organization_id>/", directory.organization, name="organization"),
    path("staff/directory/<int:organization_id>/appoint/", directory.appoint, name="appoint"),
    path("staff/directory/parts/<int:membership_id>/end/", directory.end_membership, name="end_membership"),
    path("staff/directory/imports/", imports.imports, name="imports"),
    path("staff/directory/imports/<int:import_id>/", imports.directory_import, name="import"),
    path("staff/directory/imports/<int:import_id>/progress/", imports.progress, name="import_progress"),
    path("staff/directory/imports/<int:import_id>/refused.csv", imports.remarks, name="import_refused"),
    path("staff/directory/people/", persons.people, name="people"),
    path("staff/directory/people/<int:person_id>/", persons.person, name="person"),
    path("staff/directory/people/<int:person_id>/rename/", persons.rename, name="rename"),
    path("staff/directory/people/<int:person_id>/job/", jobs.begin_job, name="begin_job"),
    path("staff/directory/people/<int:person_id>/not/<int:other_id>/", duplicates.two_people, name="two_people"),
    path("staff/directory/duplicates/", duplicates.duplicates, name="duplicates"),
    path("staff/directory/merges/", duplicates.merges, name="merges"),
    path("staff/directory/merges/<int:merge_id>/undo/", duplicates.unmerge, name="unmerge"),
    path("jobs/<int:employment_id>/end/", jobs.end_job, name="end_job"),
    path("district/<int:organization_id>/people/", jobs.district_people, name="district_people"),
]
