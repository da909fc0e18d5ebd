"""Ways of searching that break the rule, each put in the place of the honest one.

They stand where a later change could break the rule by mistake; the proofs must notice each.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import Any
from uuid import UUID

import msgspec
import pytest

from securegrid.federation import fetching, plan, questions
from securegrid.federation.fetching import Batch
from securegrid.federation.plan import Target
from securegrid.index import fill, lookup
from securegrid.index.port import Row
from securegrid.misp.identities import UuidQuery
from securegrid.misp.query import AttributeQuery
from securegrid.portal.searches import run
from securegrid.portal.searches.job import Asked
from securegrid.values.fingerprints import FINGERPRINT_BYTES, Mark
from securegrid.values.model import Value

Patch = pytest.MonkeyPatch


def plain_fan_out(patch: Patch) -> None:
    """Every value is sent, index or not."""
    patch.setattr(run.Run, "_to_fetch", lambda _run, asked, *_: asked.target)


def confirms_by_value(patch: Patch) -> None:
    """What the index holds is asked for by value, not by UUID."""

    def by_value(_target: Target, batch: Batch) -> AttributeQuery:
        held = {value.text for found in batch.asked.values() for _, value in found}
        return AttributeQuery.by_values(sorted(held))

    patch.setattr(questions, "_by_uuids", by_value)


def bloom_filter(patch: Patch) -> None:
    """The index says of about one in a hundred values that it is held when it is not."""
    honest = lookup._Asked.holdings

    def holdings(self: Any, wanted: Sequence[bytes], rows: Sequence[Row]) -> lookup.Holdings:
        held = {row.fingerprint for row in rows}
        wrong = (each for each in wanted if each not in held and each[0] * 100 < 256)
        return honest(self, wanted, [*rows, *(Row(each, each, Mark.WHOLE) for each in wrong)])

    patch.setattr(lookup._Asked, "holdings", holdings)


def bloom_filter_confirmed_by_value(patch: Patch) -> None:
    """The same, and what it says is asked for by value."""
    bloom_filter(patch)
    confirms_by_value(patch)


class _InOrderOfTheQuestion(UuidQuery):
    """UUIDs as the searcher wrote the values."""

    order: Mapping[str, int]

    def body(self) -> bytes:
        """The JSON, unsorted."""
        honest = msgspec.json.decode(super().body())
        honest["uuid"].sort(key=_ORDER[self.uuids].__getitem__)
        return msgspec.json.encode(honest)


_ORDER: dict[Any, Mapping[str, int]] = {}


def unsorted_uuids(patch: Patch) -> None:
    """The order of the question shows in the order of the UUIDs."""

    def by_uuids(_target: Target, batch: Batch) -> UuidQuery:
        query = _InOrderOfTheQuestion(batch.uuids)
        _ORDER[query.uuids] = {uuid: found[0][0] for uuid, found in batch.asked.items()}
        return query

    patch.setattr(questions, "_by_uuids", by_uuids)


def chunks_by_place(patch: Patch) -> None:
    """UUIDs go together when their values stand near each other among all, misses included."""
    honest = fetching.batches

    def batches(
        values: Sequence[Value], holdings: Mapping[int, Sequence[UUID]], **more: Any
    ) -> tuple[tuple[Batch, ...], tuple[int, ...]]:
        made: list[Batch] = []
        for start in range(0, len(values), 30):
            near = {at: holdings[at] for at in holdings if start <= at < start + 30}
            made += honest(values, near, **more)[0]
        return tuple(made), ()

    patch.setattr(plan, "batches", batches)


def fetches_even_nothing(patch: Patch) -> None:
    """A MISP is asked for an attribute that does not exist rather than not at all."""
    honest = run.Run._to_fetch

    def to_fetch(self: run.Run, asked: Asked, *rest: Any) -> Target | None:
        assert asked.target is not None
        nothing = replace(asked.target, positions=None, holdings={0: (UUID(int=0),)})
        return honest(self, asked, *rest) or nothing

    patch.setattr(run.Run, "_to_fetch", to_fetch)


def unkeyed_hash(patch: Patch) -> None:
    """Fingerprints that whoever has the file can make, too."""

    def plain(_key: bytes, forms: Iterable[str]) -> list[bytes]:
        return [blake2b(f.encode(), digest_size=FINGERPRINT_BYTES).digest() for f in forms]

    patch.setattr(fill, "fingerprints", plain)
    patch.setattr(lookup, "fingerprints", plain)
