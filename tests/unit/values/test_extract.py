"""Values come out of lists, tables and reports; nothing that was meant as one is lost."""

import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from securegrid.values import extract as extract_module
from securegrid.values.extract import Item, extract, extract_items
from securegrid.values.gather import MAX_FORMS, MAX_NOTE, MAX_REJECTED
from securegrid.values.model import Entry, Extraction, Kind, Reject, Rejected


def texts(found: Extraction) -> list[str]:
    return [entry.value.text for entry in found.entries]


def reasons(found: Extraction) -> list[tuple[str, Reject]]:
    return [(rejected.written, rejected.reason) for rejected in found.rejected]


def only(found: Extraction) -> Entry:
    (entry,) = found.entries
    return entry


# Lists


def test_a_list_in_its_order_with_what_was_rejected_and_why() -> None:
    found = extract("192.0.2.1\r\nevil[.]com\n\n999.9.9.9\nhello\nfoo bar\nEVIL.com\n")
    assert texts(found) == ["192.0.2.1", "evil.com"]
    assert found.entries[1].written == ("evil[.]com", "EVIL.com")
    assert reasons(found) == [
        ("999.9.9.9", Reject.INVALID_ADDRESS),
        ("hello", Reject.UNKNOWN_KIND),
        ("foo bar", Reject.UNKNOWN_KIND),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "192.0.2.1, evil.com; 192.0.2.2",
        "192.0.2.1,evil.com,192.0.2.2",
        "192.0.2.1\tevil.com\t192.0.2.2",
        "192.0.2.1 evil.com 192.0.2.2",
        "192.0.2.1|evil.com|192.0.2.2",
        "192.0.2.1、evil.com、192.0.2.2",
        "- 192.0.2.1\n* evil.com\n・ 192.0.2.2",
        "1. 192.0.2.1\n2) evil.com\n3. 192.0.2.2",
        '"192.0.2.1"\n"evil.com"\n"192.0.2.2"',
        "\ufeff192.0.2.1\nevil.com\n192.0.2.2",
        "192.0.2.1\u2028evil.com\x85192.0.2.2",
        "# a list\n192.0.2.1\n// of ours\nevil.com\n; here\n192.0.2.2",
        "１９２．０．２．１\nｅｖｉｌ．ｃｏｍ\n192｡0｡2｡2",
    ],
)
def test_the_same_list_however_it_is_written(text: str) -> None:
    found = extract(text)
    assert texts(found) == ["192.0.2.1", "evil.com", "192.0.2.2"]
    assert found.rejected == ()


@pytest.mark.parametrize(
    ("line", "note"),
    [
        ("AS64500 # the hoster", "the hoster"),
        ('192.0.2.1,"seen, twice"', "seen, twice"),
        ("192.0.2.1\tseen twice", "seen twice"),
        ("192.0.2.1 seen twice", "seen twice"),
        ("20230103,192.0.2.1,seen", "20230103, seen"),
    ],
)
def test_what_stands_beside_a_value_is_its_note(line: str, note: str) -> None:
    assert only(extract(line)).note == note


def test_a_near_miss_beside_a_value_is_rejected_by_itself() -> None:
    found = extract("192.0.2.1,999.1.1.1\n")
    assert texts(found) == ["192.0.2.1"]
    assert reasons(found) == [("999.1.1.1", Reject.INVALID_ADDRESS)]


def test_values_in_a_sentence_among_a_list_are_not_lost() -> None:
    found = extract("192.0.2.1\n192.0.2.2\n192.0.2.3\nevil.com is reached through 192.0.2.4\n")
    assert texts(found) == ["192.0.2.1", "192.0.2.2", "192.0.2.3", "evil.com", "192.0.2.4"]


# Tables


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize("value_name", ["value", "IOC", "Indicator", "検索値", "値"])
def test_a_table_by_its_header(delimiter: str, value_name: str) -> None:
    rows = [["no", value_name, "label", "source"], ["1", "evil[.]com", "public", '"C2; a, ""b"""']]
    found = extract("\n".join(delimiter.join(row) for row in rows))
    entry = only(found)
    assert (entry.value.text, entry.written) == ("evil.com", ("evil[.]com",))
    assert (entry.label, entry.note) == ("public", 'C2; a, "b"')
    assert found.rejected == ()


def test_the_kind_column_decides_where_the_form_leaves_a_choice() -> None:
    rows = [f"imphash,{'a' * 32}", f"md5,{'b' * 32}", "hostname,dc01.acme", "filename,svchost"]
    found = extract("\n".join(["type,value", *rows]))
    assert [entry.value.kind for entry in found.entries] == [
        Kind.IMPHASH,
        Kind.MD5,
        Kind.HOSTNAME,
        Kind.FILENAME,
    ]


def test_columns_named_after_kinds_hold_values() -> None:
    found = extract("first_seen,ip,cve_id\n20230103,192.0.2.1,CVE-2022-1388\n,192.0.2.2,\n")
    assert texts(found) == ["192.0.2.1", "CVE-2022-1388", "192.0.2.2"]
    assert found.rejected == ()


def test_a_cell_that_is_no_value_is_rejected_and_its_note_is_not_searched() -> None:
    found = extract("value,note\nnothing,see evil.com\n192.0.2.1,from evil.com\n,empty\n")
    assert texts(found) == ["192.0.2.1"]
    assert reasons(found) == [("nothing", Reject.UNKNOWN_KIND), (",empty", Reject.EMPTY)]


def test_several_values_in_one_cell() -> None:
    assert texts(extract('value,note\n"192.0.2.1 192.0.2.2",x\n"a.com\nb.com",y')) == [
        "192.0.2.1",
        "192.0.2.2",
        "a.com",
        "b.com",
    ]


def test_a_quoted_cell_over_several_lines() -> None:
    entry = only(extract('value,note\nevil.com,"one\ntwo"\n'))
    assert entry.note == "one\ntwo"


def test_a_quote_left_open_loses_no_value() -> None:
    rows = "".join(f"192.0.2.{i},x\n" for i in range(200))
    found = extract('value,note\nevil.com,"open\n' + rows)
    assert len(found.entries) == 201


def test_a_header_of_one_column() -> None:
    assert texts(extract("domain\nevil.com\nbad.com\n")) == ["evil.com", "bad.com"]


def test_a_heading_of_a_report_is_no_header() -> None:
    found = extract("Indicators\nThe group used evil[.]com and later\nit moved to 192.0.2.1 again.")
    assert texts(found) == ["evil.com", "192.0.2.1"]
    assert found.rejected == ()


def test_a_short_row_and_a_long_row() -> None:
    assert texts(extract("note,value\nx\ny,evil.com,z,z\n")) == ["evil.com"]


# Explicit values


def test_items_keep_their_note_and_label() -> None:
    found = extract_items(
        [Item("evil[.]com", "seen", "public"), Item("d" * 32, kind=Kind.IMPHASH), Item("no value")]
    )
    assert found.entries[0].note == "seen"
    assert found.entries[0].label == "public"
    assert found.entries[1].value.kind is Kind.IMPHASH
    assert reasons(found) == [("no value", Reject.UNKNOWN_KIND)]


def test_an_item_of_two_halves_is_two_values() -> None:
    found = extract_items([Item("evil.com|192.0.2.1"), Item("a.exe|" + "d" * 32), Item("a|b")])
    assert texts(found) == ["evil.com", "192.0.2.1", "a.exe", "d" * 32]
    assert reasons(found) == [("a|b", Reject.UNKNOWN_KIND)]


def test_items_are_bounded() -> None:
    found = extract_items((Item(f"192.0.2.{i}") for i in range(20)), limit=5)
    assert len(found.entries) == 5
    assert found.rejected == (Rejected("", Reject.TOO_MANY, 15),)


# Doubles and limits


def test_doubles_are_merged_with_every_form_note_and_label() -> None:
    found = extract("value,label,note\nevil[.]com,a,x\nEVIL.com,b,y\nevil.com,a,x\n")
    entry = only(found)
    assert entry.written == ("evil[.]com", "EVIL.com", "evil.com")
    assert (entry.label, entry.note) == ("a, b", "x; y")


def test_a_double_that_says_more_adds_what_it_says() -> None:
    found = extract(
        f"type,value\nmd5,{'d' * 32}\nimphash,{'d' * 32}\nip,192.0.2.1\nip,::ffff:192.0.2.1\n"
    )
    assert [entry.value.kind for entry in found.entries] == [Kind.IMPHASH, Kind.IPV4]
    assert found.entries[1].value.spellings == ("192.0.2.1", "::ffff:192.0.2.1")


def test_forms_and_notes_of_one_value_are_bounded() -> None:
    rows = "".join(f'evil.com:{i},"{"n" * 500}{i}"\n' for i in range(1_000))
    entry = only(extract("value,note\n" + rows))
    assert len(entry.written) == MAX_FORMS
    assert len(entry.note) <= MAX_NOTE


def test_beyond_the_limit_values_are_counted_in_one_last_rejected() -> None:
    lines = "".join(f"192.0.{i // 250}.{i % 250}\n" for i in range(2_000))
    found = extract("nothing\n" + lines + "192.0.0.0\n", limit=1_500)
    assert len(found.entries) == 1_500
    assert found.rejected == (
        Rejected("nothing", Reject.UNKNOWN_KIND),
        Rejected("", Reject.TOO_MANY, 500),
    )
    assert found.entries[0].written == ("192.0.0.0",)


def test_rejected_pieces_beyond_a_thousand_are_counted_by_reason() -> None:
    found = extract("".join(f"999.1.{i}.1\nword{i}\n" for i in range(1_000)))
    assert len(found.rejected) == MAX_REJECTED + 2
    assert [(r.reason, r.count) for r in found.rejected[-2:]] == [
        (Reject.INVALID_ADDRESS, 500),
        (Reject.UNKNOWN_KIND, 500),
    ]


def test_memory_is_bounded_with_many_values() -> None:
    text = "".join(f"{i % 250}.{i // 62500}.{i // 250 % 250}.7\n" for i in range(60_000))
    tracemalloc.start()
    found = extract(text)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(found.entries) == 10_000
    assert found.rejected[-1] == Rejected("", Reject.TOO_MANY, 50_000)
    assert peak < 20_000_000


def test_what_is_beyond_the_readable_length_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extract_module, "MAX_CHARACTERS", 20)
    found = extract("192.0.2.1\nevil.com\nunread.com\n")
    assert texts(found) == ["192.0.2.1", "evil.com"]
    assert found.rejected == (Rejected("", Reject.TOO_LONG, 11),)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", Reject.EMPTY),
        (" \n\t\n", Reject.EMPTY),
        ("\ufeff", Reject.EMPTY),
        ("MZ\x90\0\x03\0\0\0\x04\0\0\0ÿÿ\0\0¸\0 \0\0\0", Reject.CONTROL_CHARACTERS),
        ("x" * 1_000_000, Reject.TOO_LONG),
    ],
)
def test_nothing_at_all_has_a_reason(text: str, why: Reject) -> None:
    found = extract(text)
    assert found.entries == ()
    assert {rejected.reason for rejected in found.rejected} == {why}


@given(st.text(max_size=200) | st.text('1.2a,\t\n";|#:/[]=- 。あ', max_size=120))
@settings(max_examples=800, deadline=None)
def test_anything_can_be_extracted_from(text: str) -> None:
    found = extract(text, limit=5)
    assert len(found.entries) <= 5
    assert len(set(texts(found))) == len(found.entries)
    assert found.entries or found.rejected or text.strip()
    for entry in found.entries:
        assert entry.written
