"""docs/values.md tells what the code does."""

from pathlib import Path

import pytest

from securegrid.values import extract, gather, networks, normalise, urls
from securegrid.values.filenames import FILE_RATHER_THAN_DOMAIN
from securegrid.values.fingerprints import Mark
from securegrid.values.model import Kind, Reject, Relation

DOCS = (Path(__file__).resolve().parents[3] / "docs" / "values.md").read_text()
RELATIONS = DOCS.partition("## Relations")[2]


@pytest.mark.parametrize("code", [*Kind, *Reject])
def test_every_kind_and_every_reason_is_described(code: Kind | Reject) -> None:
    assert f"`{code.value}`" in DOCS


@pytest.mark.parametrize("relation", Relation)
def test_every_relation_is_explained_in_its_order(relation: Relation) -> None:
    rows = [line.split("`")[1] for line in RELATIONS.splitlines() if line.startswith("| `")]
    assert rows[list(Relation).index(relation)] == relation


@pytest.mark.parametrize("mark", Mark)
def test_every_mark_is_explained_with_its_number(mark: Mark) -> None:
    assert f"\n| {mark.value} {mark.name.lower()} |" in DOCS


def test_the_limits_of_networks_are_those_of_the_code() -> None:
    assert f"up to {networks.MAX_COVER:,} blocks" in RELATIONS
    assert f"/{networks.SHORTEST_IPV4} to /31 in IPv4, /{networks.SHORTEST_IPV6} to" in RELATIONS


def test_the_doubtful_extensions_are_those_of_the_code() -> None:
    row = next(line for line in DOCS.splitlines() if "and has one dot" in line)
    assert set(row.split("`")[1].split()) == FILE_RATHER_THAN_DOMAIN


def test_the_limits_are_those_of_the_code() -> None:
    assert f"At most {normalise.MAX_CANONICAL_BYTES:,} bytes" in DOCS
    assert f"Limits: {extract.DEFAULT_LIMIT:,}" in DOCS
    assert f"{gather.MAX_REJECTED:,} rejected pieces" in DOCS
    assert f"up to {gather.MAX_FORMS} written forms" in DOCS
    assert f"{extract.MAX_CHARACTERS // 1_000_000} million characters" in DOCS
    assert urls.MAX_SPELLINGS == 4
    assert "at most four spellings" in DOCS
