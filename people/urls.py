from django.urls import path

from people.views import tokens

app_name = "people"
urlpatterns = [
    path("account/keys/", tokens.own, name="tokens"),
    path("account/keys/<int:token_id>/end/", tokens.revoke, name="revoke_token"),
]
