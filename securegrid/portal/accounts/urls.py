"""Addresses of one's own account."""

from django.urls import path

from securegrid.portal.accounts import views

app_name = "accounts"
urlpatterns = [
    path("account/", views.profile, name="profile"),
    path("account/tokens/", views.tokens, name="tokens"),
    path("account/tokens/new", views.new_token, name="new_token"),
    path("account/tokens/<uuid:token>/revoke", views.revoke_token, name="revoke_token"),
    path("invitation/", views.set_password, name="set_password"),
    # E-mail addresses are set by administrators, accounts are made by invitation, and no
    # mail is sent: allauth's pages for these must not be found.
    path("accounts/signup/", views.absent),
    path("accounts/email/", views.absent),
    path("accounts/confirm-email/", views.absent),
    path("accounts/confirm-email/<str:key>/", views.absent),
    path("accounts/password/reset/", views.lost_password),
    path("accounts/password/reset/done/", views.absent),
    path("accounts/password/reset/key/done/", views.absent),
    path("accounts/password/reset/key/<str:key>/", views.absent),
    path("accounts/login/code/confirm/", views.absent),
    # The account's own page shows the same.
    path("accounts/2fa/", views.profile),
]
