"""STIX 2.1 bundles, turned into MISP events by misp-stix."""

import importlib
import logging
from collections.abc import Iterator, Mapping
from functools import cache
from types import SimpleNamespace
from typing import Any

import msgspec

from securegrid.ingest.model import BadLine, Batch, Block
from securegrid.ingest.readers.format import Format, ReadOptions, UnknownFormatError
from securegrid.ingest.readers.misp_events import Reading
from securegrid.ingest.readers.misp_json import BOM, json_of
from securegrid.ingest.shapes.misp_event import MispEventShape

WANTED = "a STIX 2.1 bundle"
_LOGGERS = ("misp_stix_converter", "stix2", "stix2patterns")


class StixReader(msgspec.Struct, frozen=True):
    """Reads a bundle; what misp-stix cannot turn into an attribute or object is kept as bad."""

    now: int

    def read(self, block: Block) -> Batch:
        """What ``block`` holds."""
        reading = Reading(self.now)
        bundle = json_of(block.data)
        if not _is_bundle(bundle):
            reading.bad(BadLine.NOT_THE_FORMAT, WANTED)
            return reading.batch()
        _convert(bundle, reading)
        return reading.batch()


def _convert(bundle: dict[str, Any], reading: Reading) -> None:
    try:
        events, problems = _converted(bundle)
    # The library meets a strange document with whatever error it runs into.
    except Exception as error:
        reading.bad(BadLine.NOT_THE_FORMAT, f"{type(error).__name__}: {error}")
        return
    for event in events:
        reading.event(event, _newest(bundle))
    for problem in problems:
        reading.bad(BadLine.NOT_THE_FORMAT, problem)


def _converted(bundle: dict[str, Any]) -> tuple[list[Any], list[str]]:
    """The events as MISP's JSON, and what was left out."""
    converter = _converter()
    loaded = converter.load(msgspec.json.encode(bundle).decode())
    parser = (converter.own if converter.is_own(loaded.objects) else converter.other)()
    parser.load_stix_bundle(loaded)
    parser.parse_stix_bundle(galaxies_as_tags=True, single_event=False)
    events = [parser.misp_event] if parser.single_event else list(parser.misp_events)
    return [msgspec.json.decode(one.to_json()) for one in events], list(_problems(parser.errors))


@cache
def _converter() -> SimpleNamespace:
    """misp-stix, which takes a second to load: only where there is a bundle to read. Its words are
    kept off the terminal; what matters of them is kept as bad."""
    package = importlib.import_module("misp_stix_converter")
    loading = importlib.import_module("misp_stix_converter.tools.stix2_loading_helpers")
    telling = importlib.import_module("misp_stix_converter.tools.stix2_to_misp_helpers")
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.addHandler(logging.NullHandler())
        logger.propagate = False
    return SimpleNamespace(
        load=loading.load_stix2_content,
        is_own=telling.is_stix2_from_misp,
        own=package.InternalSTIX2toMISPParser,
        other=package.ExternalSTIX2toMISPParser,
    )


def _problems(errors: Mapping[str, Any]) -> Iterator[str]:
    for told in errors.values():
        yield from map(str, told if isinstance(told, (list, tuple, set)) else [told])


def _newest(bundle: dict[str, Any]) -> str:
    """When its newest object was made, for an event of which the bundle tells no date."""
    objects = (one for one in bundle["objects"] if isinstance(one, dict))
    return max((str(one.get("created", "")) for one in objects), default="")


def _is_bundle(told: object) -> bool:
    return (
        isinstance(told, dict)
        and told.get("type") == "bundle"
        and isinstance(told.get("objects"), list)
    )


def make_reader(head: bytes, options: ReadOptions) -> StixReader:
    """The reader of a file that begins with ``head``; raises ``UnknownFormatError``."""
    begins = head.removeprefix(BOM).lstrip()[:1]
    if head and (begins != b"{" or b"bundle" not in head):
        raise UnknownFormatError(WANTED)
    return StixReader(options.now)


STIX = Format("stix2", ReadOptions, make_reader, MispEventShape, by_line=False)
