"""Which address leads to which room."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("securegrid.portal.ui.urls")),
    path("accounts/", include("allauth.urls")),
]

handler400 = "securegrid.portal.ui.views.bad_request"
handler403 = "securegrid.portal.ui.views.permission_denied"
handler404 = "securegrid.portal.ui.views.page_not_found"
handler500 = "securegrid.portal.ui.views.server_error"
