"""Addresses of the data quality pages."""

from django.urls import path

from securegrid.portal.quality import views

app_name = "quality"
urlpatterns = [
    path("quality/", views.overview, name="overview"),
    path("quality/<uuid:misp>/", views.one, name="misp"),
    path("quality/<uuid:misp>/look", views.look, name="look"),
]
