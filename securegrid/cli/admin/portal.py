"""The portal around one admin command: set up once, and every refusal told in one line."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn, TypeVar
from uuid import UUID

import typer

from securegrid.cli.words import Say, say, user_language

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

    from securegrid.portal.accounts.models import ApiToken, User
    from securegrid.portal.alliance.models import Member, Misp

_Row = TypeVar("_Row", bound="Model")


class AdminError(Exception):
    """The command cannot go on; its text is for people. Raised inside ``portal``."""


@contextmanager
def portal() -> Iterator[None]:
    """Everything that uses the portal runs in here.

    A refusal becomes one line on standard error and exit code 1.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "securegrid.portal.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.db import DatabaseError

    from securegrid.portal.refusals import Refused
    from securegrid.portal.sealing import SealError

    try:
        _set_up()
        yield
    except (ImproperlyConfigured, AdminError) as unsafe:
        _fail(str(unsafe))
    except Refused as refused:
        _fail(f"{refused.field}: {refused.words(user_language())}")
    except SealError as sealed:
        _fail(f"{sealed} (does SECUREGRID_MASTER_KEY_FILE hold the right key?)")
    except DatabaseError as fault:
        # Its text may quote rows; its type says enough to find it.
        _fail(f"the database refused ({type(fault).__name__}); try: securegrid admin migrate")


def _fail(message: str) -> NoReturn:
    print(say(Say.ERROR, user_language(), message=message), file=sys.stderr)
    raise typer.Exit(1)


def _set_up() -> None:
    import django
    from django.apps import apps

    from securegrid.portal.startup import refuse_unsafe

    refuse_unsafe()
    if not apps.ready:
        django.setup()


def the_member(named: str) -> "Member":
    """The member of this name or id; raises ``AdminError`` when there is none."""
    from securegrid.portal.alliance.models import Member

    found = Member.objects.filter(name=named).first() or _by_id(Member.objects.all(), named)
    return _found(found, "member", named)


def the_misp(named: str) -> "Misp":
    """The MISP of this name or id; raises ``AdminError`` when there is none."""
    from securegrid.portal.alliance.models import Misp

    misps = Misp.objects.select_related("member")
    return _found(misps.filter(name=named).first() or _by_id(misps, named), "misp", named)


def the_user(email: str) -> "User":
    """The person who signs in with ``email``; raises ``AdminError`` when there is none."""
    from securegrid.portal.accounts.services import user_by_email

    return _found(user_by_email(email), "user", email)


def the_token(public_id: str) -> "ApiToken":
    """The token of this id; raises ``AdminError`` when there is none."""
    from securegrid.portal.accounts.models import ApiToken

    return _found(_by_id(ApiToken.objects.select_related("user"), public_id), "token", public_id)


def _by_id(rows: "QuerySet[_Row]", public_id: str) -> "_Row | None":
    try:
        return rows.filter(public_id=UUID(public_id)).first()
    except ValueError:
        return None


def _found(row: "_Row | None", what: str, named: str) -> "_Row":
    if row is None:
        raise AdminError(f"there is no {what} {named!r}")
    return row
