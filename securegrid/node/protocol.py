"""What an endpoint is given, what it answers, and how it refuses."""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from securegrid.node.accounts import Caller, Permission
from securegrid.node.store import Store

NO_PERMISSION = "You do not have permission to use this functionality."
NOT_YOURS = "You do not have permission to do that."
BAD_KEY = (
    "Authentication failed. Please make sure you pass the API key of an API enabled user along in"
    " the Authorization header."
)
BAD_JSON = (
    "Invalid JSON input. Make sure that the JSON input is a correctly formatted JSON string. This"
    " request has been blocked to avoid an unfiltered request."
)


class Refused(Exception):  # noqa: N818 - an answer, not a failure of the node
    """The request is answered with an error in MISP's shape ``{name, message, url}``.

    ``saved_errors`` adds ``"saved": false`` and ``errors``, as a failed add or edit does (trap 8);
    ``url`` replaces the request's path there, since MISP then names only the action.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        saved_errors: object = None,
        url: str | None = None,
        location: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.saved_errors = saved_errors
        self.url = url
        self.location = location

    def body(self, path: str) -> dict[str, Any]:
        """The JSON body for a request to ``path``."""
        told = {"name": self.message, "message": self.message, "url": self.url or path}
        if self.saved_errors is None:
            return told
        return {"saved": False, **told, "errors": self.saved_errors}


@dataclass(frozen=True, slots=True)
class Call:
    """One request, after the key was checked and inside a transaction."""

    store: Store
    connection: sqlite3.Connection
    caller: Caller
    path: str
    arguments: tuple[str, ...]
    named: Mapping[str, str]
    body: Any
    posted: bool
    now: int

    def argument(self, position: int = 0) -> str:
        """A part of the path after the action; empty when it is missing."""
        return self.arguments[position] if len(self.arguments) > position else ""

    def parameters(self) -> dict[str, Any]:
        """The request's parameters: the JSON object of the body, or those in the path."""
        body = self.body
        if isinstance(body, dict) and isinstance(body.get("request"), dict):
            body = body["request"]
        given = body if isinstance(body, dict) else {}
        return {**self.named, **given}


@dataclass(frozen=True, slots=True)
class Answer:
    """A body to encode as JSON, or text when ``text`` says so."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    text: bool = False


Handler = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What stands behind a path: who may, whether it writes, and with which methods."""

    handler: Handler
    permission: Permission = Permission.READ
    writes: bool = False
    methods: frozenset[str] = frozenset({"GET", "HEAD", "POST", "PUT"})


def done(call: Call, message: str, *, url: str | None = None, **more: Any) -> Answer:
    """MISP's answer to an action that has nothing to show."""
    return Answer(
        {
            "saved": True,
            "success": True,
            "name": message,
            "message": message,
            "url": url or call.path,
            **more,
        }
    )
