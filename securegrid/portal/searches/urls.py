"""Addresses of searches: ask, read, follow, download, ask again, and the history."""

from django.urls import path

from securegrid.portal.searches.pages import acting, asking, history, live, result

app_name = "searches"
urlpatterns = [
    path("search/", asking.search, name="search"),
    path("search/understood", asking.understood, name="understood"),
    path("searches/<uuid:search>/", result.result, name="result"),
    path("searches/<uuid:search>/live", live.live, name="live"),
    path("searches/<uuid:search>/values/<int:position>", result.value, name="value"),
    path("searches/<uuid:search>/retry", acting.retry, name="retry"),
    path("searches/<uuid:search>/delete", acting.delete, name="delete"),
    path("searches/<uuid:search>/csv", acting.csv, name="csv"),
    path("searches/<uuid:search>/json", acting.json, name="json"),
    path("history/", history.history, name="history"),
]
