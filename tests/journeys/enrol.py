"""Fills a fresh portal for a journey: ``python -m tests.journeys.enrol`` reads it as JSON."""

import json
import sys

import django

django.setup()

from django.core.management import call_command  # noqa: E402

from securegrid.portal.accounts import services as accounts  # noqa: E402
from securegrid.portal.accounts.roles import Role  # noqa: E402
from securegrid.portal.alliance import services as alliance  # noqa: E402


def main() -> None:
    """Make members, people and MISPs."""
    given = json.load(sys.stdin)
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    members = {name: alliance.add_member(name) for name in given["members"]}
    for email, role, member in given["people"]:
        name = email.partition("@")[0]
        owner = members.get(member)
        accounts.create_user(email, given["password"], name, owner, [Role(role)])
    for name, member, url in given["misps"]:
        alliance.add_misp(members[member], name, url, "K" * 40, tls="insecure")


if __name__ == "__main__":
    main()
