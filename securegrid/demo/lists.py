"""Reading published lists: CSV files with a header, whole folders of them."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

Row = dict[str, str]


def rows_of(folder: Path, pattern: str, columns: Sequence[str]) -> Iterator[Row]:
    """The rows of every matching file, in the order of the files' names.

    Rows without all of ``columns`` are left out.
    """
    for path in sorted(folder.glob(pattern)):
        with path.open(encoding="utf-8-sig", newline="") as opened:
            for row in csv.DictReader(opened):
                trimmed = {key: (row.get(key) or "").strip() for key in columns}
                if all(trimmed.values()):
                    yield trimmed
