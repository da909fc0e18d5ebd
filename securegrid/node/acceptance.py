"""Deciding whether a new attribute is stored, and in which form."""

import re
from functools import cache
from typing import NamedTuple

from securegrid.node.folding import fold
from securegrid.node.normalisation import is_composite, normalise_value
from securegrid.node.records import NewAttribute
from securegrid.node.typetable import type_table
from securegrid.node.validation import EMPTY, problem_of, type_problem

Problems = dict[str, list[str]]
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.I)
# 4 is a sharing group, which the node does not have.
DISTRIBUTIONS = frozenset({0, 1, 2, 3, 5})


class Accepted(NamedTuple):
    """An attribute's normalised parts; the keys are what a search compares."""

    type: str
    category: str
    value1: str
    value2: str
    key1: str
    key2: str
    to_ids: bool

    @property
    def similarity(self) -> tuple[str, str, str, str]:
        """Two attributes of one event with the same similarity are duplicates."""
        return self.type, self.category, self.key1, self.key2


def accept(new: NewAttribute) -> Accepted | Problems:
    """Normalise and validate; the problems are in MISP's ``errors`` shape and words."""
    pairing = _pairing(new.type, new.category)
    if isinstance(pairing, dict):
        return pairing
    category, to_ids, composite = pairing
    value = normalise_value(new.type, new.value)
    problems = _problems(new, value)
    if problems:
        return problems
    value1, _, value2 = value.partition("|") if composite else (value, "", "")
    detected = to_ids if new.to_ids is None else new.to_ids
    return Accepted(new.type, category, value1, value2, fold(value1), fold(value2), detected)


def _problems(new: NewAttribute, value: str) -> Problems:
    if problem := problem_of(new.type, value):
        return {"value": [problem]}
    if new.distribution not in DISTRIBUTIONS:
        return {"distribution": ["Sharing groups are not kept by this node."]}
    if new.uuid and not UUID.fullmatch(new.uuid):
        return {"uuid": ["Please provide a valid RFC 4122 UUID"]}
    return {}


@cache
def _pairing(misp_type: str, category: str) -> tuple[str, bool, bool] | Problems:
    table = type_table()
    if misp_type not in table.types:
        return type_problem(misp_type, category)
    default = table.default(misp_type)
    chosen = category or default.default_category
    problems = type_problem(misp_type, chosen)
    return problems or (chosen, bool(default.to_ids), is_composite(misp_type))


def empty_value() -> Problems:
    """The problem of an attribute without any value."""
    return {"value": [EMPTY]}
