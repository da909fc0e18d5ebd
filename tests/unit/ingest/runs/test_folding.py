"""What is counted in pieces adds up to what is counted at once, in any order and group."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from securegrid.ingest.model import Counted, Key
from securegrid.ingest.runs import folding
from securegrid.ingest.runs.database import open_database
from securegrid.ingest.runs.folding import fold
from securegrid.ingest.runs.packing import merged, pack, unpack_key

DAYS = [("2021-05-13", "a"), ("2021-05-13", "b"), ("2021-05-14", "")]
seen = st.dictionaries(
    st.tuples(st.sampled_from(DAYS), st.tuples(st.text(max_size=3), st.sampled_from("xyz"))),
    st.builds(
        lambda first, more, count: Counted(first, first + more, count),
        st.integers(0, 2**33),
        st.integers(0, 1000),
        st.integers(1, 2**40),
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None)
@given(
    pieces=st.lists(seen, max_size=6), group=st.integers(1, 400), breaks=st.sets(st.integers(0, 5))
)
def test_pieces_add_up(
    tmp_path_factory: pytest.TempPathFactory,
    pieces: list[dict[tuple[Key, Key], Counted]],
    group: int,
    breaks: set[int],
) -> None:
    database = open_database(tmp_path_factory.mktemp("state") / "state.sqlite3")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folding, "GROUP_BYTES", group)
        for number, piece in enumerate(pieces):
            rows = pack(piece).items()
            database.executemany("INSERT INTO segments (part, data) VALUES (?, ?)", rows)
            if number in breaks:
                fold(database)
        fold(database)
    found = database.execute(
        "SELECT key, item, first, last, count FROM items JOIN events ON events.id = event"
    )
    assert {
        (unpack_key(event), unpack_key(item)): Counted(*counted) for event, item, *counted in found
    } == merged(pieces)
    assert database.execute("SELECT count(*) FROM segments").fetchone() == (0,)
    database.close()
