"""Which autonomous system an address belongs to, out of a database in MaxMind's format."""

from functools import cached_property
from pathlib import Path
from typing import Any

import maxminddb

from securegrid.asn.model import Origin


class SystemDatabase:
    """A file in MaxMind's DB format (2.0) with AS numbers, as GeoLite2-ASN and IPinfo name them.

    Opened when it is first asked, in each process; as much of it is in memory as is used.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def check(self) -> None:
        """Raises OSError, and ``maxminddb.InvalidDatabaseError`` for a file of another kind."""
        self._database.metadata()

    def of(self, address: str) -> Origin | None:
        """Who announces ``address``; None when the database does not say."""
        try:
            found = self._database.get(address)
        except ValueError:
            return None
        return _origin(found) if isinstance(found, dict) else None

    @cached_property
    def _database(self) -> maxminddb.Reader:
        return maxminddb.open_database(self._path, maxminddb.MODE_MMAP)

    def __reduce__(self) -> tuple[type["SystemDatabase"], tuple[Path]]:
        return SystemDatabase, (self._path,)


def _origin(record: dict[str, Any]) -> Origin | None:
    number = record.get("autonomous_system_number", record.get("asn"))
    digits = str(number).upper().removeprefix("AS")
    if not (digits.isascii() and digits.isdigit()):
        return None
    name = record.get("autonomous_system_organization") or record.get("name") or ""
    return Origin(int(digits), str(name), str(record.get("country_code") or ""))
