"""The OpenAPI document against the running API: schemathesis sends what it allows, and what not.

In process, through the portal's ASGI application, with a fresh database for each operation.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from securegrid.portal.accounts import services as accounts
from securegrid.portal.accounts.roles import Role, Scope
from securegrid.portal.alliance.models import Member
from securegrid.portal.api.app import api
from securegrid.portal.searches import services
from securegrid.portal.searches.engine import engine
from securegrid.values.extract import extract
from tests.conftest import MakeMisp, MakeUser
from tests.fake_misp import attribute, event, serving

EXAMPLES = 10
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    unsupported_method,
]


def _operations() -> list[tuple[str, str]]:
    paths = api.get_openapi_schema()["paths"]
    return [(path, method.upper()) for path, methods in paths.items() for method in methods]


@dataclass
class World:
    """A token of somebody who may everything, and the ids of things that are there."""

    token: str
    ids: dict[str, str]


@pytest.fixture
def world(member: Member, make_user: MakeUser, make_misp: MakeMisp) -> Iterator[World]:
    """An alliance with one MISP that answers, and one search with a hit."""
    with serving() as start:
        misp = make_misp(url=start([attribute("bad.example", event(1))]).url)
        everything = make_user(*Role, member=member)
        other = make_user(Role.ANALYST, member=member)
        day = timedelta(days=1)
        raw, _ = accounts.issue_token(everything, "t", list(Scope), day, timezone.now())
        _, spare = accounts.issue_token(other, "t", [Scope.SEARCH], day, timezone.now())
        search = services.ask(everything, extract("bad.example good.example"))
        engine().wait(search.public_id, 10)
        # Not the caller's own member: it would be suspended with it.
        things = {"search": search, "misp": misp, "user": other, "token": spare}
        ids = {f"{name}_id": str(thing.public_id) for name, thing in things.items()}
        yield World(raw, ids)


@pytest.fixture(scope="module")
def schema() -> Any:
    """The document as the portal serves it; who may is not asked here (``test_who_may``)."""
    from securegrid.portal.asgi import application

    document = json.loads(json.dumps(api.get_openapi_schema()))
    del document["components"]["securitySchemes"]
    for methods in document["paths"].values():
        for described in methods.values():
            described.pop("security", None)
    made = schemathesis.openapi.from_dict(document)
    made.app = application
    return made


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "operation", _operations(), ids=lambda operation: f"{operation[1]} {operation[0]}"
)
def test_the_api_is_as_described(schema: Any, world: World, operation: tuple[str, str]) -> None:
    path, method = operation
    described = schema[path][method]
    allowed = described.as_strategy(generation_mode=GenerationMode.POSITIVE)
    refused = described.as_strategy(generation_mode=GenerationMode.NEGATIVE)
    headers = {"Authorization": f"Bearer {world.token}"}
    limits = settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )

    @limits
    @given(case=allowed, there=st.booleans())
    def holds_when_allowed(case: Case, there: bool) -> None:
        if there:
            _point_at_what_is_there(case, world.ids)
        case.call_and_validate(headers=headers, checks=CHECKS)

    @limits
    @given(case=refused)
    def holds_when_refused(case: Case) -> None:
        case.call_and_validate(headers=headers, checks=[*CHECKS, negative_data_rejection])

    holds_when_allowed()
    if described.body or described.query or described.path_parameters:
        holds_when_refused()


def _point_at_what_is_there(case: Case, ids: dict[str, str]) -> None:
    """Random ids name nothing, and random text holds no indicator."""
    case.path_parameters.update({n: ids[n] for n in case.path_parameters if n in ids})
    if isinstance(case.body, dict) and "text" in case.body:
        case.body["text"] = "bad.example"
        case.body.pop("misps", None)
        case.body.pop("deadline_s", None)
