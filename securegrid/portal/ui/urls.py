"""Addresses of the shell."""

from django.urls import path
from django.views.i18n import set_language

from securegrid.portal.ui import views

app_name = "ui"
urlpatterns = [
    path("", views.home, name="home"),
    path("theme", views.theme, name="theme"),
    path("language", set_language, name="language"),
]
