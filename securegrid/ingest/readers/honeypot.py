"""Honeypot logs: every line is known by itself, so that several kinds may stand in one file."""

from itertools import islice
from typing import Any

import msgspec

from securegrid.ingest.model import BadLine, Batch, Block
from securegrid.ingest.readers import (
    honeypot_cowrie,
    honeypot_dionaea,
    honeypot_plain,
    honeypot_rows,
)
from securegrid.ingest.readers.entries import Entries, entries_by_line
from securegrid.ingest.readers.format import Format, ReadOptions, UnknownFormatError
from securegrid.ingest.readers.honeypot_contact import Contact, entries_of
from securegrid.ingest.readers.honeypot_rows import Columns
from securegrid.ingest.readers.lines import decoded, lines_of
from securegrid.ingest.shapes.honeypot import HoneypotShape

WANTED = "IPAlert rows (CSV or JSON lines), Cowrie JSON, Dionaea JSON, or plain connection lines"
BOM = "\ufeff"
"""What some programs write before a file's first character."""
_LOOKED_AT = 100
"""Lines of the beginning among which one must be understood."""


class HoneypotReader(msgspec.Struct, frozen=True):
    """Reads IPAlert rows, Cowrie, Dionaea and plain connection logs.

    ``columns`` and ``delimiter`` are those of a CSV; no columns: the file is none.
    """

    zone: str
    now: int
    columns: Columns = ()
    delimiter: str = ","

    def read(self, block: Block) -> Batch:
        """What ``block`` holds."""
        return entries_by_line(block, self._parse)

    def _parse(self, line: str) -> Entries:
        contact = self.contact_of(line)
        return entries_of(contact, self.zone, self.now) if isinstance(contact, Contact) else contact

    def contact_of(self, line: str) -> Contact | BadLine | None:
        """What a line says; None when that is nothing an attacker did."""
        text = line.strip().removeprefix(BOM)
        if not text:
            return None
        if text.startswith("{"):
            return self._of_json(text)
        if self.columns:
            return self._of_row(text)
        return honeypot_plain.contact_of(text, self.zone) or BadLine.NOT_THE_FORMAT

    def _of_row(self, text: str) -> Contact | BadLine | None:
        cells = honeypot_rows.cells_of(text, self.delimiter)
        if len(cells) < 3:
            return BadLine.NOT_THE_FORMAT
        return honeypot_rows.contact_of_row(cells, self.columns, self.zone)

    def _of_json(self, text: str) -> Contact | BadLine | None:
        fields = fields_of(text)
        if fields is None:
            return BadLine.NOT_THE_FORMAT
        if honeypot_cowrie.is_cowrie(fields):
            return honeypot_cowrie.contact_of(fields, self.zone)
        if honeypot_dionaea.is_dionaea(fields):
            return honeypot_dionaea.contact_of(fields)
        return honeypot_rows.contact_of_fields(fields, self.zone)


def fields_of(text: str) -> dict[str, Any] | None:
    """The fields of a JSON object; None when ``text`` is none, or too deep to be read."""
    try:
        fields = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        return None
    return fields if isinstance(fields, dict) else None


def make_reader(head: bytes, options: ReadOptions) -> HoneypotReader:
    """The reader of a file that begins with ``head``; raises ``UnknownFormatError``."""
    raws = islice(lines_of(head), _LOOKED_AT)
    lines = (decoded(raw, options.encoding).strip().removeprefix(BOM) for raw in raws)
    written = [line for line in lines if line]
    plain = HoneypotReader(options.zone, options.now)
    if not written:
        return plain
    if found := honeypot_rows.columns_of(written[0], options.zone):
        return HoneypotReader(options.zone, options.now, *found)
    if not any(_is_understood(plain, line) for line in written):
        raise UnknownFormatError(WANTED)
    return plain


def _is_understood(reader: HoneypotReader, line: str) -> bool:
    contact = reader.contact_of(line)
    if contact is None:
        return True
    return isinstance(contact, Contact) and bool(contact.unverified_source)


HONEYPOT = Format("honeypot", ReadOptions, make_reader, HoneypotShape)
