"""How requests come in and answers go out: JSON parsing, typed answers, error handling."""

from collections.abc import Callable
from typing import Any

import msgspec
import structlog
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.parser import Parser

from securegrid.portal.api.errors import (
    ApiError,
    Code,
    respond,
    respond_refused,
    respond_search_refused,
)
from securegrid.portal.refusals import Refused
from securegrid.portal.searches.refusals import SearchRefused

log = structlog.get_logger(__name__)


class JsonParser(Parser):
    """Strict JSON: UTF-8, no doubled surrogates, no NaN."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The body as Python values; ninja answers any exception with 400."""
        return msgspec.json.decode(request.body)


def answer(shape: object, status: int = 200) -> HttpResponse:
    """A typed record as JSON, not validated again."""
    content = msgspec.json.encode(shape)
    return HttpResponse(content, status=status, content_type="application/json")


def text(written: str | None) -> str:
    """A text of the request, without NUL. Raises ApiError."""
    if written is not None and "\0" in written:
        raise ApiError(Code.NOT_TEXT)
    return written or ""


def install(api: NinjaAPI) -> None:
    """Let every exception leave the API in the one shape of errors."""

    def add(kind: type[Exception], handler: Callable[[Any], HttpResponse]) -> None:
        api.add_exception_handler(kind, lambda _request, error: handler(error))

    add(ApiError, lambda error: respond(error.code, error.field))
    add(Refused, respond_refused)
    add(SearchRefused, respond_search_refused)
    add(AuthenticationError, lambda _: respond(Code.UNAUTHENTICATED))
    add(HttpError, _http_error)
    add(ValidationError, _invalid)
    add(RequestDataTooBig, lambda _: respond(Code.TOO_LARGE))
    add(Http404, lambda _: respond(Code.NOT_FOUND))
    add(Exception, _unexpected)


def _http_error(error: HttpError) -> HttpResponse:
    return respond(Code.MALFORMED if error.status_code == 400 else Code.INTERNAL)


_CODES = {"missing": Code.MISSING, "extra_forbidden": Code.UNKNOWN_FIELD}


def _invalid(error: ValidationError) -> HttpResponse:
    """The first thing that is wrong, named by its place, never quoted."""
    first = error.errors[0]
    source, *place = (str(part) for part in first["loc"])
    if source == "path":
        return respond(Code.NOT_FOUND)
    field = ".".join(place[1:] if source == "body" else place)
    return respond(_CODES.get(str(first["type"]), Code.INVALID), field)


def _unexpected(error: Exception) -> HttpResponse:
    # Its text could hold a value: only its type is told.
    log.error("api_broke", error=type(error).__name__, exc_info=error)
    return respond(Code.INTERNAL)


View = Callable[..., HttpResponseBase]


Refusal = Callable[[HttpRequest], HttpResponse | None]


def _admit(_request: HttpRequest) -> None:
    return None


def in_shape(view: View, refused: Refusal = _admit) -> View:
    """Give an answer that the framework made (405) the one shape, and keep all from caches.

    ``refused`` may answer a request before the view does.
    """

    def shaped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return _finish(refused(request) or view(request, *args, **kwargs))

    shaped.csrf_exempt = True  # type: ignore[attr-defined]
    return shaped


def in_shape_async(view: Callable[..., Any], refused: Refusal = _admit) -> Callable[..., Any]:
    """The same for an asynchronous view."""

    async def shaped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return _finish(refused(request) or await view(request, *args, **kwargs))

    shaped.csrf_exempt = True  # type: ignore[attr-defined]
    return shaped


def _finish(response: HttpResponseBase) -> HttpResponseBase:
    if isinstance(response, HttpResponseNotAllowed):
        allowed = response["Allow"]
        response = respond(Code.METHOD_NOT_ALLOWED)
        response["Allow"] = allowed
    response.headers.setdefault("Cache-Control", "no-store")
    return response
