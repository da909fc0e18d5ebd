"""Deciding whether a new attribute is stored, and in which form."""

import re
from functools import cache
from typing import NamedTuple

from securegrid.misp.typetable import type_table
from securegrid.node.folding import fold
from securegrid.node.normalisation import Normaliser, halves_of, normaliser
from securegrid.node.records import NewAttribute
from securegrid.node.validation import EMPTY, Checker, checker, type_problem

Problems = dict[str, list[str]]
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.I)
_NUL = "Value must not hold NUL characters."
# 4 is a sharing group, which the node does not have.
DISTRIBUTIONS = frozenset({0, 1, 2, 3, 5})


class Accepted(NamedTuple):
    """An attribute's normalised parts; the keys are what a search compares."""

    category: str
    type: str
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
    rule = _rule(new.type, new.category)
    if isinstance(rule, dict):
        return rule
    category, to_ids, composite, normalise, check = rule
    value = normalise(new.value)
    problem = (check(value) if "\0" not in value else _NUL) if value else EMPTY
    if problem:
        return {"value": [problem]}
    if new.distribution not in DISTRIBUTIONS:
        return {"distribution": ["Sharing groups are not kept by this node."]}
    if new.uuid and not UUID.fullmatch(new.uuid):
        return {"uuid": ["Please provide a valid RFC 4122 UUID"]}
    value1, _, value2 = value.partition("|") if composite else (value, "", "")
    detected = to_ids if new.to_ids is None else new.to_ids
    key2 = fold(value2) if value2 else ""
    return Accepted(category, new.type, value1, value2, fold(value1), key2, detected)


class _Rule(NamedTuple):
    """What holds for every attribute of one type and category."""

    category: str
    to_ids: bool
    composite: bool
    normalise: Normaliser
    check: Checker


@cache
def _rule(misp_type: str, category: str) -> _Rule | Problems:
    table = type_table()
    if misp_type not in table.types:
        return type_problem(misp_type, category)
    default = table.default(misp_type)
    chosen = category or default.default_category
    problems = type_problem(misp_type, chosen)
    if problems:
        return problems
    composite = halves_of(misp_type) is not None
    return _Rule(chosen, bool(default.to_ids), composite, normaliser(misp_type), checker(misp_type))
