"""Drafts in the form in which they are sent."""

from securegrid.ingest.model import AttributeDraft, Content, EventDraft, ObjectDraft
from securegrid.ingest.publishing.templates import template
from securegrid.ingest.publishing.texts import storable, storable_value
from securegrid.misp.writing import (
    AS_THE_EVENT,
    WrittenAttribute,
    WrittenEvent,
    WrittenObject,
    WrittenTag,
    moment,
)


def compose_event(draft: EventDraft) -> WrittenEvent:
    """The event without contents."""
    return WrittenEvent(
        uuid=draft.uuid,
        info=storable(draft.info),
        date=draft.date,
        threat_level_id=draft.threat_level,
        analysis=draft.analysis,
        distribution=draft.distribution,
        tags=compose_tags(draft.tags),
    )


def compose_tags(names: tuple[str, ...]) -> tuple[WrittenTag, ...]:
    """The tags of these names."""
    return tuple(WrittenTag(storable(name)) for name in names)


def compose_attribute(draft: AttributeDraft) -> WrittenAttribute:
    """The attribute as a new one."""
    return WrittenAttribute(
        uuid=draft.uuid,
        type=draft.type,
        category=draft.category,
        value=storable_value(draft.type, draft.value),
        to_ids=draft.to_ids,
        distribution=AS_THE_EVENT,
        comment=storable(draft.comment),
        first_seen=moment(draft.first_seen),
        last_seen=moment(draft.last_seen),
        object_relation=draft.relation or None,
        tags=compose_tags(draft.tags),
    )


def compose_object(draft: ObjectDraft, attributes: tuple[WrittenAttribute, ...]) -> WrittenObject:
    """The object with ``attributes``; raises ``UnknownTemplate``."""
    known = template(draft.template)
    return WrittenObject(
        uuid=draft.uuid,
        name=known.name,
        meta_category=known.meta_category,
        template_uuid=known.uuid,
        template_version=str(known.version),
        distribution=AS_THE_EVENT,
        attributes=attributes,
        description=known.description,
        comment=storable(draft.comment),
        first_seen=moment(draft.first_seen),
        last_seen=moment(draft.last_seen),
    )


def attributes_of(content: Content) -> tuple[AttributeDraft, ...]:
    """The attribute, or those of the object."""
    return content.attributes if isinstance(content, ObjectDraft) else (content,)


def was_rewritten(draft: AttributeDraft, written: WrittenAttribute) -> bool:
    """Whether a text of it could not be sent as it is."""
    return (draft.value, draft.comment) != (written.value, written.comment)
