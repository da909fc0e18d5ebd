"""The file of an atlas: whatever ranges go in, every address finds its own again."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from securegrid.asn.layout import Ranges, parts_of, written
from securegrid.asn.model import Origin

DAY = date(2026, 9, 16)
ORIGINS = (
    Origin(1, "ONE", "JP"),
    Origin(1, "ONE", "US"),
    Origin(4_294_967_295, "日本", ""),
    Origin(2, "", "DE"),
)


@st.composite
def ranges(draw: st.DrawFn, bits: int) -> list[tuple[int, int, Origin]]:
    """Ranges, sorted and apart, some of them neighbours, some at the very ends."""
    edges = st.integers(0, 40) | st.integers(0, 2**bits - 1) | st.just(2**bits - 1)
    points = sorted(draw(st.lists(edges, max_size=12, unique=True)))
    pairs = zip(points[::2], points[1::2], strict=False)
    return [(first, last, draw(st.sampled_from(ORIGINS))) for first, last in pairs]


def expected(of: Ranges, number: int) -> Origin | None:
    return next((origin for first, last, origin in of if first <= number <= last), None)


@given(v4=ranges(32), v6=ranges(64))
def test_every_edge_is_found_again(
    v4: list[tuple[int, int, Origin]], v6: list[tuple[int, int, Origin]]
) -> None:
    parts = parts_of(memoryview(written(DAY, v4, v6)))

    assert parts.dated == DAY
    for of, bits, find in ((v4, 32, parts.v4), (v6, 64, parts.v6)):
        around = {edge + by for first, last, _ in of for edge in (first, last) for by in (-1, 0, 1)}
        for number in {0, 2**bits - 1, *(n for n in around if 0 <= n < 2**bits)}:
            at = find(number)
            assert (parts.origin(at) if at else None) == expected(of, number)


def test_a_machine_of_the_other_byte_order_turns_the_numbers() -> None:
    one = Origin(1, "ONE", "JP")
    content = memoryview(written(DAY, [(7, 9, one)], [(5, 6, one)]))

    turned = parts_of(content, byteorder="big")

    for numbers, size, of in ((turned.starts_v4, 4, [0, 7, 10]), (turned.starts_v6, 8, [0, 5, 7])):
        assert [int.from_bytes(n.to_bytes(size, "little"), "big") for n in numbers] == of


def test_neighbours_of_one_origin_are_one_range() -> None:
    one = Origin(1, "ONE", "JP")
    parts = parts_of(memoryview(written(DAY, [(0, 9, one), (10, 19, one)], [(5, 6, one)])))

    assert list(parts.starts_v4) == [0, 20]
    assert list(parts.starts_v6) == [0, 5, 7]
