"""Every endpoint that the node has, by controller and action."""

from collections.abc import Mapping

from securegrid.node.endpoints import attributes, events, objects, server, sightings, tags
from securegrid.node.protocol import Endpoint

ENDPOINTS: Mapping[tuple[str, str], Endpoint] = {
    **attributes.ENDPOINTS,
    **events.ENDPOINTS,
    **objects.ENDPOINTS,
    **server.ENDPOINTS,
    **sightings.ENDPOINTS,
    **tags.ENDPOINTS,
}
