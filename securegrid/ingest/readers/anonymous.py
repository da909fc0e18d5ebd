"""What an access becomes: a sighting of its source, if that is in an anonymous network."""

from securegrid.ingest.model import BadLine, Key
from securegrid.ingest.networks.classes import Networks, Place
from securegrid.ingest.readers.agents import System, system_of
from securegrid.ingest.readers.clients import Proxies, address_of
from securegrid.ingest.readers.lines import Parsed
from securegrid.ingest.readers.when import checked, day_of

_REMEMBERED = 16_384


def event_key(day: str, system: System, place: Place) -> Key:
    """Of the event that an access belongs to: one per day, system and provider."""
    return (day, system.value, place.kind, place.provider)


class Observer:
    """Sorts accesses; remembers the networks of the addresses it met last."""

    def __init__(self, networks: Networks, proxies: Proxies, zone: str, now: int) -> None:
        self.networks = networks
        self.proxies = proxies
        self.zone = zone
        self.now = now
        self._places: dict[str, Place | None] = {}

    def sighting(self, at: int | None, peer: str, forwarded: str, agent: str) -> Parsed:
        """What one access is, all of it as written in the log and none of it verified."""
        moment = checked(at, self.now)
        if isinstance(moment, BadLine):
            return moment
        address = self.client(address_of(peer), forwarded)
        if not address:
            return BadLine.NO_ADDRESS
        place = self.place(address)
        if place is None:
            return None
        return event_key(day_of(moment, self.zone), system_of(agent), place), (address,), moment

    def client(self, peer: str, forwarded: str) -> str:
        """Behind trusted proxies who they say; empty when that is no address."""
        return self.proxies.client(peer, forwarded) if peer and self.proxies.any else peer

    def place(self, address: str) -> Place | None:
        """The anonymous network of an address, if it is in one."""
        try:
            return self._places[address]
        except KeyError:
            pass
        if len(self._places) >= _REMEMBERED:
            self._places.clear()
        found = self._places[address] = self.networks.of(address)
        return found

    def __reduce__(self) -> tuple[type["Observer"], tuple[Networks, Proxies, str, int]]:
        return Observer, (self.networks, self.proxies, self.zone, self.now)
