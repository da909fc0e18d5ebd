"""Refusing parameters that an operation does not describe: a mistyped filter is no filter."""

from functools import cached_property

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI

from securegrid.portal.api.errors import Code, respond


class Parameters:
    """What may stand behind ``?`` in each address, as the API's description says."""

    def __init__(self, api: NinjaAPI) -> None:
        self._api = api

    def refused(self, request: HttpRequest) -> HttpResponse | None:
        """The answer to a request with an undescribed parameter, otherwise ``None``."""
        match = request.resolver_match
        if not request.GET or match is None:
            return None
        path = "/" + match.route.replace("<", "{").replace(">", "}")
        described = self._described.get((path, (request.method or "").lower()))
        if described is None or described.issuperset(request.GET):
            return None
        return respond(Code.UNKNOWN_FIELD, next(n for n in request.GET if n not in described))

    @cached_property
    def _described(self) -> dict[tuple[str, str], frozenset[str]]:
        """By path and method; read late, because it needs all addresses."""
        return {
            (path, method): frozenset(
                one["name"] for one in described.get("parameters", ()) if one["in"] == "query"
            )
            for path, methods in self._api.get_openapi_schema()["paths"].items()
            for method, described in methods.items()
        }
