"""What an import did, counted from its journal."""

import sqlite3

from securegrid.ingest.publishing.outcomes import Counts, EventState
from securegrid.ingest.publishing.page import Kind, State, Work

_HELD = (State.ACKNOWLEDGED, State.ALTERED)


def count(connection: sqlite3.Connection, import_id: int) -> Counts:
    """What is written down of the import."""
    by_content = dict(_contents(connection, import_id))
    made, extended, by_state = _events(connection, import_id)
    unchanged, rewritten, deleted = connection.execute(
        "SELECT unchanged, rewritten, deleted_there FROM import WHERE id = ?", (import_id,)
    ).fetchone()

    def sum_of(kinds: tuple[Kind, ...], works: tuple[Work, ...], states: tuple[State, ...]) -> int:
        return sum(
            number
            for (kind, work, state), number in by_content.items()
            if kind in kinds and work in works and state in states
        )

    attributes = (Kind.ATTRIBUTE, Kind.IN_OBJECT)
    both = (Work.ADDED, Work.CHANGED)
    return Counts(
        events_made=made,
        events_extended=extended,
        events_unchanged=unchanged,
        events_refused=by_state.get(EventState.REFUSED, 0),
        events_failed=by_state.get(EventState.FAILED, 0),
        events_unpublished=by_state.get(EventState.UNPUBLISHED, 0),
        attributes_added=sum_of(attributes, (Work.ADDED,), _HELD),
        attributes_changed=sum_of(attributes, (Work.CHANGED,), _HELD),
        objects_added=sum_of((Kind.OBJECT,), (Work.ADDED,), _HELD),
        dropped=sum_of(attributes, both, (State.DROPPED,)),
        altered=sum_of(attributes, both, (State.ALTERED,)),
        unacknowledged=sum_of(attributes, both, (State.INTENDED,)),
        refused=_refused(connection, import_id),
        deleted_there=deleted,
        rewritten=rewritten,
    )


def _contents(
    connection: sqlite3.Connection, import_id: int
) -> list[tuple[tuple[int, int, int], int]]:
    rows = connection.execute(
        "SELECT c.kind, c.work, c.state, count(*) FROM content c"
        " JOIN event e ON e.id = c.event WHERE e.import = ? GROUP BY 1, 2, 3",
        (import_id,),
    )
    return [((kind, work, state), number) for kind, work, state, number in rows]


def _events(connection: sqlite3.Connection, import_id: int) -> tuple[int, int, dict[str, int]]:
    rows = connection.execute(
        "SELECT made, state, count(*) FROM event WHERE import = ? GROUP BY 1, 2", (import_id,)
    ).fetchall()
    held = {EventState.PUBLISHED, EventState.UNPUBLISHED, EventState.TAKEN_BACK}
    by_state: dict[str, int] = {}
    for _, state, number in rows:
        by_state[state] = by_state.get(state, 0) + number
    made = sum(number for made, state, number in rows if made and state in held)
    extended = sum(number for made, state, number in rows if not made and state in held)
    return made, extended, by_state


def _refused(connection: sqlite3.Connection, import_id: int) -> int:
    """Refused attributes; a refused event is counted by itself."""
    (number,) = connection.execute(
        "SELECT count(*) FROM refused WHERE import = ? AND event <> uuid", (import_id,)
    ).fetchone()
    return int(number)
