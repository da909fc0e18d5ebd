"""The talk's two tables, made from one search: values hit per MISP, and the hits themselves."""

from collections.abc import Sequence
from dataclasses import dataclass

from securegrid.cli.answers import MispAnswer, OriginAnswer, SearchAnswer
from securegrid.cli.formats import Rows, as_csv, as_markdown, count_words, titles
from securegrid.cli.tables import (
    Held,
    held,
    mode_cells,
    mode_words,
    origin_cells,
    origin_words,
    seconds,
    state_words,
)
from securegrid.cli.words import Language, Say, say


@dataclass(frozen=True, slots=True)
class HitRow:
    """One searched value that hit: what each MISP holds of it, in the MISPs' order.

    ``origin``: the network of an address.
    """

    no: int
    value: str
    kind: str
    label: str
    source: str
    origin: OriginAnswer | None
    by_misp: tuple[Held | None, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """A search as the talk reports it."""

    search: SearchAnswer
    rows: tuple[HitRow, ...]

    @property
    def misps(self) -> Sequence[MispAnswer]:
        """The columns of the hit table."""
        return self.search.misps


def trial_of(search: SearchAnswer) -> Trial:
    """Order a search's hits: the rarest first, then by value.

    Rare is what hit in the MISP where the fewest values did: in the trial the 13 of
    GEO-MISP, so these become rows 1 to 13, as in the talk.
    """
    found = {(one.value, one.misp): one for one in held(search.hits)}
    hit_at: dict[str, list[int]] = {}
    rank = {misp.name: misp.values_hit for misp in search.misps}
    for value, misp in found:
        hit_at.setdefault(value, []).append(rank.get(misp, 0))
    asked = {value.value: value for value in search.values}
    ordered = sorted(hit_at, key=lambda value: (min(hit_at[value]), value))
    return Trial(
        search,
        tuple(
            HitRow(
                no,
                value,
                asked[value].kind,
                asked[value].label,
                asked[value].note,
                asked[value].origin,
                tuple(found.get((value, misp.name)) for misp in search.misps),
            )
            for no, value in enumerate(ordered, start=1)
        ),
    )


def summary_csv(trial: Trial) -> str:
    """Values hit per MISP, for programs (columns in English)."""
    columns = (
        *("misp", "member", "values_hit", "values", "answer_time_ms", "state", "reason"),
        *("mode", "index_age_s"),
    )
    values = str(len(trial.search.values))
    return as_csv(columns, ([*_summary(misp, values)] for misp in trial.misps))


def _summary(misp: MispAnswer, values: str) -> list[str]:
    elapsed = "" if misp.elapsed_ms is None else f"{misp.elapsed_ms:.0f}"
    return [
        misp.name,
        misp.member,
        str(misp.values_hit),
        values,
        elapsed,
        misp.state,
        misp.reason or "",
        *mode_cells(misp),
    ]


def hits_csv(trial: Trial) -> str:
    """The hit table, for programs: per MISP a column of counts and one of event titles; between
    them AS number, AS name and the network's country.

    Titles are separated by line breaks, each followed by its count in parentheses.
    """
    names = [misp.name for misp in trial.misps]
    columns = ["no", "value", "kind", "label", "source", *names]
    columns += ["asn", "as_name", "asn_country_code", *(f"{name} events" for name in names)]
    return as_csv(columns, (_csv_row(row) for row in trial.rows))


def _csv_row(row: HitRow) -> list[str]:
    counts = [
        "0" if one is None else count_words(one.count, Language.ENGLISH) for one in row.by_misp
    ]
    events = ["" if one is None else "\n".join(titles(one)) for one in row.by_misp]
    begin = [str(row.no), row.value, row.kind, row.label, row.source]
    return [*begin, *counts, *origin_cells(row.origin), *events]


def summary_table(trial: Trial, language: Language) -> tuple[list[str], Rows]:
    """Values hit per MISP, for people."""
    of = say(Say.TRIAL_OF, language, values=len(trial.search.values))
    columns = [say(one, language) for one in (Say.MISP, Say.MEMBER, Say.MODE, Say.VALUES_HIT)]
    columns += [of, say(Say.ANSWER_TIME, language), say(Say.STATE, language)]
    rows = [
        [
            misp.name,
            misp.member,
            mode_words(misp, language),
            str(misp.values_hit),
            f"{100 * misp.values_hit / max(1, len(trial.search.values)):.1f} %",
            seconds(misp.elapsed_ms),
            state_words(misp, language),
        ]
        for misp in trial.misps
    ]
    return columns, rows


def hit_table(trial: Trial, language: Language) -> tuple[list[str], Rows]:
    """The hit table, for people: the titles of all MISPs in one last column."""
    columns = [say(one, language) for one in (Say.TRIAL_NUMBER, Say.VALUE, Say.LABEL, Say.SOURCE)]
    columns += [misp.name for misp in trial.misps]
    columns += [say(one, language) for one in (Say.NETWORK, Say.EVENTS)]
    rows = [
        [
            str(row.no),
            row.value,
            row.label,
            row.source,
            *("0" if one is None else count_words(one.count, language) for one in row.by_misp),
            origin_words(row.origin),
            "\n".join(f"{misp}: {', '.join(told)}" for misp, told in events(row)),
        ]
        for row in trial.rows
    ]
    return columns, rows


def events(row: HitRow) -> list[tuple[str, list[str]]]:
    """For each MISP that holds the value and shows titles: its name, and titles with counts."""
    return [(one.misp, titles(one)) for one in row.by_misp if one is not None and one.titles]


def headline(trial: Trial, language: Language) -> tuple[str, str]:
    """The title and the sentence under it."""
    search = trial.search
    title = say(Say.TRIAL_TITLE, language, label=search.label or search.id)
    when = search.created_at.strftime("%Y-%m-%d %H:%M UTC")
    taken = f"{(search.elapsed_ms or 0) / 1000:.2f}"
    return title, say(
        Say.TRIAL_ASKED, language, values=len(search.values), when=when, seconds=taken
    )


def order_and_day(trial: Trial, language: Language) -> str:
    """How the hits are ordered, and as of which day networks are told."""
    day = trial.search.origins_dated
    known = day is not None and any(row.origin for row in trial.rows)
    dated = [say(Say.TRIAL_NETWORKS, language, day=day)] if known else []
    return " ".join([say(Say.TRIAL_ORDER, language), *dated])


def as_markdown_page(trial: Trial, language: Language) -> str:
    """Both tables as a Markdown document."""
    title, asked = headline(trial, language)
    parts = [f"# {title}\n", f"{asked}\n"]
    if not trial.search.all_answered:
        parts.append(f"**{say(Say.TRIAL_INCOMPLETE, language)}**\n")
    parts += [
        f"## {say(Say.TRIAL_PER_MISP, language)}\n",
        as_markdown(*summary_table(trial, language)),
    ]
    parts.append(f"## {say(Say.TRIAL_HITS, language)}\n")
    if trial.rows:
        parts += [f"{order_and_day(trial, language)}\n", as_markdown(*hit_table(trial, language))]
    else:
        parts.append(f"{say(Say.TRIAL_NO_HITS, language)}\n")
    return "\n".join(parts)
