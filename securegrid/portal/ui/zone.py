"""The user's time zone: told by the browser in a cookie, active while a page is made."""

from collections.abc import Callable
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.decorators import sync_only_middleware

ZONE_COOKIE = "timezone"


@sync_only_middleware
def zone_middleware(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Render times in the zone of the cookie; in UTC when there is none or an unknown one.

    Must stand last.
    """

    def in_zone(request: HttpRequest) -> HttpResponseBase:
        with timezone.override(zone_named(request.COOKIES.get(ZONE_COOKIE, ""))):
            return get_response(request)

    return in_zone


@lru_cache(maxsize=64)
def zone_named(unverified_name: str) -> ZoneInfo | None:
    """The zone of this IANA name; ``None`` (Django's default zone) when there is no such zone."""
    return ZoneInfo(unverified_name) if unverified_name in _names() else None


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    return frozenset(available_timezones())
