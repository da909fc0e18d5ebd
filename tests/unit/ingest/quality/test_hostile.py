"""Whatever stands in an event, the rules end with findings and never with an error."""

import json
from contextlib import suppress
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from securegrid.ingest.model import AttributeDraft, EventDraft, ObjectDraft
from securegrid.ingest.quality.findings import MAX_EXAMPLE
from securegrid.ingest.quality.kinds import KINDS
from securegrid.ingest.quality.misp_events import NotEvents, read_events
from securegrid.ingest.quality.profile import Profile, ProfileRefused
from securegrid.ingest.quality.reporting import report
from securegrid.ingest.quality.rules import RULES
from securegrid.ingest.quality.rules.addresses import use_of_address
from securegrid.ingest.quality.scoring import Score
from securegrid.ingest.quality.warning_lists import WarningLists
from securegrid.misp.typetable import type_table
from tests.unit.ingest.quality.composed import NOW, Given, found

PIECES = (
    "219.167.13.11", "10.0.0.1", "hxxp://", "[.]", "evil.jp", "|", "\x00", "\x1b[31m", "tlp:red",
    "2021-06-11", "9999-99-99", "${jndi:ldap://x}", "::ffff:", "/0", "%", "!", "\u202e", "\ud800",
    "😀", "a" * 300, "[IPAlert]", "年", "月", "http://[::1]/", "xn--", "0", " ", "\n",
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=40), st.lists(st.sampled_from(PIECES), max_size=6).map("".join))
TYPES = st.one_of(
    st.sampled_from(sorted(type_table().types)), st.sampled_from(sorted(KINDS)), TEXTS
)
TIMES = st.one_of(st.none(), st.integers(-(2**63), 2**63), st.integers(0, 2**31))
TAGS = st.lists(TEXTS, max_size=3).map(tuple)
ATTRIBUTES = st.builds(
    AttributeDraft, uuid=TEXTS, type=TYPES, category=TEXTS, value=TEXTS, to_ids=st.booleans(),
    comment=TEXTS, first_seen=TIMES, last_seen=TIMES, tags=TAGS, relation=TEXTS,
)  # fmt: skip
OBJECTS = st.builds(
    ObjectDraft, uuid=TEXTS, template=TEXTS, attributes=st.lists(ATTRIBUTES, max_size=3).map(tuple),
    comment=TEXTS, first_seen=TIMES, last_seen=TIMES,
)  # fmt: skip
EVENTS = st.builds(EventDraft, uuid=TEXTS, info=TEXTS, date=st.dates(), tags=TAGS)
DRAFTS = st.builds(Given, EVENTS, st.lists(ATTRIBUTES | OBJECTS, max_size=4).map(tuple))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["Event", "response", "info", "date", "Attribute", "Object", "value",
                         "Tag", "name", "type", "deleted"]),
        inner, max_size=5,
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(DRAFTS)
def test_any_event_ends_with_findings(drafts: Given) -> None:
    findings = found(drafts)
    assert all(len(one.example) <= MAX_EXAMPLE and one.example.isprintable() for one in findings)
    assert all(one.event == drafts.head.uuid for one in findings)
    whole = [(one.rule, one.attribute) for one in findings if one.attribute is None]
    assert len(whole) == len(set(whole))
    assert {one.rule for one in findings} <= RULES.keys()


@settings(max_examples=50, deadline=None)
@given(DRAFTS)
def test_any_score_adds_up(drafts: Given) -> None:
    score: Score = report(drafts, Profile.load(), WarningLists.none(), now=NOW)
    assert 0 <= score.points <= 100
    assert (score.points == 100) == (not score.deductions)
    assert all(0 < one.share <= 1 and 0.1 <= one.points <= one.weight for one in score.deductions)


@settings(max_examples=100, deadline=None)
@given(JSON)
def test_any_json_is_read_or_refused(document: Any) -> None:
    try:
        held = read_events(json.dumps(document).encode("utf-8", "replace"))
    except NotEvents:
        return
    assert all(isinstance(event.date, date) for event in held.events())


@settings(max_examples=100, deadline=None)
@given(st.one_of(TEXTS, st.binary(max_size=60).map(lambda raw: raw.decode("latin-1"))))
def test_any_profile_is_read_or_refused(text: str) -> None:
    with suppress(ProfileRefused):
        assert Profile.of_text(text, "x").examples


@settings(max_examples=200, deadline=None)
@given(st.ip_addresses(v=4))
def test_special_addresses_are_those_that_pythons_own_table_knows(address: Any) -> None:
    """But for two networks, about which its versions differ."""
    if not str(address).startswith(("192.0.0.", "192.88.99.")):
        ordinary = address.is_global and not address.is_multicast
        assert (use_of_address(str(address)) is None) == ordinary
