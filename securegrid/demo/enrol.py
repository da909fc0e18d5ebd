"""Making the demo's portal: database, alliance, members, people, tokens and MISPs.

Runs as a process of its own (``python -m securegrid.demo.enrol``), so that the demo itself
needs no Django: it reads a ``State`` as JSON (and whether the data is real) from standard
input and writes the state back with its tokens.
"""

import json
import sys
from dataclasses import asdict, replace
from datetime import datetime, timedelta

import django
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

if __name__ == "__main__":
    django.setup()  # models can be imported only from here on

from securegrid.demo.cast import ALLIANCE_NAME, MEMBERS, MISPS, PEOPLE
from securegrid.demo.folder import Node, Person, State, state_from
from securegrid.portal.accounts import services as accounts
from securegrid.portal.accounts.roles import Role, Scope
from securegrid.portal.alliance import services as alliance
from securegrid.portal.alliance.models import Member, Misp

TOKEN_LIFETIME = timedelta(days=366)
COMPOSED_NOTICE = (
    "Demo: all data here is composed; only the 13 addresses of the published trial are real. / "
    "デモ: データはすべて合成です。実在するのは公開された実証実験の13アドレスだけです。"
)
REAL_NOTICE = (
    "Demo with real data: the indicators here are live. Never open or resolve them. / "
    "実データによるデモ: 登録されているのは実在の脅威情報です。"
    "アクセスや名前解決をしないでください。"
)

_SCOPES: dict[Role, list[Scope]] = {
    Role.ANALYST: [Scope.SEARCH],
    Role.OWNER: [Scope.OWNER, Scope.ADMIN],
    Role.MEMBER_ADMIN: [Scope.ADMIN],
    Role.OPERATOR: [Scope.ADMIN],
}


def enrol(state: State, *, notice: str, now: datetime) -> State:
    """Make what is missing in the portal and follow nodes that moved; everything else stays."""
    with transaction.atomic():
        if not Member.objects.exists():
            _begin(state, notice)
        for node in state.nodes:
            _follow(node)
        return replace(state, people=tuple(_with_token(person, now) for person in state.people))


def _begin(state: State, notice: str) -> None:
    """The first start: alliance, members, people and MISPs."""
    alliance.change_alliance(name=ALLIANCE_NAME, notice=notice)
    members = {name: alliance.add_member(name) for name in MEMBERS}
    names = {person.email: person.name for person in PEOPLE}
    for person in state.people:
        accounts.create_user(
            person.email,
            person.password,
            names[person.email],
            members[person.member] if person.member else None,
            [Role(person.role)],
        )
    modes = {misp.slug: misp.mode for misp in MISPS}
    for node in state.nodes:
        alliance.add_misp(
            members[node.member], node.name, node.url, node.portal_key, mode=modes[node.slug]
        )


def _follow(node: Node) -> None:
    """Let the portal find a node that had to move to another port."""
    misp = Misp.objects.filter(name=node.name).first()
    if misp is not None and misp.url != node.url and misp.sealed_key:
        alliance.change_misp(misp, url=node.url, key=node.portal_key)


def _with_token(person: Person, now: datetime) -> Person:
    """The person with a token that works: one that has ended is replaced."""
    user = accounts.user_by_email(person.email)
    works = bool(person.token) and accounts.token_user(person.token, now) is not None
    if user is None or user.is_suspended or works:
        return person
    scopes = _SCOPES[Role(person.role)]
    raw, _ = accounts.issue_token(user, "demo", scopes, TOKEN_LIFETIME, now)
    return replace(person, token=raw)


def main() -> None:
    """Read the state from standard input, enrol, and write it to standard output."""
    asked = json.load(sys.stdin)
    call_command("migrate", interactive=False, verbosity=0)
    done = enrol(
        state_from(asked["state"]),
        notice=REAL_NOTICE if asked["real"] else COMPOSED_NOTICE,
        now=timezone.now(),
    )
    json.dump(asdict(done), sys.stdout)


if __name__ == "__main__":
    main()
