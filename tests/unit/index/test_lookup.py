"""One pass over all indexes tells what each holds of a question, and what it cannot tell."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import pytest

from securegrid.index.lookup import Holdings, IndexedMisp, NoHoldings, look_up
from securegrid.index.port import GenerationMissing, Row
from securegrid.values.fingerprints import fingerprints
from securegrid.values.model import Relation, Value
from securegrid.values.normalise import normalise
from securegrid.values.relations import stored

ONE = IndexedMisp("one", UUID(int=1), b"1" * 32)
OTHER = IndexedMisp("other", UUID(int=2), b"2" * 32)


class MemoryReader:
    """Rows in memory, by generation and fingerprint; a broken generation raises."""

    def __init__(self) -> None:
        self.rows: dict[UUID, dict[bytes, list[Row]]] = {}
        self.broken: set[UUID] = set()
        self.passes = 0

    def hold(self, misp: IndexedMisp, number: int, misp_type: str, value: str) -> UUID:
        attribute = UUID(int=number)
        rows = self.rows.setdefault(misp.generation, {})
        forms = stored(misp_type, value, blocks=True)
        prints = fingerprints(misp.key, [form for form, _ in forms])
        for fingerprint, (_, mark) in zip(prints, forms, strict=True):
            rows.setdefault(fingerprint, []).append(Row(fingerprint, attribute.bytes, mark))
        return attribute

    def look_up(self, wanted: Mapping[UUID, Sequence[bytes]]) -> dict[UUID, list[Row]]:
        self.passes += 1
        if self.broken & wanted.keys():
            raise OSError("the disk is gone")
        if not wanted.keys() <= self.rows.keys():
            raise GenerationMissing
        return {
            generation: [row for one in prints for row in self.rows[generation].get(one, ())]
            for generation, prints in wanted.items()
        }


@pytest.fixture
def reader() -> MemoryReader:
    made = MemoryReader()
    made.rows = {ONE.generation: {}, OTHER.generation: {}}
    return made


def values(*texts: str) -> list[Value]:
    return [value for text in texts if isinstance(value := normalise(text), Value)]


def found(told: Holdings | NoHoldings) -> dict[int, dict[UUID, Relation]]:
    assert isinstance(told, Holdings)
    return {position: dict(held) for position, held in told.found.items()}


def test_each_index_tells_the_positions_it_holds_in_one_pass(reader: MemoryReader) -> None:
    first = reader.hold(ONE, 11, "domain", "evil.example")
    second = reader.hold(OTHER, 12, "ip-dst", "192.0.2.7")
    asked = values("192.0.2.7", "evil.example", "203.0.113.9")
    told = look_up(reader, (ONE, OTHER), asked, related=False)
    assert found(told["one"]) == {1: {first: Relation.EQUAL}}
    assert found(told["other"]) == {0: {second: Relation.EQUAL}}
    assert reader.passes == 1


def test_a_half_of_a_composite_is_a_part(reader: MemoryReader) -> None:
    digest = "0123456789abcdef" * 4
    both = reader.hold(ONE, 21, "filename|sha256", f"evil.exe|{digest}")
    told = look_up(reader, (ONE,), values(digest), related=False)
    assert found(told["one"]) == {0: {both: Relation.PART}}


def test_attributes_come_sorted_whatever_the_store_does(reader: MemoryReader) -> None:
    for number in (33, 31, 32):
        reader.hold(ONE, number, "domain", "evil.example")
    told = look_up(reader, (ONE,), values("evil.example"), related=False)["one"]
    assert isinstance(told, Holdings)
    assert [attribute.int for attribute, _ in told.found[0]] == [31, 32, 33]


def test_relations_beyond_equality_only_when_wanted(reader: MemoryReader) -> None:
    url = reader.hold(ONE, 41, "url", "http://evil.example/payload")
    same = reader.hold(ONE, 42, "domain", "evil.example")
    asked = values("evil.example")
    alone = look_up(reader, (ONE,), asked, related=False)["one"]
    wider = look_up(reader, (ONE,), asked, related=True)["one"]
    assert found(alone) == {0: {same: Relation.EQUAL}}
    assert found(wider)[0][same] is Relation.EQUAL
    assert found(wider)[0][url] is Relation.SAME_HOST


def test_a_network_too_wide_is_still_looked_up_itself(reader: MemoryReader) -> None:
    network = reader.hold(ONE, 51, "ip-src", "10.0.0.0/8")
    reader.hold(ONE, 52, "ip-src", "10.1.2.3")
    told = look_up(reader, (ONE,), values("203.0.113.9", "10.0.0.0/8"), related=True)["one"]
    assert isinstance(told, Holdings)
    assert told.too_wide == {1}
    assert found(told) == {1: {network: Relation.EQUAL}}


def test_addresses_inside_a_searched_network(reader: MemoryReader) -> None:
    inside = reader.hold(ONE, 61, "ip-src", "10.1.2.3")
    reader.hold(ONE, 62, "ip-src", "10.1.3.3")
    told = look_up(reader, (ONE,), values("10.1.2.0/24"), related=True)["one"]
    assert found(told) == {0: {inside: Relation.INSIDE_NETWORK}}


def test_an_index_that_is_gone_does_not_silence_the_others(reader: MemoryReader) -> None:
    kept = reader.hold(OTHER, 71, "domain", "evil.example")
    del reader.rows[ONE.generation]
    told = look_up(reader, (ONE, OTHER), values("evil.example"), related=False)
    assert told["one"] is NoHoldings.MISSING
    assert found(told["other"]) == {0: {kept: Relation.EQUAL}}


def test_an_index_that_cannot_be_read_does_not_silence_the_others(reader: MemoryReader) -> None:
    kept = reader.hold(OTHER, 72, "domain", "evil.example")
    reader.broken = {ONE.generation}
    told = look_up(reader, (ONE, OTHER), values("evil.example"), related=False)
    assert told["one"] is NoHoldings.BROKEN
    assert found(told["other"]) == {0: {kept: Relation.EQUAL}}


def test_the_key_of_another_index_finds_nothing(reader: MemoryReader) -> None:
    reader.hold(ONE, 81, "domain", "evil.example")
    turned = IndexedMisp("one", ONE.generation, b"9" * 32)
    assert found(look_up(reader, (turned,), values("evil.example"), related=False)["one"]) == {}


def test_a_key_is_not_shown() -> None:
    assert "111" not in repr(ONE)
