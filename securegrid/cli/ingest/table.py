"""``securegrid ingest table``: lists of indicators, MISP events and STIX bundles."""

from pathlib import Path
from typing import Annotated, Any

import typer

from securegrid.cli.ingest.frame import Common, Files, carry_out, with_common
from securegrid.cli.ingest.shaping import (
    ShownName,
    Tags,
    Tlp,
    TlpLevel,
    Zone,
    known_zone,
    now_s,
    shape_options,
)
from securegrid.cli.ingest.words import IngestProblem, Says
from securegrid.ingest.inputs.source import STDIN, Source
from securegrid.ingest.inputs.unpacking import DamagedError
from securegrid.ingest.pipeline import Job
from securegrid.ingest.readers.format import Format, ReadOptions, UnknownFormatError
from securegrid.ingest.readers.misp_json import MISP_JSON
from securegrid.ingest.readers.stix import STIX
from securegrid.ingest.readers.table import TABLE, TableOptions
from securegrid.ingest.readers.table_columns import (
    BadMappingError,
    Mapped,
    mapping_in,
    pair_of,
    pairs_of,
)

Column = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        metavar="ROLE=NAME",
        help="Which column holds what, such as value=IOC; a name or a number from 1.",
    ),
]
MappingFile = Annotated[
    Path | None, typer.Option("--mapping", help="The same and more in a file (TOML).")
]
Date = Annotated[str, typer.Option("--date", help="The day of rows without one.")]
Title = Annotated[str, typer.Option("--title", help="The events' title, where rows have none.")]
Delimiter = Annotated[str, typer.Option("--delimiter", help="What separates cells, if not seen.")]
Sheet = Annotated[str, typer.Option("--sheet", help="The spreadsheet's sheet; else the first.")]
TableSource = Annotated[
    str, typer.Option("--source", help="Names the source; else the first file's name does.")
]
_FALLBACK = "table"
_MERE_ENDINGS = {".gz", ".zst", ".csv", ".tsv", ".txt", ".xlsx", ".json"}


@with_common
def table(
    files: Files,
    common: Common,
    column: Column = None,
    mapping: MappingFile = None,
    date: Date = "",
    title: Title = "",
    delimiter: Delimiter = "",
    sheet: Sheet = "",
    source: TableSource = "",
    name: ShownName = "",
    zone: Zone = "UTC",
    tlp: TlpLevel = Tlp.AMBER,
    tag: Tags = None,
) -> None:
    """Tables: CSV, TSV, XLSX; also MISP events as JSON and STIX 2.1 bundles.

    LAC's 13 columns and columns with plain names are known; others by --column or --mapping.
    """
    told = Mapped(title=title, date=date, delimiter=delimiter, sheet=sheet)
    options = _options(column or [], mapping, told, known_zone(zone))
    format_, own = _format(files[0], options)
    named = source or _name_of(files[0])
    job = Job(
        source=named,
        files=tuple(files),
        format=format_,
        options=own,
        shape=format_.shape(shape_options(common, named, name, tlp, tag)),
        workers=common.workers,
    )
    carry_out(common, job)


def _options(columns: list[str], file: Path | None, told: Mapped, zone: str) -> TableOptions:
    """What the options say goes before what the file says."""
    try:
        mapped = mapping_in(file) if file else Mapped()
        pairs = tuple(map(pair_of, columns)) or pairs_of(mapped.columns)
    except BadMappingError as error:
        raise IngestProblem(Says.BAD_TABLE_COLUMNS, detail=error.detail) from None
    except OSError:
        raise IngestProblem(Says.NOT_READABLE, file=file) from None
    delimiter = (told.delimiter or mapped.delimiter).replace("\\t", "\t")
    if len(delimiter) > 1:
        raise IngestProblem(Says.BAD_TABLE_COLUMNS, detail=delimiter)
    return TableOptions(
        now=now_s(),
        zone=zone,
        columns=pairs,
        date=told.date or mapped.date,
        title=told.title or mapped.title,
        tags=mapped.tags,
        delimiter=delimiter,
        sheet=told.sheet or mapped.sheet,
    )


def _format(file: str, options: TableOptions) -> tuple[Format[Any], ReadOptions]:
    """What the first file is: JSON tells by its beginning. What comes in cannot be looked at
    before it is read, and is a table."""
    plain = ReadOptions(now=options.now, zone=options.zone)
    head = b"" if file == STDIN else _head(file)
    for format_ in (STIX, MISP_JSON) if head else ():
        try:
            format_.make_reader(head, plain)
        except UnknownFormatError:
            continue
        return format_, plain
    return TABLE, options


def _head(file: str) -> bytes:
    """Its beginning; nothing of one that cannot be read, which the reading will tell."""
    try:
        with Source(file).open() as stream:
            return stream.head
    except (OSError, DamagedError):
        return b""


def _name_of(file: str) -> str:
    """The file's name without its endings."""
    path = Path(file)
    while path.suffix.lower() in _MERE_ENDINGS:
        path = path.with_suffix("")
    return path.name if path.name not in {"", STDIN} else _FALLBACK
