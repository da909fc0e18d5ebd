"""The API's addresses, every one of which answers in the API's own shape."""

from asgiref.sync import iscoroutinefunction
from django.urls import URLPattern, path, re_path

from securegrid.portal.api.app import api
from securegrid.portal.api.errors import not_found
from securegrid.portal.api.parameters import Parameters
from securegrid.portal.api.wire import in_shape, in_shape_async


def _shaped(pattern: URLPattern) -> URLPattern:
    view = pattern.callback
    wrap = in_shape_async if iscoroutinefunction(view) else in_shape
    pattern.callback = wrap(view, _parameters.refused)
    return pattern


_parameters = Parameters(api)
app_name = "api"
absent = in_shape(not_found)
_operations, _, _ = api.urls
urlpatterns = [
    path("", absent),  # before ninja's own, which answers with a page
    *(_shaped(pattern) for pattern in _operations if isinstance(pattern, URLPattern)),
    re_path(r"", absent),  # whatever is left, line breaks too
]
