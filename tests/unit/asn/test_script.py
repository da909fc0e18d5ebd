"""Making the atlas: two data sets joined, special addresses taken out, containers unpacked."""

import struct

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from scripts.atlas import Range, Record, _with_countries, _without, unpacked
from securegrid.asn.model import Origin

TOP = 60
Spans = list[tuple[int, int]]


@st.composite
def spans(draw: st.DrawFn) -> Spans:
    """Spans of small numbers, sorted and apart."""
    points = sorted(draw(st.lists(st.integers(0, TOP), max_size=14, unique=True)))
    return list(zip(points[::2], points[1::2], strict=False))


def record(asn: int) -> Record:
    return {"autonomous_system_number": asn, "autonomous_system_organization": f" N{asn}\n"}


def at(ranges: list[Range], number: int) -> Origin | None:
    return next((origin for first, last, origin in ranges if first <= number <= last), None)


@given(numbered=spans(), countries=spans())
def test_each_number_has_its_system_and_the_country_around_it(
    numbered: Spans, countries: Spans
) -> None:
    systems = [(span, record(asn)) for asn, span in enumerate(numbered, start=1)]
    names = ("JP", "US", "BG")
    told = [(first, last, names[n % 3]) for n, (first, last) in enumerate(countries)]

    joined = list(_with_countries(systems, told))

    for number in range(TOP + 1):
        asn = next((n for n, (a, b) in enumerate(numbered, 1) if a <= number <= b), 0)
        country = next((c for a, b, c in told if a <= number <= b), "")
        assert at(joined, number) == (Origin(asn, f"N{asn}", country) if asn else None)


@given(numbered=spans(), special=spans())
def test_nothing_special_stays(numbered: Spans, special: Spans) -> None:
    ranges = [(first, last, Origin(n, "", "")) for n, (first, last) in enumerate(numbered, 1)]

    left = list(_without(ranges, special))

    for number in range(TOP + 1):
        taken = any(first <= number <= last for first, last in special)
        assert at(left, number) == (None if taken else at(ranges, number))


def test_a_container_of_blocks_is_unpacked() -> None:
    content = bytes(range(256)) * 10
    blocks = [content[start : start + 1_000] for start in range(0, len(content), 1_000)]
    packed = [zstandard.compress(block) for block in blocks]
    head = struct.pack(">8sIII", b"DETBLK01", 1_000, len(packed), len(content))
    container = head + struct.pack(f">{len(packed)}I", *map(len, packed)) + b"".join(packed)

    assert unpacked(container) == content


def test_a_container_that_is_cut_off_ends_the_script() -> None:
    packed = zstandard.compress(b"x" * 100)
    head = struct.pack(">8sIII", b"DETBLK01", 1_000, 1, 200)

    with pytest.raises(SystemExit):
        unpacked(head + struct.pack(">I", len(packed)) + packed)
