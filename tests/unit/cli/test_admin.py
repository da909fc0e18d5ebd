"""``securegrid admin``: a whole set-up by script, secrets on standard input only."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from typer.testing import CliRunner, Result

from securegrid.cli.admin import app
from securegrid.cli.admin.misps import SearchMode, Shown
from securegrid.portal.accounts import invitations, services
from securegrid.portal.accounts.models import ApiToken, User
from securegrid.portal.accounts.roles import Role, Scope
from securegrid.portal.alliance.models import Member, Misp, Visibility
from securegrid.portal.alliance.services import connection_of, the_alliance
from securegrid.portal.sealing import parse_keys
from tests.conftest import KEY, PASSWORD
from tests.unit.portal.alliance.test_checks import ONE, certificate, private

pytestmark = pytest.mark.django_db


def call(*arguments: str, given: str = "") -> Result:
    return CliRunner().invoke(app, arguments, input=given, env={"LC_ALL": "C"})


def done(*arguments: str, given: str = "") -> str:
    result = call(*arguments, given=given)
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(*arguments: str, given: str = "") -> str:
    result = call(*arguments, given=given)
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    return result.stderr


def misused(*arguments: str) -> None:
    assert call(*arguments).exit_code == 2


def listed(*arguments: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(done(*arguments, "--json"))
    return rows


def add_misp(*more: str, key: str = KEY) -> str:
    words = ("--member", "LAC", "--name", "GRID-MISP", "--url", "https://misp.example.org")
    return done("misp", "add", *words, "--key-stdin", *more, given=key + "\n")


@pytest.fixture
def lac() -> Member:
    done("member", "add", "LAC")
    return Member.objects.get(name="LAC")


@pytest.fixture
def aki(lac: Member) -> User:
    words = ("--email", "aki@example.org", "--name", "Aki", "--member", "LAC", "--role", "analyst")
    done("user", "add", *words, "--password-stdin", given=PASSWORD + "\n")
    return User.objects.get()


def test_members_are_added_listed_renamed_suspended_and_let_in(lac: Member) -> None:
    done("member", "rename", "LAC", "LAC Co.")
    done("member", "suspend", str(lac.public_id))
    (row,) = listed("member", "list")
    assert (row["name"], row["id"]) == ("LAC Co.", str(lac.public_id))
    assert row["suspended_at"] is not None
    done("member", "resume", "LAC Co.")
    assert listed("member", "list")[0]["suspended_at"] is None


def test_a_person_is_added_with_a_password_from_standard_input(aki: User) -> None:
    assert aki.check_password(PASSWORD)
    (row,) = listed("user", "list", "--member", "LAC")
    assert (row["email"], row["member"], row["roles"]) == ("aki@example.org", "LAC", ["analyst"])
    assert row["active"]
    assert "password" not in row


def test_a_person_is_invited_by_a_link(lac: Member) -> None:
    words = ("--email", "b@example.org", "--member", "LAC", "--role", "owner", "--role", "analyst")
    line = done("user", "add", *words, "--invite").splitlines()[-1]
    address, _, token = line.partition("#")
    assert address == "http://127.0.0.1:8000/invitation/"
    user = invitations.accept(token, PASSWORD, timezone.now())
    assert user.roles == {Role.OWNER, Role.ANALYST}


def test_a_person_is_changed(aki: User) -> None:
    done("user", "set-roles", aki.email, "--role", "owner", "--role", "member_admin")
    done("user", "set-password", aki.email, "--password-stdin", given="another long password\n")
    done("user", "sign-out", aki.email)
    done("user", "suspend", aki.email)
    user = User.objects.get()
    assert user.roles == {Role.OWNER, Role.MEMBER_ADMIN}
    assert user.check_password("another long password")
    assert user.is_suspended
    done("user", "resume", aki.email)
    assert not User.objects.get().is_suspended
    assert "#" in done("user", "invite", aki.email)


def test_an_operator_needs_no_member() -> None:
    words = ("--email", "op@example.org", "--role", "operator", "--password-stdin")
    done("user", "add", *words, given=PASSWORD + "\n")
    assert refused("user", "suspend", "op@example.org").startswith("Error: roles: This is the last")


def test_a_token_is_printed_once_and_alone(aki: User) -> None:
    words = ("--user", aki.email, "--name", "siem", "--scope", "search", "--days", "30")
    raw = done("token", "add", *words).strip()
    token = services.token_user(raw, timezone.now())
    assert token is not None
    assert token.scopes == [Scope.SEARCH]
    assert timedelta(days=29) < token.expires_at - timezone.now() <= timedelta(days=30)
    (row,) = listed("token", "list", "--user", aki.email)
    assert raw not in json.dumps(row)
    done("token", "revoke", row["id"])
    assert ApiToken.objects.get().revoked_at is not None


def test_a_misp_is_connected_with_its_key_from_standard_input(lac: Member) -> None:
    add_misp()
    misp = Misp.objects.get()
    assert connection_of(misp).key == KEY
    assert (misp.member, misp.tls, misp.mode, misp.visibility) == (lac, "verify", "live", "full")
    (row,) = listed("misp", "list", "--member", "LAC")
    assert row["has_key"]
    assert KEY not in json.dumps(row)
    assert not {"key", "sealed_key", "ca_pem"} & row.keys()


def test_a_misp_is_connected_with_everything(lac: Member, tmp_path: Path) -> None:
    ca, client = tmp_path / "ca.pem", tmp_path / "client.pem"
    ca.write_text(certificate(ONE))
    client.write_text(certificate(ONE) + private(ONE))
    add_misp(
        *("--ca", str(ca), "--client", str(client), "--mode", "live", "--visibility", "count"),
        *("--published-only", "--leave-out-tag", "tlp:red", "--leave-out-type", "comment"),
        *("--concurrency", "2", "--pause-ms", "100"),
    )
    misp = Misp.objects.get()
    connection = connection_of(misp)
    assert (connection.ca_pem, connection.client_pem) == (ca.read_text(), client.read_text())
    assert (misp.tls, misp.visibility, misp.published_only) == ("own_ca", "count", True)
    assert (misp.left_out_tags, misp.left_out_types) == (["tlp:red"], ["comment"])
    assert (misp.concurrency, misp.pause_ms) == (2, 100)


def test_a_misp_is_connected_without_verification(lac: Member) -> None:
    add_misp("--insecure")
    assert Misp.objects.get().tls == "insecure"
    done("misp", "change", "GRID-MISP", "--verify")
    assert Misp.objects.get().tls == "verify"


def test_a_misp_is_changed_switched_and_disconnected(lac: Member) -> None:
    add_misp()
    done("misp", "change", "GRID-MISP", "--name", "OSINT", "--visibility", "title")
    assert "key" in refused("misp", "change", "OSINT", "--url", "https://other.example")
    done(*("misp", "change", "OSINT", "--url", "https://other.example", "--key-stdin"), given=KEY)
    done("misp", "set-key", "OSINT", "--key-stdin", given="Z" * 40)
    misp = Misp.objects.get()
    assert (misp.url, connection_of(misp).key) == ("https://other.example", "Z" * 40)
    done("misp", "disable", "OSINT")
    assert not Misp.objects.get().enabled
    done("misp", "enable", "OSINT")
    assert Misp.objects.get().enabled
    done("misp", "disconnect", "OSINT")
    assert not Misp.objects.get().sealed_key
    assert "key" in refused("misp", "enable", "OSINT")


@pytest.mark.django_db(transaction=True)
def test_a_failed_test_tells_the_reason(lac: Member) -> None:
    words = ("--member", "LAC", "--name", "Gone", "--url", "http://127.0.0.1:9", "--key-stdin")
    done("misp", "add", *words, given=KEY)
    assert "Gone" in refused("misp", "test", "Gone")
    assert Misp.objects.get().tested_at is not None


def test_the_alliance_is_named_and_shown() -> None:
    done("alliance", "set", "--name", "GRID", "--hide-searching-member", "--notice", "Composed.")
    assert listed("alliance", "show") == [
        {"name": "GRID", "show_searching_member": False, "notice": "Composed."}
    ]
    done("alliance", "set", "--show-searching-member")
    assert the_alliance().show_searching_member


def test_a_fresh_master_key_fits_the_key_file() -> None:
    first, second = done("key", "new"), done("key", "new")
    assert parse_keys(first + second)[0] != parse_keys(second)[0]


def test_rotation_tells_what_it_did(lac: Member) -> None:
    add_misp()
    assert "MISP keys: 0 sealed anew" in done("key", "rotate")


def test_a_lost_master_key_is_told_in_one_line(lac: Member) -> None:
    add_misp()
    Misp.objects.update(sealed_key=b"x" * 60)
    assert "SECUREGRID_MASTER_KEY_FILE" in refused("key", "rotate")


def test_upkeep_is_safe_to_repeat() -> None:
    for _ in range(2):
        done("migrate")
        done("check")
        done("tidy")


@pytest.mark.parametrize(
    "arguments",
    [
        ("member", "suspend", "Nobody"),
        ("user", "suspend", "nobody@example.org"),
        ("misp", "disable", "Nothing"),
        ("token", "revoke", "nothing"),
        ("user", "list", "--member", "Nobody"),
    ],
)
def test_what_does_not_exist_is_said_so(arguments: tuple[str, ...]) -> None:
    assert "there is no" in refused(*arguments)


def test_an_empty_standard_input_is_an_error(lac: Member, aki: User) -> None:
    words = ("--member", "LAC", "--name", "M", "--url", "https://m.example", "--key-stdin")
    assert "standard input" in refused("misp", "add", *words)
    assert "standard input" in refused("user", "set-password", aki.email, "--password-stdin")


def test_a_bad_key_is_refused_without_being_shown(lac: Member) -> None:
    words = ("--member", "LAC", "--name", "M", "--url", "https://m.example", "--key-stdin")
    assert "my-bad-key" not in refused("misp", "add", *words, given="my-bad-key\n")


def test_misuse_has_its_own_exit_code(lac: Member, tmp_path: Path) -> None:
    words = ("--member", "LAC", "--name", "M", "--url", "https://m.example")
    misused("misp", "add", *words)
    misused("misp", "add", *words, "--key-stdin", "--insecure", "--ca", str(tmp_path / "ca"))
    misused("misp", "add", *words, "--key-stdin", "--ca", str(tmp_path / "none.pem"))
    misused("misp", "add", *words, "--key-stdin", "--mode", "sometimes")
    misused("user", "add", "--email", "a@example.org", "--role", "analyst")
    misused("user", "add", "--email", "a@example.org", "--role", "king", "--invite")
    misused("nothing")


def test_a_refusal_speaks_japanese_where_the_terminal_does(lac: Member) -> None:
    result = CliRunner().invoke(app, ["member", "add", "LAC"], env={"LC_ALL": "ja_JP.UTF-8"})
    assert result.exit_code == 1
    assert "この名前はすでに使われています。" in result.stderr


def test_a_table_shows_text_and_never_obeys_it() -> None:
    done("member", "add", "[bold]Evil[/bold]")
    assert "[bold]Evil[/bold]" in done("member", "list")


def test_the_choices_are_those_of_the_portal() -> None:
    assert {shown.value for shown in Shown} == set(Visibility.values)
    assert {mode.value for mode in SearchMode} == {choice for choice, _ in _modes()}


def _modes() -> list[tuple[str, str]]:
    return list(Misp._meta.get_field("mode").choices or ())


def test_help_needs_neither_settings_nor_django() -> None:
    program = (
        "import sys; from typer.testing import CliRunner; from securegrid.cli.admin import app;"
        "r = CliRunner().invoke(app, ['misp', 'add', '--help']); assert r.exit_code == 0;"
        "sys.exit('django' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_unsafe_settings_stop_a_command(tmp_path: Path) -> None:
    program = "from securegrid.cli.admin import app; app(['member', 'list'])"
    environ = {
        "SECUREGRID_MODE": "production",
        "SECUREGRID_DATABASE_URL": f"sqlite:///{tmp_path}/p.sqlite3",
        "SECUREGRID_TYPO": "1",
    }
    found = subprocess.run(
        [sys.executable, "-c", program], env=environ, capture_output=True, text=True, check=False
    )
    assert found.returncode == 1
    assert "SECUREGRID_TYPO" in found.stderr
    assert "Traceback" not in found.stderr
