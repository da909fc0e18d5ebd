"""``/tags``: list, search, view, add, edit, delete, attach and remove."""

# ruff: noqa: S608 - SQL is made of the module's own words; what clients send are parameters

from collections.abc import Mapping
from typing import Any

from securegrid.node import editing, render
from securegrid.node.access import owns, visible_attribute, visible_event, writing_for
from securegrid.node.accounts import Permission
from securegrid.node.filters import truthy
from securegrid.node.folding import fold
from securegrid.node.intake import read_tag, unwrap
from securegrid.node.protocol import NOT_YOURS, Answer, Call, Endpoint, Refused, done
from securegrid.node.records import NewTag
from securegrid.node.rows import EventRow, TagRow
from securegrid.node.tagbook import COLOUR

_BAD_COLOUR = "Could not add the Tag. [colour]: Colour has to be in the RGB format (#FFFFFF)"
_NO_NAME = "Could not add the Tag. [name]: A tag needs a name"
_INVALID_TARGET = "Invalid Target."
_INVALID_TAG = "Invalid Tag."


def index(call: Call) -> Answer:
    """``tags/index[/searchall:TEXT]``: every tag with how often it is used."""
    wanted = str(call.parameters().get("searchall") or call.parameters().get("name") or "")
    rows = call.connection.execute(
        "SELECT t.*, (SELECT count(*) FROM event_tag WHERE tag_id = t.id),"
        " (SELECT count(*) FROM attribute_tag WHERE tag_id = t.id)"
        " FROM tag t WHERE instr(t.key, ?) > 0 OR ? = '' ORDER BY t.name",
        (fold(wanted.strip("%")), wanted),
    )
    shown = [_counted(TagRow(*row[:-2]), row[-2], row[-1]) for row in rows]
    return Answer({"Tag": shown})


def search(call: Call) -> Answer:
    """``tags/search/TEXT`` (or ``{"tagname": …}``): tags whose name holds the text."""
    given = call.parameters()
    wanted = str(given.get("tagname") or given.get("tag") or call.argument())
    strict = truthy(given.get("strict_tagname")) or truthy(call.argument(1))
    pattern = fold(wanted.strip("%"))
    rows = call.connection.execute(
        "SELECT * FROM tag WHERE CASE WHEN ? THEN key = ? ELSE instr(key, ?) > 0 END ORDER BY name",
        (strict, pattern, pattern),
    )
    return Answer([{"Tag": render.tag_full(TagRow(*row))} for row in rows] if pattern else [])


def view(call: Call) -> Answer:
    """``tags/view/ID``."""
    tag = _tag(call, call.argument())
    counts = call.connection.execute(
        "SELECT (SELECT count(*) FROM event_tag WHERE tag_id = ?1),"
        " (SELECT count(*) FROM attribute_tag WHERE tag_id = ?1)",
        (tag.id,),
    ).fetchone()
    return Answer(_counted(tag, *counts))


def add(call: Call) -> Answer:
    """``tags/add``; a tag of this name that exists already is given back as it is."""
    given = unwrap(call.body, "Tag")
    new = read_tag(given)
    if not fold(new.name):
        raise Refused(405, _NO_NAME)
    if new.colour and not COLOUR.fullmatch(new.colour):
        raise Refused(405, _BAD_COLOUR)
    tag_id = writing_for(call).tags.id_of(new)
    return Answer({"Tag": render.tag_full(_tag(call, str(tag_id)))})


def edit(call: Call) -> Answer:
    """``tags/edit/ID``: name, colour, exportable and hidden."""
    tag, given = _tag(call, call.argument()), unwrap(call.body, "Tag")
    name = str(given.get("name") or tag.name)
    colour = str(given.get("colour") or tag.colour)
    if not COLOUR.fullmatch(colour):
        raise Refused(405, _BAD_COLOUR)
    other = call.connection.execute(
        "SELECT 1 FROM tag WHERE key = ? AND id <> ?", (fold(name), tag.id)
    ).fetchone()
    if other:
        raise Refused(405, "Could not edit the Tag. [name]: A tag of this name exists")
    call.connection.execute(
        "UPDATE tag SET name = ?, key = ?, colour = ?, exportable = ?, hide_tag = ? WHERE id = ?",
        (
            name,
            fold(name),
            colour,
            truthy(given.get("exportable", tag.exportable)),
            truthy(given.get("hide_tag", tag.hide_tag)),
            tag.id,
        ),
    )
    return Answer({"Tag": render.tag_full(_tag(call, str(tag.id)))})


def delete(call: Call) -> Answer:
    """``tags/delete/ID``: also from everything that carries it."""
    tag = _tag(call, call.argument())
    call.connection.execute("DELETE FROM tag WHERE id = ?", (tag.id,))
    return done(call, "Tag deleted.")


def attach(call: Call) -> Answer:
    """``tags/attachTagToObject`` with ``{"uuid", "tag"}``: to an event or an attribute."""
    given = {**call.parameters()}
    target = _Target(call, str(given.get("uuid") or call.argument()))
    tag = _named_tag(call, given.get("tag") or call.argument(1), truthy(given.get("local")))
    tag_id = writing_for(call).tags.id_of(tag)
    if tag_id is None:
        raise Refused(404, "Invalid Tag. This tag does not exist and you may not make it.")
    target.attach(tag)
    row = _tag(call, str(tag_id))
    kind = "Local" if tag.local else "Global"
    return done(
        call,
        f"{kind} tag {row.name}({row.id}) successfully attached to {target.name}({target.id}).",
        url="/tags/attachTagToObject",
    )


def remove(call: Call) -> Answer:
    """``tags/removeTagFromObject`` with ``{"uuid", "tag"}``."""
    given = {**call.parameters()}
    target = _Target(call, str(given.get("uuid") or call.argument()))
    tag = _named_tag(call, given.get("tag") or call.argument(1), local=False)
    row = call.connection.execute("SELECT * FROM tag WHERE key = ?", (fold(tag.name),)).fetchone()
    if row is None or not target.detach(TagRow(*row).id):
        raise Refused(404, _INVALID_TAG)
    return done(
        call,
        f"Tag {TagRow(*row).name}({TagRow(*row).id}) successfully removed from"
        f" {target.name}({target.id}).",
        url="/tags/removeTagFromObject",
    )


class _Target:
    """What a tag is attached to; raises ``Refused`` when the caller may not change it."""

    def __init__(self, call: Call, uuid: str) -> None:
        self._call = call
        event = visible_event(call, uuid)
        attribute = None if event else visible_attribute(call, uuid)
        if attribute:
            event = visible_event(call, str(attribute.event_id))
        if event is None:
            raise Refused(404, _INVALID_TARGET)
        if not owns(call, event):
            raise Refused(403, NOT_YOURS)
        self._event: EventRow = event
        self.name = "Attribute" if attribute else "Event"
        self.id = attribute.id if attribute else event.id

    def attach(self, tag: NewTag) -> None:
        tags = writing_for(self._call).tags
        if self.name == "Event":
            tags.attach_to_event(self.id, (tag,))
        else:
            tags.attach_to_attribute(self.id, self._event.id, (tag,))
        self._touch(local=tag.local)

    def detach(self, tag_id: int) -> bool:
        table, owner = (
            ("event_tag", "event_id") if self.name == "Event" else ("attribute_tag", "attribute_id")
        )
        gone = self._call.connection.execute(
            f"DELETE FROM {table} WHERE {owner} = ? AND tag_id = ?",
            (self.id, tag_id),
        )
        self._touch(local=False)
        return gone.rowcount > 0

    def _touch(self, *, local: bool) -> None:
        """A local tag is the node's own note and does not change the event."""
        if local:
            return
        if self.name == "Attribute":
            self._call.connection.execute(
                "UPDATE attribute SET timestamp = ? WHERE id = ?", (self._call.now, self.id)
            )
        editing.touch(self._call.connection, self._event.id, self._call.now)


def _named_tag(call: Call, given: object, local: bool) -> NewTag:
    """A tag by name, or by the id of one that exists."""
    if isinstance(given, Mapping):
        return read_tag(given)
    text = str(given or "")
    if text.isdecimal():
        known = _find(call, text)
        text = known.name if known else text
    if not fold(text):
        raise Refused(404, _INVALID_TAG)
    return NewTag(text, local=local)


def _tag(call: Call, name: str) -> TagRow:
    tag = _find(call, name)
    if tag is None:
        raise Refused(404, _INVALID_TAG)
    return tag


def _find(call: Call, name: str) -> TagRow | None:
    """The tag of this id."""
    number = int(name) if name.isdecimal() and len(name) < 16 else -1
    row = call.connection.execute("SELECT * FROM tag WHERE id = ?", (number,)).fetchone()
    return TagRow(*row) if row else None


def _counted(tag: TagRow, events: int, attributes: int) -> dict[str, Any]:
    return {
        **render.tag_full(tag),
        "favourite": False,
        "count": events,
        "attribute_count": attributes,
    }


ENDPOINTS = {
    ("tags", "index"): Endpoint(index),
    ("tags", "search"): Endpoint(search),
    ("tags", "view"): Endpoint(view),
    ("tags", "add"): Endpoint(add, Permission.MAKE_TAG, writes=True),
    ("tags", "edit"): Endpoint(edit, Permission.MAKE_TAG, writes=True),
    ("tags", "delete"): Endpoint(delete, Permission.MAKE_TAG, writes=True),
    ("tags", "attachTagToObject"): Endpoint(attach, Permission.TAG, writes=True),
    ("tags", "removeTagFromObject"): Endpoint(remove, Permission.TAG, writes=True),
}
