"""Addresses of the imports' pages."""

from django.urls import path

from securegrid.portal.imports.pages import acting, history, one, uploading

app_name = "imports"
urlpatterns = [
    path("imports/", history.imports, name="imports"),
    path("imports/new", uploading.new, name="new"),
    path("imports/<uuid:imported>/", one.imported, name="import"),
    path("imports/<uuid:imported>/publish", acting.publish, name="publish"),
    path("imports/<uuid:imported>/undo", acting.undo, name="undo"),
    path("imports/<uuid:imported>/again", acting.again, name="again"),
    path("imports/<uuid:imported>/stop", acting.stop, name="stop"),
    path("imports/<uuid:imported>/discard", acting.discard, name="discard"),
]
