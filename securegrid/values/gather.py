"""Collecting what was understood and what was not: doubles merged, memory bounded."""

from typing import Final

import msgspec

from securegrid.values.model import Entry, Extraction, Kind, Reject, Rejected, Value
from securegrid.values.normalise import MAX_SHOWN

MAX_FORMS: Final = 8
"""Written forms kept of one value."""
MAX_FORM: Final = 2_048
MAX_NOTE: Final = 1_000
MAX_LABEL: Final = 200
MAX_REJECTED: Final = 1_000
"""Rejected pieces kept word by word; what comes after is counted by reason."""
_MAX_SPELLINGS: Final = 4


class _Draft(msgspec.Struct):
    value: Value
    written: list[str]
    notes: list[str] = []
    labels: list[str] = []


class Gatherer:
    """Takes values and rejected pieces in order; gives the whole as one Extraction.

    Holds at most ``limit`` values; what comes beyond is only counted, a value that is
    already held is not beyond it.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._drafts: dict[str, _Draft] = {}
        self._rejected: dict[tuple[str, Reject], None] = {}
        self._uncounted: dict[Reject, int] = {}
        self._left = 0

    def __len__(self) -> int:
        return len(self._drafts) + len(self._rejected) + len(self._uncounted)

    def take(self, value: Value, written: str, note: str = "", label: str = "") -> None:
        """One value as it was written; a double adds its form, note and label to the first."""
        draft = self._drafts.get(value.text)
        if draft is None:
            if len(self._drafts) >= self._limit:
                self._left += 1
                return
            draft = self._drafts[value.text] = _Draft(value, [])
        else:
            draft.value = _together(draft.value, value)
        _add(draft.written, written.strip()[:MAX_FORM], MAX_FORMS)
        if note:
            _add(draft.notes, note.strip()[:MAX_NOTE], MAX_FORMS)
        if label:
            _add(draft.labels, label.strip()[:MAX_LABEL], MAX_FORMS)

    def reject(self, written: str, reason: Reject) -> None:
        """One piece that did not become a value; the same piece twice counts once."""
        piece = (written.strip()[:MAX_SHOWN], reason)
        if piece in self._rejected:
            return
        if len(self._rejected) < MAX_REJECTED:
            self._rejected[piece] = None
        else:
            self._uncounted[reason] = self._uncounted.get(reason, 0) + 1

    def extraction(self) -> Extraction:
        """Everything so far; TOO_MANY, if it applies, is the last of the rejected."""
        entries = tuple(
            Entry(
                draft.value,
                tuple(draft.written),
                "; ".join(draft.notes)[:MAX_NOTE],
                ", ".join(draft.labels)[:MAX_LABEL],
            )
            for draft in self._drafts.values()
        )
        rejected = [Rejected(written, reason) for written, reason in self._rejected]
        rejected += [Rejected("", reason, n) for reason, n in self._uncounted.items()]
        if self._left:
            rejected.append(Rejected("", Reject.TOO_MANY, self._left))
        return Extraction(entries, tuple(rejected))


def _add(forms: list[str], form: str, most: int) -> None:
    if form and form not in forms and len(forms) < most:
        forms.append(form)


def _together(first: Value, second: Value) -> Value:
    """The first, with the second's spellings, and with the kind that says more."""
    if second.spellings == first.spellings and second.kind is first.kind:
        return first
    spellings = tuple(dict.fromkeys(first.spellings + second.spellings))[:_MAX_SPELLINGS]
    kind = second.kind if first.kind in _PLAIN_FORMS else first.kind
    return Value(kind, first.text, spellings)


_PLAIN_FORMS: Final = (Kind.MD5, Kind.FILENAME)
"""Kinds that are assumed from the form where nothing tells otherwise."""
