"""Addresses of the owner view."""

from django.urls import path

from securegrid.portal.disclosure import views

app_name = "disclosure"
urlpatterns = [
    path("owner/", views.owner, name="owner"),
    path("owner/csv", views.csv, name="csv"),
]
