"""``securegrid ingest fortigate``: what a FortiGate's security functions found."""

from pathlib import Path
from typing import Annotated

import typer

from securegrid.cli.ingest.frame import Common, Files, carry_out, with_common
from securegrid.cli.ingest.shaping import (
    ShownName,
    SourceName,
    Tags,
    Tlp,
    TlpLevel,
    Zone,
    known_zone,
    now_s,
    shape_options,
)
from securegrid.cli.ingest.words import IngestProblem, Says
from securegrid.ingest.pipeline import Job
from securegrid.ingest.readers.fortigate import FORTIGATE, FortiGateOptions
from securegrid.ingest.readers.fortigate_labels import BadLabelsError, Labels, load

LabelsFile = Annotated[
    Path | None,
    typer.Option("--labels", help="A table of message ids (TOML), laid over the shipped one."),
]


@with_common
def fortigate(
    files: Files,
    common: Common,
    labels: LabelsFile = None,
    source: SourceName = "FortiGate",
    name: ShownName = "",
    zone: Zone = "UTC",
    tlp: TlpLevel = Tlp.AMBER,
    tag: Tags = None,
) -> None:
    """FortiGate security logs: IPS, antivirus, web filter, sandbox, DNS filter.

    As key=value, CSV or CEF; one event for each day and security function.
    """
    job = Job(
        source=source,
        files=tuple(files),
        format=FORTIGATE,
        options=FortiGateOptions(now=now_s(), zone=known_zone(zone), labels=_labels(labels)),
        shape=FORTIGATE.shape(shape_options(common, source, name, tlp, tag)),
        workers=common.workers,
    )
    carry_out(common, job)


def _labels(path: Path | None) -> Labels:
    try:
        return load(path)
    except BadLabelsError as error:
        raise IngestProblem(Says.BAD_LABELS, file=path, detail=error.detail) from None
    except (OSError, UnicodeDecodeError):
        raise IngestProblem(Says.NOT_READABLE, file=path) from None
