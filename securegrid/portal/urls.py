"""Which address leads to which room."""

from django.urls import URLPattern, URLResolver, include, path

from securegrid.portal import metrics
from securegrid.portal.api.urls import absent

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("securegrid.portal.ui.urls")),
    path("", include("securegrid.portal.accounts.urls")),
    path("", include("securegrid.portal.alliance.urls")),
    path("", include("securegrid.portal.indexing.urls")),
    path("", include("securegrid.portal.imports.urls")),
    path("", include("securegrid.portal.quality.urls")),
    path("", include("securegrid.portal.disclosure.urls")),
    path("", include("securegrid.portal.searches.urls")),
    path("accounts/", include("allauth.urls")),
    path("api/v1", absent),
    path("api/v1/", include("securegrid.portal.api.urls")),
    path("metrics", metrics.view, name="metrics"),
]

handler400 = "securegrid.portal.ui.views.bad_request"
handler403 = "securegrid.portal.ui.views.permission_denied"
handler404 = "securegrid.portal.ui.views.page_not_found"
handler500 = "securegrid.portal.ui.views.server_error"
