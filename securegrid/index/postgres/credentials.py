"""Addresses and passwords of the other servers: kept by PostgreSQL itself, never in a statement."""

from collections.abc import Mapping, Sequence
from struct import pack
from typing import TYPE_CHECKING, Final

from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.sql import SQL, Composed, Identifier, Literal

from securegrid.index.postgres.wire import COPY_END, COPY_HEADER

if TYPE_CHECKING:
    from securegrid.index.postgres.database import Connection

_OF_SERVER: Final = frozenset({"host", "hostaddr", "port", "dbname", "sslmode", "sslrootcert"})
_OF_USER: Final = frozenset({"user", "password"})
_OWN: Final = frozenset({"connect_timeout"})
PLAIN_PLANS: Final[Mapping[str, str]] = {
    # The plan is known: a look-up by an index in each partition. Statistics are stale right
    # after a bulk build, so the planner is not asked; compiling costs more than a look-up.
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "jit": "off",
    "plan_cache_mode": "force_generic_plan",
}
"""Settings of every session of the index, the coordinator's with other servers included."""
_OPTIONS: Final[Mapping[str, str]] = {
    "async_capable": "true",  # servers are asked at the same time
    "fetch_size": "10000",
    "options": " ".join(f"-c {name}={value}" for name, value in PLAIN_PLANS.items()),
}


class AddressRefused(ValueError):  # noqa: N818 - it says what is wrong
    """The URL says something that a server beside the coordinator cannot have; names no secret."""


def options_of(conninfo: str) -> tuple[dict[str, str], dict[str, str]]:
    """What ``conninfo`` says of the server and of the user; raises ``AddressRefused``."""
    given = {name: str(value) for name, value in conninfo_to_dict(conninfo).items()}
    unknown = sorted(given.keys() - _OF_SERVER - _OF_USER - _OWN)
    if unknown:
        raise AddressRefused(f"cannot be given for another server: {', '.join(unknown)}")
    missing = sorted(({"host", "dbname"} | _OF_USER) - given.keys())
    if missing:
        raise AddressRefused(f"missing: {', '.join(missing)}")
    server = {name: given[name] for name in given if name in _OF_SERVER}
    return server, {name: given[name] for name in given if name in _OF_USER}


def conninfo_of(coordinator: "Connection", foreign: str) -> str:
    """How to reach a server, as the coordinator does; only its own user may read the password."""
    row = coordinator.execute(
        "SELECT s.srvoptions, m.umoptions FROM pg_foreign_server s"
        " JOIN pg_user_mappings m ON m.srvid = s.oid AND m.usename = current_user"
        " WHERE s.srvname = %s",
        [foreign],
    ).fetchone()
    if row is None:
        raise LookupError("there is no such server")
    options = {**_split(row[0]), **_split(row[1])}
    named = {name: options[name] for name in options if name in _OF_SERVER | _OF_USER}
    return make_conninfo("", connect_timeout=10, **named)


def address_of(coordinator: "Connection", foreign: str) -> str:
    """Host, port and database of a server, for people."""
    row = coordinator.execute(
        "SELECT srvoptions FROM pg_foreign_server WHERE srvname = %s", [foreign]
    ).fetchone()
    options = _split(row[0] if row else ())
    host = options.get("host") or options.get("hostaddr", "")
    return f"{host}:{options.get('port', '5432')}/{options.get('dbname', '')}"


def remember(coordinator: "Connection", foreign: str, server: Mapping[str, str]) -> None:
    """Make a foreign server of this name, or change its address."""
    options = {**server, **_OPTIONS, **_newer_options(coordinator)}
    exists = coordinator.execute(
        "SELECT srvoptions FROM pg_foreign_server WHERE srvname = %s", [foreign]
    ).fetchone()
    if exists is None:
        coordinator.execute(
            SQL("CREATE SERVER {} FOREIGN DATA WRAPPER postgres_fdw OPTIONS ({})").format(
                Identifier(foreign), _listed(options)
            )
        )
        return
    old = _split(exists[0])
    changes = [SQL("DROP {}").format(Identifier(name)) for name in old if name not in options]
    for name, value in options.items():
        verb = SQL("SET") if name in old else SQL("ADD")
        changes.append(SQL("{} {} {}").format(verb, Identifier(name), Literal(value)))
    coordinator.execute(
        SQL("ALTER SERVER {} OPTIONS ({})").format(Identifier(foreign), SQL(", ").join(changes))
    )


def remember_user(coordinator: "Connection", foreign: str, user: Mapping[str, str]) -> None:
    """Give the coordinator the user and password of a server.

    A statement with a password in it could come into PostgreSQL's log, and so could a parameter.
    What COPY carries is never logged; the statement is then made inside PostgreSQL, and its
    failure told without its text.
    """
    coordinator.execute("CREATE TEMP TABLE given (name text, value text) ON COMMIT DROP")
    with coordinator.cursor().copy("COPY given FROM STDIN (FORMAT BINARY)") as copy:
        copy.write(COPY_HEADER + b"".join(_copied(*one) for one in user.items()) + COPY_END)
    coordinator.execute(SQL(_MAP_USER).format(foreign=Literal(foreign)))


_MAP_USER: Final = """
DO $do$
BEGIN
  EXECUTE format('DROP USER MAPPING IF EXISTS FOR CURRENT_USER SERVER %I', {foreign});
  EXECUTE format('CREATE USER MAPPING FOR CURRENT_USER SERVER %I OPTIONS (%s)', {foreign},
    (SELECT string_agg(format('%I %L', name, value), ', ') FROM given));
EXCEPTION WHEN OTHERS THEN
  RAISE EXCEPTION 'the user mapping was refused (%)', SQLSTATE;
END
$do$
"""


def _newer_options(coordinator: "Connection") -> Mapping[str, str]:
    """Ending a look-up's transaction on all servers at once came with PostgreSQL 15."""
    return {"parallel_commit": "true"} if coordinator.info.server_version >= 150000 else {}


def _split(options: Sequence[str] | None) -> dict[str, str]:
    return dict(one.split("=", 1) for one in options or ())


def _listed(options: Mapping[str, str]) -> Composed:
    return SQL(", ").join(
        SQL("{} {}").format(Identifier(name), Literal(value)) for name, value in options.items()
    )


def _copied(name: str, value: str) -> bytes:
    fields = [name.encode(), value.encode()]
    return pack("!h", 2) + b"".join(pack("!i", len(field)) + field for field in fields)
