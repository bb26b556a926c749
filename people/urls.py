from django.urls import URLPattern, path

from people.views import directory, imports, persons, tokens

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
]
