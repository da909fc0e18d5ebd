"""How large a request may be: more than elsewhere where somebody signed in uploads a file."""

from importlib import import_module
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.db import connections
from django.http.cookie import parse_cookie

from securegrid.portal.config import config

ADDRESS = "/imports/new"
FORM_BYTES = 1_000_000
"""For what surrounds the file in the request."""


async def upload_limit(scope: dict[str, Any]) -> int | None:
    """The bytes that an upload's body may have; None for every other request.

    A body is written to disk before anybody asks who sent it, so this asks first.
    """
    if scope["method"] != "POST" or scope["path"] != ADDRESS:
        return None
    header = dict(scope["headers"]).get(b"cookie", b"").decode("latin-1")
    session = parse_cookie(header).get(settings.SESSION_COOKIE_NAME, "")
    if not session or not await sync_to_async(_is_signed_in, thread_sensitive=False)(session):
        return None
    return config().max_upload_bytes + FORM_BYTES


def _is_signed_in(session: str) -> bool:
    try:
        store = import_module(settings.SESSION_ENGINE).SessionStore(session)
        return SESSION_KEY in store
    finally:
        connections.close_all()
