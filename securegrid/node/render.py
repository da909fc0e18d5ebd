"""Rows in MISP's JSON shapes: integers as strings, no ``Tag`` where there is none (traps 6, 7)."""

from collections.abc import Sequence
from typing import Any

from securegrid.node.rows import (
    Attached,
    AttributeRow,
    EventRow,
    ObjectRow,
    OrgRow,
    ReferenceRow,
    SightingRow,
    TagRow,
)

Json = dict[str, Any]


def attribute_found(row: AttributeRow) -> Json:
    """An attribute as ``attributes/restSearch`` and ``attributes/view`` give it."""
    return {
        "id": str(row.id),
        "event_id": str(row.event_id),
        "object_id": str(row.object_id),
        "object_relation": row.object_relation,
        "category": row.category,
        "type": row.type,
        "to_ids": bool(row.to_ids),
        "uuid": row.uuid,
        "timestamp": str(row.timestamp),
        "distribution": str(row.distribution),
        "sharing_group_id": "0",
        "comment": row.comment,
        "deleted": bool(row.deleted),
        "disable_correlation": bool(row.disable_correlation),
        "first_seen": row.first_seen,
        "last_seen": row.last_seen,
        "value": row.value,
    }


def attribute_added(row: AttributeRow) -> Json:
    """An attribute as ``attributes/add`` gives it: with its two halves."""
    return _with_halves(attribute_found(row), row)


def attribute_in_event(row: AttributeRow, tags: Sequence[Attached]) -> Json:
    """An attribute inside a whole event or object."""
    shown: Json = {
        "id": str(row.id),
        "type": row.type,
        "category": row.category,
        "to_ids": bool(row.to_ids),
        "uuid": row.uuid,
        "event_id": str(row.event_id),
        "distribution": str(row.distribution),
        "timestamp": str(row.timestamp),
        "comment": row.comment,
        "sharing_group_id": "0",
        "deleted": bool(row.deleted),
        "disable_correlation": bool(row.disable_correlation),
        "object_id": str(row.object_id),
        "object_relation": row.object_relation,
        "first_seen": row.first_seen,
        "last_seen": row.last_seen,
        "value": row.value,
        "Galaxy": [],
        "ShadowAttribute": [],
    }
    if tags:
        shown["Tag"] = [tag_in_event(tag) for tag in tags]
    return shown


def _with_halves(shown: Json, row: AttributeRow) -> Json:
    halves = {"value1": row.value1, "value2": row.value2}
    head = {key: shown[key] for key in _BEFORE_HALVES}
    return {**head, **halves, **{k: v for k, v in shown.items() if k not in head}}


_BEFORE_HALVES = ("id", "event_id", "object_id", "object_relation", "category", "type")


def event_of_attribute(row: EventRow) -> Json:
    """The ``Event`` part that always comes with a found attribute."""
    return {
        "org_id": str(row.org_id),
        "distribution": str(row.distribution),
        "publish_timestamp": str(row.publish_timestamp),
        "id": str(row.id),
        "info": row.info,
        "orgc_id": str(row.orgc_id),
        "uuid": row.uuid,
    }


def object_of_attribute(object_id: int, distribution: int) -> Json:
    """The ``Object`` part of a found attribute that belongs to one."""
    return {
        "id": str(object_id),
        "distribution": str(distribution),
        "sharing_group_id": "0",
    }


def event_context(row: EventRow, orgc: OrgRow, tags: Sequence[Attached]) -> Json:
    """The ``Event`` part with ``includeContext``."""
    return {
        "id": str(row.id),
        "orgc_id": str(row.orgc_id),
        "org_id": str(row.org_id),
        "date": row.date,
        "threat_level_id": str(row.threat_level_id),
        "info": row.info,
        "published": bool(row.published),
        "uuid": row.uuid,
        "analysis": str(row.analysis),
        "timestamp": str(row.timestamp),
        "distribution": str(row.distribution),
        "publish_timestamp": str(row.publish_timestamp),
        "sharing_group_id": "0",
        "extends_uuid": row.extends_uuid,
        "Tag": [{"local": bool(tag.local), **_tag_brief(tag.tag)} for tag in tags],
        "Orgc": org_local(orgc),
    }


def event_full(
    row: EventRow, orgs: dict[int, OrgRow], tags: Sequence[Attached], parts: Json
) -> Json:
    """A whole event; ``parts`` are its attributes and objects (none with ``metadata``)."""
    shown: Json = {
        "id": str(row.id),
        "orgc_id": str(row.orgc_id),
        "org_id": str(row.org_id),
        "date": row.date,
        "threat_level_id": str(row.threat_level_id),
        "info": row.info,
        "published": bool(row.published),
        "uuid": row.uuid,
        "attribute_count": str(row.attribute_count),
        "analysis": str(row.analysis),
        "timestamp": str(row.timestamp),
        "distribution": str(row.distribution),
        "proposal_email_lock": False,
        "locked": False,
        "publish_timestamp": str(row.publish_timestamp),
        "sharing_group_id": "0",
        "disable_correlation": bool(row.disable_correlation),
        "extends_uuid": row.extends_uuid,
        "protected": None,
        "event_creator_email": row.creator,
        "Org": org_local(orgs[row.org_id]),
        "Orgc": org_local(orgs[row.orgc_id]),
        **parts,
        "CryptographicKey": [],
    }
    if tags:
        shown["Tag"] = [tag_in_event(tag) for tag in tags]
    return shown


def event_listed(row: EventRow, orgs: dict[int, OrgRow], tags: Sequence[Attached]) -> Json:
    """An event as ``events/index`` gives it."""
    return {
        "id": str(row.id),
        "org_id": str(row.org_id),
        "date": row.date,
        "info": row.info,
        "uuid": row.uuid,
        "published": bool(row.published),
        "analysis": str(row.analysis),
        "attribute_count": str(row.attribute_count),
        "orgc_id": str(row.orgc_id),
        "timestamp": str(row.timestamp),
        "distribution": str(row.distribution),
        "sharing_group_id": "0",
        "proposal_email_lock": False,
        "locked": False,
        "threat_level_id": str(row.threat_level_id),
        "publish_timestamp": str(row.publish_timestamp),
        "sighting_timestamp": str(row.sighting_timestamp),
        "disable_correlation": bool(row.disable_correlation),
        "extends_uuid": row.extends_uuid,
        "protected": None,
        "Org": org_brief(orgs[row.org_id]),
        "Orgc": org_brief(orgs[row.orgc_id]),
        "EventTag": [_event_tag(tag) for tag in tags],
    }


def event_minimal(row: EventRow, orgs: dict[int, OrgRow]) -> Json:
    """An event as ``events/index`` with ``minimal`` gives it."""
    return {
        "id": str(row.id),
        "timestamp": str(row.timestamp),
        "sighting_timestamp": str(row.sighting_timestamp),
        "published": bool(row.published),
        "uuid": row.uuid,
        "orgc_uuid": orgs[row.orgc_id].uuid,
    }


def object_full(row: ObjectRow, references: Sequence[ReferenceRow], attributes: list[Json]) -> Json:
    """An object with its attributes and relations."""
    return {
        "id": str(row.id),
        "name": row.name,
        "meta-category": row.meta_category,
        "description": row.description,
        "template_uuid": row.template_uuid,
        "template_version": row.template_version,
        "event_id": str(row.event_id),
        "uuid": row.uuid,
        "timestamp": str(row.timestamp),
        "distribution": str(row.distribution),
        "sharing_group_id": "0",
        "comment": row.comment,
        "deleted": bool(row.deleted),
        "first_seen": row.first_seen,
        "last_seen": row.last_seen,
        "ObjectReference": [reference(r) for r in references],
        "Attribute": attributes,
    }


def reference(row: ReferenceRow) -> Json:
    """A relation from an object."""
    return {
        "id": str(row.id),
        "uuid": row.uuid,
        "timestamp": str(row.timestamp),
        "object_id": str(row.object_id),
        "referenced_uuid": row.referenced_uuid,
        "referenced_id": str(row.referenced_id),
        "referenced_type": str(row.referenced_type),
        "relationship_type": row.relationship_type,
        "comment": row.comment,
        "deleted": bool(row.deleted),
        "event_id": str(row.event_id),
        "source_uuid": row.source_uuid,
    }


def tag_full(row: TagRow) -> Json:
    """A tag as the tag endpoints give it."""
    return {
        "id": str(row.id),
        "name": row.name,
        "colour": row.colour,
        "exportable": bool(row.exportable),
        "org_id": "0",
        "user_id": "0",
        "hide_tag": bool(row.hide_tag),
        "numerical_value": None if row.numerical_value is None else str(row.numerical_value),
        "is_galaxy": False,
        "is_custom_galaxy": False,
        "local_only": bool(row.local_only),
    }


def tag_in_event(attached: Attached) -> Json:
    """A tag on an event or attribute inside a whole event."""
    shown = tag_full(attached.tag)
    del shown["org_id"]
    return {**shown, "local": bool(attached.local), "relationship_type": None}


def tag_of_attribute(attached: Attached) -> Json:
    """An attribute's own tag in ``attributes/restSearch``."""
    return {**_tag_brief(attached.tag), "is_galaxy": False, "local": bool(attached.local)}


def tag_inherited(attached: Attached) -> Json:
    """An event's tag merged into the attribute by ``includeEventTags``."""
    return {**_tag_brief(attached.tag), "inherited": 1}


def _tag_brief(row: TagRow) -> Json:
    value = None if row.numerical_value is None else str(row.numerical_value)
    return {
        "id": str(row.id),
        "name": row.name,
        "colour": row.colour,
        "numerical_value": value,
    }


def _event_tag(attached: Attached) -> Json:
    return {
        "id": str(attached.link_id),
        "event_id": str(attached.owner_id),
        "tag_id": str(attached.tag.id),
        "local": bool(attached.local),
        "relationship_type": "",
        "Tag": {
            "id": str(attached.tag.id),
            "name": attached.tag.name,
            "colour": attached.tag.colour,
            "is_galaxy": False,
        },
    }


def sighting(row: SightingRow) -> Json:
    """A sighting without its surroundings."""
    return {
        "id": str(row.id),
        "attribute_id": str(row.attribute_id),
        "event_id": str(row.event_id),
        "org_id": str(row.org_id),
        "date_sighting": str(row.date_sighting),
        "uuid": row.uuid,
        "source": row.source,
        "type": str(row.type),
    }


def sighting_with_org(row: SightingRow, orgs: dict[int, OrgRow]) -> Json:
    """A sighting with the attribute's UUID and who sighted."""
    org = orgs[row.org_id]
    return {
        **sighting(row),
        "attribute_uuid": row.attribute_uuid,
        "Organisation": {"id": str(org.id), "uuid": org.uuid, "name": org.name},
    }


def org_brief(row: OrgRow) -> Json:
    """An organisation in a list of events."""
    return {"id": str(row.id), "name": row.name, "uuid": row.uuid}


def org_local(row: OrgRow) -> Json:
    """An organisation inside an event."""
    return {**org_brief(row), "local": bool(row.local)}
