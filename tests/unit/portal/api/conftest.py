"""Calling the API as programs do: JSON and a bearer token."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import Client
from django.utils import timezone

from securegrid.portal.accounts import services as accounts
from securegrid.portal.accounts.models import User
from securegrid.portal.accounts.roles import Scope
from tests.fake_misp import FakeMisp, serving

StartMisp = Callable[..., FakeMisp]


@pytest.fixture
def start_misp() -> Iterator[StartMisp]:
    """Starts a fake MISP; stopped when the test ends."""
    with serving() as start:
        yield start


@dataclass
class Answer:
    """What the API answered."""

    status: int
    body: Any
    headers: Any
    content: bytes


@dataclass
class Caller:
    """Calls the API with a token (or none), in a language."""

    token: str = ""
    language: str = "en"

    def __call__(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        sent = {"Accept-Language": self.language} | headers
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        more = {} if body is None else {"data": body, "content_type": "application/json"}
        response = Client(raise_request_exception=False).generic(
            method, f"/api/v1{path}", **_encoded(more), headers=sent
        )
        content = _content(response)
        is_json = (
            response.headers.get("Content-Type", "").startswith("application/json") and content
        )
        read = response.json() if is_json and not response.streaming else None
        return Answer(response.status_code, read, response.headers, content)


def _content(response: Any) -> bytes:
    if not response.streaming:
        whole: bytes = response.content
        return whole
    if response.is_async:

        async def collect() -> bytes:
            return b"".join([part async for part in response.streaming_content])

        return async_to_sync(collect)()
    return b"".join(response.streaming_content)


def _encoded(more: dict[str, Any]) -> dict[str, Any]:
    if "data" in more and not isinstance(more["data"], bytes):
        more["data"] = json.dumps(more["data"])
    return more


CallAs = Callable[..., Caller]


@pytest.fixture
def call_as() -> CallAs:
    """``call_as(user, Scope.SEARCH, …)``: a caller with a fresh token, all scopes by default."""

    def make(user: User | None, *scopes: Scope, language: str = "en") -> Caller:
        if user is None:
            return Caller(language=language)
        lifetime = timedelta(days=1)
        raw, _ = accounts.issue_token(
            user, "test", scopes or tuple(Scope), lifetime, timezone.now()
        )
        return Caller(raw, language)

    return make
