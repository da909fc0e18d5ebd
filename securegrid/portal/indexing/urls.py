"""Addresses of the indexes' pages."""

from django.urls import path

from securegrid.portal.indexing import views

app_name = "indexing"
urlpatterns = [
    path("misps/<uuid:misp>/index", views.index, name="index"),
    path("misps/<uuid:misp>/index/settings", views.settings, name="settings"),
    path("misps/<uuid:misp>/index/act", views.act, name="act"),
]
