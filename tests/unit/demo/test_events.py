"""The composed MISPs: the trial's figures, the talk's shapes, the same every time."""

import re
from collections import Counter
from collections.abc import Callable, Iterable

import pytest

from securegrid.demo import blacktech, geo, ipa, plan, reports
from securegrid.demo.records import ComposedEvent

LISTED = {entry.value for entry in blacktech.listed()}
EVERY: dict[str, Callable[[], Iterable[ComposedEvent]]] = {
    "geo": geo.events,
    "ipa": ipa.events,
    "osint": reports.osint_events,
    "lab": reports.lab_events,
}


def held(events: Iterable[ComposedEvent]) -> Counter[str]:
    """How many attributes equal each listed value, or have it as one half."""
    halves = (
        half
        for event in events
        for attribute in event.attributes
        for half in {attribute.value, *attribute.value.split("|")}
    )
    return Counter(half for half in halves if half in LISTED)


@pytest.mark.parametrize(
    ("misp", "values"),
    [("geo", 13), ("ipa", 0), ("osint", 355), ("lab", 177)],
)
def test_as_many_listed_values_are_held_as_hit_in_the_trial(misp: str, values: int) -> None:
    assert len(held(EVERY[misp]())) == values


@pytest.mark.parametrize("misp", ["geo", "osint", "lab"])
def test_the_13_values_are_held_as_often_as_the_talk_says(misp: str) -> None:
    counts = held(EVERY[misp]())
    for hit in blacktech.trial_hits():
        assert counts[hit.value] == getattr(hit, misp), hit.value


@pytest.mark.parametrize("misp", ["osint", "lab"])
def test_every_holding_is_kept_exactly(misp: str) -> None:
    counts = held(EVERY[misp]())
    assert counts == {h.value: getattr(h, misp) for h in plan.holdings() if getattr(h, misp)}


def test_the_13_values_stand_in_geo_events_of_their_title_only() -> None:
    titles: dict[str, Counter[str]] = {}
    for event in geo.events():
        for attribute in event.attributes:
            if attribute.value in LISTED:
                title = re.sub(r"^\(\d{4}-\d\d-\d\d\) ", "", event.info)
                titles.setdefault(attribute.value, Counter())[title] += 1
    assert titles == {hit.value: {hit.geo_title: hit.geo} for hit in blacktech.trial_hits()}


def test_geo_events_have_the_talks_shape() -> None:
    sizes = []
    for event in geo.events():
        assert re.fullmatch(
            rf"\({event.date}\) どこどこJP ({'|'.join(geo.SYSTEMS)}) VPS/Cloud \(https?://\S+/\)",
            event.info,
        )
        assert event.tags == ("docodoco.jp", str(event.date), "anonymous:VPS/Cloud")
        sizes.append(len(event.attributes))
    assert (min(sizes), max(sizes)) == (geo.SMALLEST, geo.LARGEST)


def test_ipa_events_have_the_talks_shape() -> None:
    sizes = Counter[int]()
    for event in ipa.events():
        source = event.attributes[0].value
        shape = rf"\[IPAlert\] {event.date} port:\d+ access from {re.escape(source)}"
        assert re.fullmatch(shape, event.info)
        assert event.tags == ("IPAlert",)
        sizes[len(event.attributes)] += 1
    assert set(sizes) == {12, 13}


@pytest.mark.parametrize("misp", EVERY)
def test_no_event_or_attribute_is_there_twice(misp: str) -> None:
    events = list(EVERY[misp]())
    assert len({event.uuid for event in events}) == len(events)
    for event in events:
        kept = {(one.type, one.category, one.value) for one in event.attributes}
        assert len(kept) == len(event.attributes)


@pytest.mark.parametrize("misp", EVERY)
def test_composing_again_gives_the_same(misp: str) -> None:
    assert list(EVERY[misp]()) == list(EVERY[misp]())


def test_some_honeypot_sources_are_in_the_access_logs_too() -> None:
    sources = {event.attributes[0].value for event in ipa.events()}
    seen = {attribute.value for event in geo.events() for attribute in event.attributes}
    assert len(sources & seen) >= 5
