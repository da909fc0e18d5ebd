"""The searched list: its counts, its rows that are real, and that it is made anew alike."""

import re
from collections import Counter
from ipaddress import ip_address

from securegrid.demo import blacktech
from securegrid.demo.composed import LIST_NETWORKS


def test_the_shipped_list_is_what_the_generator_composes() -> None:
    assert blacktech.list_text() == blacktech.to_csv(blacktech.compose())


def test_the_list_has_853_different_values_with_the_talks_labels() -> None:
    entries = blacktech.listed()
    assert len({entry.value for entry in entries}) == 853
    assert Counter(entry.label for entry in entries) == blacktech.LABEL_COUNTS
    assert all(entry.source for entry in entries)


def test_the_talks_13_values_stand_in_it_with_their_notes() -> None:
    notes = {entry.value: entry.source for entry in blacktech.listed()}
    assert {hit.value: hit.source for hit in blacktech.trial_hits()}.items() <= notes.items()
    assert len(blacktech.trial_hits()) == 13


def test_every_other_value_is_nobodys() -> None:
    real = {hit.value for hit in blacktech.trial_hits()}
    composed = {entry.value for entry in blacktech.listed()} - real
    assert [value for value in composed if not _is_kept_for_examples(value)] == []


def _is_kept_for_examples(value: str) -> bool:
    if value[-1].isdigit():
        return any(ip_address(value) in network for network in LIST_NETWORKS)
    return re.search(r"\.example\.(com|net|org|jp|co\.jp)$", value) is not None
