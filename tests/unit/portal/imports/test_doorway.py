"""Only somebody signed in may send a large body, and only where files are uploaded."""

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings
from django.test import Client

from securegrid.portal.accounts.models import User
from securegrid.portal.config import config
from securegrid.portal.imports.doorway import upload_limit
from tests.unit.portal.alliance.test_misp_pages import signed_in

ask = async_to_sync(upload_limit)
pytestmark = pytest.mark.django_db(transaction=True)


def scope(client: Client, method: str = "POST", path: str = "/imports/new") -> dict[str, object]:
    """A request with the cookies of ``client``."""
    cookie = client.cookies.get(settings.SESSION_COOKIE_NAME)
    value = f"a=b; {settings.SESSION_COOKIE_NAME}={cookie.value}" if cookie else "a=b"
    return {"method": method, "path": path, "headers": [(b"cookie", value.encode())]}


def test_who_may_send_how_much(owner: User) -> None:
    large = config().max_upload_bytes + 1_000_000
    client, stranger = signed_in(owner), Client()
    forged = Client()
    forged.cookies[settings.SESSION_COOKIE_NAME] = "x" * 32
    assert ask(scope(client)) == large
    for refused in (
        scope(stranger), scope(forged), scope(client, "PUT"), scope(client, path="/search/"),
        scope(client, path="/imports/new/"),
    ):  # fmt: skip
        assert ask(refused) is None
