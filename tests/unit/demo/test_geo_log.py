"""Reading the composed access log gives the events that are composed: the demo's GEO-MISP."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from securegrid.demo import geo, geo_log
from securegrid.demo.blacktech import trial_hits
from securegrid.demo.records import ComposedAttribute, ComposedEvent
from securegrid.ingest.model import AttributeDraft
from securegrid.ingest.readers.geolocation import GEOLOCATION, GeolocationOptions, make_reader
from securegrid.ingest.shapes.options import ShapeOptions
from tests.unit.ingest.readers.blocks import NOW, block, flat, shaped

SHAPE = GEOLOCATION.shape(
    ShapeOptions(alliance="test", source="docodoco.jp", name="どこどこJP", tags=())
)
LISTED = {hit.value for hit in trial_hits()}


def composed_on(day: date) -> dict[str, ComposedEvent]:
    return {event.info: event for event in geo.events() if event.date == day}


def described(one: AttributeDraft | ComposedAttribute) -> tuple[str, str, str, bool]:
    return one.type, one.category, one.value, one.to_ids


def a_day_with_a_listed_address() -> date:
    """Another than the last, which has the largest event."""
    return next(
        event.date for event in geo.events() if LISTED & {one.value for one in event.attributes}
    )


@pytest.mark.parametrize(
    ("day", "zone"),
    [
        (a_day_with_a_listed_address(), "UTC"),
        (a_day_with_a_listed_address(), "Asia/Tokyo"),
        (geo.LAST_DAY, "UTC"),
    ],
)
def test_reading_the_log_of_a_day_gives_exactly_its_composed_events(day: date, zone: str) -> None:
    log = "".join(geo_log.lines(day))
    reader = make_reader(log.encode()[:65_536], GeolocationOptions(now=NOW, zone=zone))

    batch = reader.read(block(log))
    drafts, events = shaped(SHAPE, batch), composed_on(day)

    assert batch.bad == ()
    assert batch.passed_over > 1  # the header, and visitors from no anonymous network
    assert drafts.keys() == events.keys()
    for info, (head, contents) in drafts.items():
        assert (head.date, head.tags) == (day, events[info].tags)
        assert sorted(map(described, flat(contents))) == sorted(
            map(described, events[info].attributes)
        )


def test_every_address_carries_when_and_how_often_it_came() -> None:
    day = geo.DAYS[0]
    log = "".join(geo_log.lines(day))
    reader = make_reader(log.encode(), GeolocationOptions(now=NOW))

    for _, contents in shaped(SHAPE, reader.read(block(log))).values():
        for one in flat(contents):
            if one.type != "ip-src":
                continue
            assert one.first_seen is not None
            assert one.last_seen is not None
            assert datetime.fromtimestamp(one.first_seen, UTC).date() == day
            assert one.first_seen <= one.last_seen
            assert "request" in one.comment


def test_the_log_is_in_the_order_of_its_times_and_the_same_every_time(tmp_path: Path) -> None:
    day = geo.DAYS[0]
    _, *rows = geo_log.lines(day)
    times = [row.partition(",")[0] for row in rows]

    assert times == sorted(times)
    assert list(geo_log.lines(day))[1:] == rows
    assert "".join(rows).count(day.isoformat()) == len(rows)


def test_a_file_is_written_for_each_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geo, "DAYS", geo.DAYS[:2])

    paths = geo_log.write(tmp_path / "new" / "folder")

    assert [path.name for path in paths] == [f"access-{day}.csv" for day in geo.DAYS]
    assert paths[1].read_text(encoding="utf-8") == "".join(geo_log.lines(geo.DAYS[1]))
