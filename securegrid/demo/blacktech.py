"""The searched list of the trial: 853 values with label and source note, 13 of them real."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import chain

from securegrid.demo.composed import host_names, list_addresses, registered
from securegrid.demo.draw import Draw

LABEL_COUNTS = {"public": 361, "lac_original": 153, "suspicious": 196, "derived": 143}
"""The talk names the first three (710); its tables are over 853, so 143 were derived."""

_ADDRESSES_OF_LABEL = {"public": 130, "lac_original": 54, "suspicious": 70, "derived": 100}
_PUBLIC_ROWS = frozenset({6, 7, 8})
_ORIGINAL_ROWS = frozenset({1, 11, 12, 13})


@dataclass(frozen=True, slots=True)
class Listed:
    """One row of the list: a value, why it is believed, and its source note."""

    value: str
    label: str
    source: str


@dataclass(frozen=True, slots=True)
class TrialHit:
    """One row of the talk's hit table; counts are attributes found in each MISP."""

    no: int
    value: str
    source: str
    lab: int
    osint: int
    geo: int
    country: str
    geo_title: str
    """The GEO event's title without its leading date."""


def listed() -> tuple[Listed, ...]:
    """The list as it is shipped (``blacktech.csv``)."""
    return tuple(Listed(**row) for row in _rows("blacktech.csv"))


def list_text() -> str:
    """The shipped list as CSV text, ready to be searched."""
    return _text("blacktech.csv")


@cache
def trial_hits() -> tuple[TrialHit, ...]:
    """The 13 values that hit GEO-MISP, as the talk showed them (``trial_hits.csv``)."""
    return tuple(
        TrialHit(
            no=int(row["no"]),
            value=row["value"],
            source=row["source"],
            lab=int(row["grid_misp"]),
            osint=int(row["osint_misp"]),
            geo=int(row["geo_misp"]),
            country=row["asn_country_code"],
            geo_title=row["geo_event"],
        )
        for row in _rows("trial_hits.csv")
    )


def _rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(_text(name).splitlines()))


def _text(name: str) -> str:
    return files("securegrid.demo").joinpath(name).read_text(encoding="utf-8")


def compose() -> tuple[Listed, ...]:
    """The whole list, made anew; ``blacktech.csv`` is this, written down."""
    addresses, names = iter(list_addresses()), host_names("list")
    found = [
        entry
        for label in ("public", "lac_original", "suspicious")
        for entry in _labelled(label, addresses, names)
    ]
    return (*found, *_derived(found, addresses))


def _labelled(label: str, addresses: Iterator[str], names: Iterator[str]) -> Iterator[Listed]:
    real = [Listed(hit.value, label, hit.source) for hit in trial_hits() if _label(hit) == label]
    yield from real
    draw = Draw("list", label)
    to_compose = LABEL_COUNTS[label] - len(real)
    for place in range(to_compose):
        # Spread the addresses evenly between the names.
        share = _ADDRESSES_OF_LABEL[label]
        is_address = (place + 1) * share // to_compose > place * share // to_compose
        yield Listed(next(addresses if is_address else names), label, _source(label, draw))


def _label(hit: TrialHit) -> str:
    if hit.no in _PUBLIC_ROWS:
        return "public"
    return "lac_original" if hit.no in _ORIGINAL_ROWS else "derived"


def _source(label: str, draw: Draw) -> str:
    sample, year = draw.hexadecimal(64), draw.between(2017, 2021)
    match label:
        case "public":
            report = f"https://reports.example.org/{year}/{draw.between(1, 12):02}/blacktech"
            return draw.pick((f"{report}-{draw.between(1, 40)}", f"public sample {sample}"))
        case "lac_original":
            return draw.pick(
                (
                    f"C2 of our own sample {sample}",
                    f"TSCookie configuration of sample {sample}",
                    f"PLEAD beacon seen in an investigation, {year}-{draw.between(1, 12):02}",
                )
            )
        case _:
            return draw.pick(
                (
                    f"same certificate as a known C2, {year}",
                    f"same registrant as a known name, {year}",
                    f"scanned with the port pattern of a known C2, {year}",
                )
            )


def _derived(found: list[Listed], addresses: Iterator[str]) -> Iterator[Listed]:
    yield from (
        Listed(h.value, "derived", h.source) for h in trial_hits() if _label(h) == "derived"
    )
    draw = Draw("list", "derived")
    names = [entry.value for entry in found if not entry.value[-1].isdigit()]
    to_compose = LABEL_COUNTS["derived"] - sum(_label(h) == "derived" for h in trial_hits())
    addressed = _ADDRESSES_OF_LABEL["derived"]
    origins = draw.some(names, to_compose)
    yield from chain(
        (_resolved(name, next(addresses), draw) for name in origins[:addressed]),
        (
            Listed(registered(name), "derived", f"parent of {_defanged(name)}")
            for name in origins[addressed:]
        ),
    )


def _resolved(name: str, address: str, draw: Draw) -> Listed:
    when = f"{draw.between(2017, 2021)}-{draw.between(1, 12):02}"
    return Listed(address, "derived", f"{_defanged(name)} resolved to it in {when}")


def _defanged(name: str) -> str:
    head, tail = name.rsplit(".", 1)
    return f"{head}[.]{tail}"


def to_csv(entries: tuple[Listed, ...]) -> str:
    """``entries`` as the CSV text that is shipped: value, label, source."""
    lines = ["value,label,source"]
    lines += [f'{entry.value},{entry.label},"{entry.source}"' for entry in entries]
    return "\n".join(lines) + "\n"
