"""Addresses of the alliance's pages."""

from django.urls import path

from securegrid.portal.alliance.pages import health, members, misps, people, settings

app_name = "alliance"
urlpatterns = [
    path("misps/", misps.misps, name="misps"),
    path("misps/connect", misps.connect, name="connect"),
    path("misps/<uuid:misp>/", misps.misp, name="misp"),
    path("misps/<uuid:misp>/edit", misps.edit, name="misp_edit"),
    path("misps/<uuid:misp>/test", misps.test, name="misp_test"),
    path("misps/<uuid:misp>/switch", misps.switch, name="misp_switch"),
    path("misps/<uuid:misp>/disconnect", misps.disconnect, name="misp_disconnect"),
    path("health/", health.health, name="health"),
    path("health/<uuid:misp>/", health.misp_health, name="misp_health"),
    path("members/", members.members, name="members"),
    path("members/<uuid:member>/", members.member, name="member"),
    path("members/<uuid:member>/suspend", members.suspend, name="member_suspend"),
    path("members/<uuid:member>/resume", members.resume, name="member_resume"),
    path("users/", people.people, name="people"),
    path("users/invite", people.invite, name="invite"),
    path("users/<uuid:user>/", people.one, name="person"),
    path("users/<uuid:user>/roles", people.roles, name="person_roles"),
    path("users/<uuid:user>/name", people.rename, name="person_name"),
    path("users/<uuid:user>/suspend", people.suspend, name="person_suspend"),
    path("users/<uuid:user>/resume", people.resume, name="person_resume"),
    path("users/<uuid:user>/link", people.link, name="person_link"),
    path("users/<uuid:user>/sign-out", people.sign_out, name="person_sign_out"),
    path("users/<uuid:user>/tokens/<uuid:token>/revoke", people.revoke, name="person_token"),
    path("alliance/", settings.settings, name="settings"),
]
