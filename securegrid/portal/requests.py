"""What surrounds each request: its id, its line in the access log, and its place in the metrics.

The log names the route (``searches/{id}``), never the path or the query: either may hold a
searched value or an invitation.
"""

import secrets
import time
from collections.abc import Callable

import structlog
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_only_middleware

from securegrid.portal import metrics

log = structlog.get_logger("securegrid.access")

Answer = Callable[[HttpRequest], HttpResponseBase]

QUIET_ROUTES = ("static/", "metrics")


@sync_only_middleware
def middleware(get_response: Answer) -> Answer:
    """Django middleware; must stand first."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        request_id, started = _begin()
        return _end(request, get_response(request), request_id, started)

    return answer


def _begin() -> tuple[str, float]:
    request_id = secrets.token_hex(8)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request_id)
    return request_id, time.perf_counter()


def _end(
    request: HttpRequest, response: HttpResponseBase, request_id: str, started: float
) -> HttpResponseBase:
    response["X-Request-ID"] = request_id
    elapsed_s = time.perf_counter() - started
    route = _route(request)
    method = request.method or ""
    metrics.http_answered(method, route, response.status_code, elapsed_s)
    if not route.startswith(QUIET_ROUTES):
        log.info(
            "request",
            method=method,
            route=route,
            status=response.status_code,
            elapsed_ms=round(elapsed_s * 1000, 1),
        )
    return response


def _route(request: HttpRequest) -> str:
    match = request.resolver_match
    return "unknown" if match is None else (match.route or "/")
