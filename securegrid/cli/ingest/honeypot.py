"""``securegrid ingest honeypot``: what attacked a honeypot, as IPA-MISP writes it."""

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
from securegrid.ingest.pipeline import Job
from securegrid.ingest.readers.format import ReadOptions
from securegrid.ingest.readers.honeypot import HONEYPOT


@with_common
def honeypot(
    files: Files,
    common: Common,
    source: SourceName = "IPAlert",
    name: ShownName = "",
    zone: Zone = "UTC",
    tlp: TlpLevel = Tlp.AMBER,
    tag: Tags = None,
) -> None:
    """Honeypot logs: IPAlert rows, Cowrie and Dionaea JSON, plain connection logs.

    One event for each day, port and source.
    """
    job = Job(
        source=source,
        files=tuple(files),
        format=HONEYPOT,
        options=ReadOptions(now=now_s(), zone=known_zone(zone)),
        shape=HONEYPOT.shape(shape_options(common, source, name, tlp, tag)),
        workers=common.workers,
    )
    carry_out(common, job)
