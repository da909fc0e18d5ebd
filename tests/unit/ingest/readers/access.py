"""What tests of access logs share: networks that hold everybody, and readers that use them."""

from ipaddress import ip_network

from securegrid.ingest.model import Counted, Key, Reader
from securegrid.ingest.networks.classes import Networks
from securegrid.ingest.readers.access_log import AccessLogOptions, make_reader
from tests.unit.ingest.readers.blocks import NOW, read


class NoSystems:
    """An AS database that knows nothing."""

    def of(self, address: str) -> None:
        """Nothing."""


EVERYBODY = Networks(
    [("VPS/Cloud", [ip_network("0.0.0.0/0"), ip_network("::/0")])],
    systems=NoSystems(),
    shipped=False,
)
SOME = Networks([("VPN", [ip_network("198.51.100.0/24")])], systems=NoSystems(), shipped=False)


def options(
    *proxies: str, zone: str = "UTC", networks: Networks = EVERYBODY, now: int = NOW
) -> AccessLogOptions:
    """Everybody is anonymous, unless ``networks`` says otherwise."""
    return AccessLogOptions(now=now, zone=zone, networks=networks, trusted_proxies=proxies)


def reader_of(text: str | bytes, told: AccessLogOptions | None = None) -> Reader:
    """The reader of a log that begins so."""
    head = text.encode() if isinstance(text, str) else text
    return make_reader(head, told or options())


def seen_in(
    text: str | bytes, told: AccessLogOptions | None = None
) -> dict[tuple[Key, Key], Counted]:
    """What a log holds; none of its lines is bad."""
    batch = read(reader_of(text, told), text)
    assert not batch.bad
    return dict(batch.seen)


def addresses_in(text: str | bytes, told: AccessLogOptions | None = None) -> list[str]:
    """The sources in a log, none of whose lines is bad."""
    return sorted({item[0] for _, item in seen_in(text, told)})
