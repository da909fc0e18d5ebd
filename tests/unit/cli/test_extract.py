"""``securegrid extract``: what an input holds, asked of nobody."""

import csv
import io
import json

from tests.unit.cli.conftest import Command

TYPED = "報告: hxxp://evil[.]example[.]com/a と 192.0.2[.]1 を確認".encode()


async def test_values_kinds_and_spellings_are_listed(securegrid: Command) -> None:
    ended = await securegrid("extract", "--format", "json", typed=TYPED)
    found = json.loads(ended.out)["values"]
    assert (ended.code, [(one["value"], one["kind"]) for one in found]) == (
        0, [("http://evil.example.com/a", "url"), ("192.0.2.1", "ipv4")],
    )  # fmt: skip
    assert found[1]["written"] == ["192.0.2[.]1"]


async def test_csv_notes_and_labels_come_along(securegrid: Command) -> None:
    typed = b"value,label,source\n192.0.2.1,public,=note\n"
    ended = await securegrid("extract", "--format", "csv", typed=typed)
    (row,) = csv.DictReader(io.StringIO(ended.out))
    assert (row["value"], row["label"], row["source"]) == ("192.0.2.1", "public", "'=note")


async def test_rejected_pieces_are_shown_with_the_reason_in_the_users_language(
    securegrid: Command,
) -> None:
    ended = await securegrid("extract", typed=b"192.0.2.1\nzzz\n", language="ja_JP.UTF-8")
    assert "認識できなかった入力" in ended.out
    assert "zzz" in ended.out
