"""Plain lists are read with their comments, and a slip in one is named with its line."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from securegrid.ingest.networks.lists import (
    BadListError,
    networks_in,
    shipped_table,
    systems_in,
    warning_list,
)


def put(folder: Path, text: str) -> Path:
    path = folder / "list.txt"
    path.write_text(text, encoding="utf-8")
    return path


def test_networks_and_single_addresses_are_read(tmp_path: Path) -> None:
    text = "\ufeff# head\n192.0.2.0/24\n\n198.51.100.7 ; one\n2001:db8::/32 # six\n192.0.2.9/24\n"
    assert networks_in(put(tmp_path, text)) == [
        ip_network("192.0.2.0/24"),
        ip_network("198.51.100.7/32"),
        ip_network("2001:db8::/32"),
        ip_network("192.0.2.0/24"),
    ]


def test_systems_are_read_with_and_without_letters(tmp_path: Path) -> None:
    assert systems_in(put(tmp_path, "AS64500 # one\n64501\nas64502\n")) == {64500, 64501, 64502}


@pytest.mark.parametrize("read", [networks_in, systems_in])
def test_a_slip_is_named_with_its_line(tmp_path: Path, read: object) -> None:
    with pytest.raises(BadListError) as raised:
        read(put(tmp_path, "# fine\n\nnonsense\n"))  # type: ignore[operator]
    assert (raised.value.line, raised.value.text) == (3, "nonsense")


def test_every_list_that_is_named_is_shipped_and_holds_networks() -> None:
    entries, providers = shipped_table()
    assert all(next(warning_list(one.list), None) for one in entries)
    assert all(url.startswith("https://") and url.endswith("/") for url in providers.values())
