"""UUIDs that follow from content (RFC 9562, version 5): the same log gives the same events."""

from uuid import UUID, uuid5

_NAMESPACE = UUID("0d2f7f64-6a4e-5b1c-9b0e-52f3c0c9a3d1")
_SEPARATOR = "\x1f"


def event_uuid(alliance: str, source: str, event: tuple[str, ...]) -> str:
    """Of the event with this key (the day first) from one source of one alliance."""
    return _derived("event", alliance, source, *event)


def object_uuid(event: str, template: str, item: tuple[str, ...]) -> str:
    """Of the object that ``item`` becomes within its event."""
    return _derived("object", event, template, *item)


def attribute_uuid(holder: str, type_: str, value: str, relation: str = "") -> str:
    """Of an attribute within its holder: the event, or the object."""
    return _derived("attribute", holder, type_, relation, value)


def _derived(*path: str) -> str:
    # The lengths keep parts apart whatever they hold.
    return str(uuid5(_NAMESPACE, _SEPARATOR.join(f"{len(part)}:{part}" for part in path)))
