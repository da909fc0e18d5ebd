"""What Prometheus may know: counts and times by MISP id, reason and route; never a value."""

import hmac

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET
from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from securegrid.portal.config import Config, config

disable_created_metrics()  # type: ignore[no-untyped-call]
REGISTRY = CollectorRegistry()

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_LOOPBACK = frozenset({"127.0.0.1", "::1"})
_PROXY_HEADERS = ("X-Forwarded-For", "Forwarded", "X-Real-IP")
_SECONDS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0)

_http = Counter(
    "securegrid_http_requests",
    "Requests answered.",
    ["method", "route", "status"],
    registry=REGISTRY,
)
_http_seconds = Histogram(
    "securegrid_http_seconds",
    "Seconds to the start of the answer.",
    ["route"],
    registry=REGISTRY,
    buckets=_SECONDS,
)
_searches = Counter("securegrid_searches", "Searches completed.", registry=REGISTRY)
_search_seconds = Histogram(
    "securegrid_search_seconds",
    "Seconds from question to completion.",
    registry=REGISTRY,
    buckets=_SECONDS,
)
_misp_requests = Counter(
    "securegrid_misp_requests", "Requests sent to a MISP.", ["misp"], registry=REGISTRY
)
_misp_failures = Counter(
    "securegrid_misp_failures",
    "Searches or tests a MISP failed.",
    ["misp", "reason"],
    registry=REGISTRY,
)
_misp_seconds = Histogram(
    "securegrid_misp_seconds",
    "Seconds a MISP took for its part of a search.",
    ["misp"],
    registry=REGISTRY,
    buckets=_SECONDS,
)


def http_answered(method: str, route: str, status: int, elapsed_s: float) -> None:
    """Count one answered request; ``route`` is a URL pattern, never a path."""
    known = method if method in _METHODS else "other"
    _http.labels(known, route, str(status)).inc()
    _http_seconds.labels(route).observe(elapsed_s)


def search_completed(elapsed_s: float) -> None:
    """Count one finished search; whether MISPs failed stands in their own series."""
    _searches.inc()
    _search_seconds.observe(elapsed_s)


def misp_served(misp: str, requests: int, elapsed_s: float, reason: str) -> None:
    """Count what one MISP (by public id) gave; ``reason`` is empty when it answered."""
    _misp_requests.labels(misp).inc(requests)
    _misp_seconds.labels(misp).observe(elapsed_s)
    if reason:
        _misp_failures.labels(misp, reason).inc()


@require_GET
def view(request: HttpRequest) -> HttpResponse:
    """``/metrics``: for the holder of the token; without one set, for this machine only."""
    if not may_read(request, config()):
        raise Http404
    return HttpResponse(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)


def may_read(request: HttpRequest, settings: Config) -> bool:
    """Whether ``request`` carries the token or, where none is set, comes from this machine.

    A request that a proxy on this machine passed on comes from elsewhere.
    """
    token = settings.metrics_token.get_secret_value()
    if token:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
    passed_on = any(name in request.headers for name in _PROXY_HEADERS)
    return not passed_on and request.META.get("REMOTE_ADDR") in _LOOPBACK
