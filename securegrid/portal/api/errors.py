"""The one shape of errors, ``{"error": {"code", "message", "field"?}}``, and its words."""

from enum import StrEnum

import msgspec
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language

from securegrid.portal.refusals import Refused
from securegrid.portal.searches.refusals import Problem, SearchRefused


class Code(StrEnum):
    """What went wrong, for programs."""

    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    TOO_LARGE = "too_large"
    MALFORMED = "malformed"
    NOT_TEXT = "not_text"
    MISSING = "missing"
    UNKNOWN_FIELD = "unknown_field"
    INVALID = "invalid"
    INTERNAL = "internal"


STATUS: dict[Code, int] = {
    Code.UNAUTHENTICATED: 401,
    Code.FORBIDDEN: 403,
    Code.NOT_FOUND: 404,
    Code.METHOD_NOT_ALLOWED: 405,
    Code.TOO_LARGE: 413,
    Code.MALFORMED: 400,
    Code.NOT_TEXT: 400,
    Code.MISSING: 422,
    Code.UNKNOWN_FIELD: 422,
    Code.INVALID: 422,
    Code.INTERNAL: 500,
}
"""The HTTP status of each code."""

_SEARCH_STATUS: dict[Problem, int] = {
    Problem.NOT_ALLOWED: 403,
    Problem.NOT_TEXT: 400,
    Problem.STILL_RUNNING: 409,
    Problem.TEXT_TOO_LONG: 413,
    Problem.TOO_MANY_RUNNING: 429,
}

WORDS: dict[Code, tuple[str, str]] = {
    Code.UNAUTHENTICATED: (
        "A valid token is needed: Authorization: Bearer TOKEN.",
        "有効なトークンが必要です（Authorization: Bearer TOKEN）。",
    ),
    Code.FORBIDDEN: (
        "This token may not do this.",
        "このトークンには、この操作が許可されていません。",
    ),
    Code.NOT_FOUND: ("There is no such thing.", "該当するものが見つかりません。"),
    Code.METHOD_NOT_ALLOWED: (
        "This address does not take this method.",
        "このアドレスでは、このメソッドは使えません。",
    ),
    Code.TOO_LARGE: (
        "The request is too large; nothing was read or searched.",
        "リクエストが大きすぎます。読み込みも検索も行っていません。",
    ),
    Code.MALFORMED: (
        "The request is not JSON in UTF-8.",
        "リクエストがUTF-8のJSONではありません。",
    ),
    Code.NOT_TEXT: (
        "The request holds a NUL character, which no text has.",
        "リクエストに、テキストにはないNUL文字が含まれています。",
    ),
    Code.MISSING: ("This field is needed.", "この項目は必須です。"),
    Code.UNKNOWN_FIELD: ("There is no such field.", "このような項目はありません。"),
    Code.INVALID: (
        "This field does not have the right form.",
        "この項目の形式が正しくありません。",
    ),
    Code.INTERNAL: (
        "Something went wrong in the portal; it has been noted.",
        "ポータルで問題が発生しました。記録しましたので、しばらくしてからお試しください。",
    ),
}
"""English and Japanese for each code."""


class ApiError(Exception):
    """Ends a request with an error; ``field`` names the part of the request that must change."""

    def __init__(self, code: Code, field: str = "") -> None:
        super().__init__(code.value)
        self.code = code
        self.field = field


class _Body(msgspec.Struct, omit_defaults=True):
    code: str
    message: str
    field: str = ""


class _Error(msgspec.Struct):
    error: _Body


def respond(code: Code, field: str = "") -> HttpResponse:
    """The answer for a code, in the language of the request."""
    english, japanese = WORDS[code]
    message = japanese if _language().startswith("ja") else english
    response = _response(STATUS[code], code.value, message, field)
    if code is Code.UNAUTHENTICATED:
        response["WWW-Authenticate"] = 'Bearer realm="SecureGRID"'
    return response


def respond_refused(refused: Refused) -> HttpResponse:
    """The answer for a change to people, members or MISPs that was refused."""
    return _response(422, refused.problem.value, refused.words(_language()), refused.field)


def respond_search_refused(refused: SearchRefused) -> HttpResponse:
    """The answer for a search that was not begun."""
    status = _SEARCH_STATUS.get(refused.problem, 422)
    response = _response(status, refused.problem.value, refused.words(_language()), refused.field)
    if refused.problem is Problem.TOO_MANY_RUNNING:
        response["Retry-After"] = "5"
    return response


def _language() -> str:
    return get_language() or "en"


def _response(status: int, code: str, message: str, field: str) -> HttpResponse:
    body = msgspec.json.encode(_Error(_Body(code, message, field)))
    return HttpResponse(body, status=status, content_type="application/json")


def not_found(_request: HttpRequest, **_: str) -> HttpResponse:
    """For every address under the API that is none."""
    return respond(Code.NOT_FOUND)
