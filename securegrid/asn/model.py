"""What can be said of an address: the autonomous system that announces it, and its country."""

import msgspec


class Origin(msgspec.Struct, frozen=True, gc=False):
    """Who announces an address.

    ``asn``: 1 to 4,294,967,295. ``name``: as the registry or the operator writes it, such as
    ``AMAZON-02``; may be empty. ``country``: two capital letters (ISO 3166-1), of the network's
    holder and not of the machine's place; empty where the data knows none.
    """

    asn: int
    name: str
    country: str
