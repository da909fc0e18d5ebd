"""Questions drawn at random: two with the same hits, and whatever else differs."""

from dataclasses import dataclass

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from tests.privacy.world import HELD, MISSES

HITS = tuple(
    dict.fromkeys(half for held in HELD.values() for _, value in held for half in value.split("|"))
)
"""What at least one MISP holds, whole or as one half of a composite."""

_words = st.from_regex(r"miss-[a-z]{3,12}", fullmatch=True)
_numbers = st.integers(1, 254)
misses = st.one_of(
    st.sampled_from(MISSES),
    _words.map("{}.example".format),
    _words.map("https://{}.example/x".format),
    _words.map("miss@{}.example".format),
    _numbers.map("203.0.113.{}".format),
    _numbers.map("2001:db8:77::{:x}".format),
    st.binary(min_size=32, max_size=32).map(bytes.hex),
)
"""In no index, and related to nothing that is."""

_hits = st.one_of(
    st.lists(st.sampled_from(HITS[-60:]), max_size=12, unique=True),
    st.lists(st.sampled_from(HITS), max_size=40, unique=True),
    st.integers(185, 400).map(lambda count: list(HITS[:count])),
)
"""Few, some, or more than fit into one request."""


@dataclass(frozen=True)
class Pair:
    """Two questions that hit the same; the second never empty."""

    hits: tuple[str, ...]
    one: tuple[str, ...]
    other: tuple[str, ...]
    related: bool


@st.composite
def pairs(draw: st.DrawFn) -> Pair:
    """The same hits among different misses, in different orders, places and spellings."""
    found = draw(_hits)
    first = [*found, *draw(st.lists(misses, max_size=30))]
    more = st.sampled_from((0, 0, 1, 200, 400)).map(_filler)
    second = [*map(draw(_spelling), found), *draw(st.lists(misses, max_size=30)), *draw(more)]
    seed = draw(st.randoms(use_true_random=False))
    seed.shuffle(first)
    seed.shuffle(second)
    one = tuple(first) or (MISSES[0],)
    return Pair(tuple(found), one, tuple(second) or (MISSES[1],), draw(st.booleans()))


def _filler(count: int) -> list[str]:
    """Misses in such a number that asking them by value would take requests of their own."""
    return [f"miss-filler-{number}.example" for number in range(count)]


def _shouted(text: str) -> str:
    return text if "/" in text else text.upper()


_spelling = st.sampled_from((str, lambda text: text.replace(".", "[.]"), _shouted))

MANY = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
)
"""Each question asks real servers, so what fails is told as it was drawn, not made smaller."""
