"""The autonomous system and country of an address, looked up on this machine alone."""

from securegrid.asn.atlas import Atlas
from securegrid.asn.model import Origin

__all__ = ["Atlas", "Origin"]
