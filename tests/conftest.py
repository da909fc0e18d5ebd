"""Factories that every room's tests share: members, people of each role, MISPs."""

import logging
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.contrib.contenttypes.management import create_contenttypes
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from django.db.models.signals import post_migrate
from pytest_django.plugin import DjangoDbBlocker

from securegrid.node.app import app_of
from securegrid.portal.accounts import services as accounts
from securegrid.portal.accounts.models import User
from securegrid.portal.accounts.roles import Role
from securegrid.portal.alliance import services as alliance
from securegrid.portal.alliance.models import Member, Misp
from tests.contract.publishing import node_store
from tests.contract.serving import Swapped, served

PASSWORD = "correct horse battery staple"
KEY = "k3yOfTheTests0123456789abcdefghijKLMNOPQ"
"""40 letters and digits, as MISP makes them."""

MakeMember = Callable[..., Member]
MakeUser = Callable[..., User]
MakeMisp = Callable[..., Misp]

_numbers = count(1)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The test database, with the connections of other threads closed before it is dropped."""
    # Emptying the tables would else make every permission and content type again, which nothing
    # here uses: most of the time of a test with transactions of its own.
    post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
    post_migrate.disconnect(create_contenttypes)
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture(scope="session", autouse=True)
def _tables_are_emptied_row_by_row() -> Iterator[None]:
    """PostgreSQL makes a new file for each table that is truncated, of which there are many after
    each test with transactions of its own; deleting the few rows takes a tenth of the time."""
    emptied = DatabaseOperations.sql_flush

    def delete(operations: DatabaseOperations, style: Any, tables: Any, **_: Any) -> list[str]:
        # Foreign keys are checked at the end of the transaction, so the order is free.
        return [f"DELETE FROM {operations.quote_name(table)}" for table in tables]

    DatabaseOperations.sql_flush = delete  # type: ignore[method-assign]
    yield
    DatabaseOperations.sql_flush = emptied  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def _no_search_outlives_its_test() -> Iterator[None]:
    """Its thread would write to the next test's database, and keep PostgreSQL's from going."""
    yield
    engines = sys.modules.get("securegrid.portal.searches.engine")
    if engines is not None:
        engines.engine().stop()


@pytest.fixture
def make_member(db: None) -> MakeMember:
    """``make_member(name=…)``"""

    def make(name: str = "") -> Member:
        return alliance.add_member(name or f"Member {next(_numbers)}")

    return make


@pytest.fixture
def member(make_member: MakeMember) -> Member:
    """One member."""
    return make_member()


@pytest.fixture
def make_user(db: None) -> MakeUser:
    """``make_user(Role.ANALYST, …, member=…, email=…)``; the password is ``PASSWORD``."""

    def make(*roles: Role, member: Member | None = None, email: str = "", name: str = "") -> User:
        address = email or f"person{next(_numbers)}@example.org"
        return accounts.create_user(address, PASSWORD, name or "A Person", member, roles)

    return make


@pytest.fixture
def analyst(make_user: MakeUser, member: Member) -> User:
    """An analyst of ``member``."""
    return make_user(Role.ANALYST, member=member)


@pytest.fixture
def owner(make_user: MakeUser, member: Member) -> User:
    """A MISP owner of ``member``."""
    return make_user(Role.OWNER, member=member)


@pytest.fixture
def member_admin(make_user: MakeUser, member: Member) -> User:
    """The administrator of ``member``."""
    return make_user(Role.MEMBER_ADMIN, member=member)


@pytest.fixture
def operator(make_user: MakeUser) -> User:
    """An operator outside all members."""
    return make_user(Role.OPERATOR)


@pytest.fixture
def stranger(make_user: MakeUser, make_member: MakeMember) -> User:
    """A person of another member, with every role that a member's person can have."""
    roles = (Role.ANALYST, Role.OWNER, Role.MEMBER_ADMIN)
    return make_user(*roles, member=make_member())


@pytest.fixture
def make_misp(member: Member) -> MakeMisp:
    """``make_misp(member=…, url=…, key=…, …)``, further words as ``add_misp`` takes them."""

    def make(**given: Any) -> Misp:
        number = next(_numbers)
        words = {
            "member": member,
            "name": f"MISP {number}",
            "url": f"https://misp{number}.example.org",
            "key": KEY,
        }
        return alliance.add_misp(**(words | given))

    return make


@pytest.fixture
def misp(make_misp: MakeMisp) -> Misp:
    """A MISP of ``member``; nothing listens at its address."""
    return make_misp()


@pytest.fixture(scope="session")
def _swapped() -> Iterator[tuple[Swapped, str]]:
    logging.getLogger("pymisp").setLevel(logging.CRITICAL)
    behind = Swapped()
    with served(behind) as url:
        yield behind, url


@pytest.fixture
def node(_swapped: tuple[Swapped, str], tmp_path: Path) -> str:
    """The address of an empty embedded node, on which ``WRITER`` may write and publish."""
    behind, address = _swapped
    behind.app = app_of(node_store(tmp_path / "node.sqlite3"))
    return address
