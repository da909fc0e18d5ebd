"""The frozen question of a search: encoded, compressed and sealed; decoded once per process."""

import threading
import zlib
from collections import OrderedDict
from dataclasses import dataclass
from uuid import UUID

import msgspec

from securegrid.portal.sealing import seal, unseal
from securegrid.values.model import Entry, Kind, Reject, Rejected, Value

_CACHED_VALUES = 200_000
"""Upper bound of entries kept decoded in this process, over all searches."""


class _StoredEntry(msgspec.Struct, array_like=True):
    """``spellings`` and ``written`` are empty when they are just the text: they mostly are."""

    kind: Kind
    text: str
    spellings: tuple[str, ...]
    written: tuple[str, ...]
    note: str
    label: str


class _StoredQuestion(msgspec.Struct, array_like=True):
    version: int
    entries: list[_StoredEntry]
    rejected: list[tuple[str, Reject, int]]


class _StoredTitle(msgspec.Struct, array_like=True):
    label: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked: the entries in order (a position is an index here), and what was refused."""

    entries: tuple[Entry, ...]
    rejected: tuple[Rejected, ...]


@dataclass(frozen=True, slots=True)
class Title:
    """What the analyst called the search, and what it was for."""

    label: str = ""
    purpose: str = ""


def seal_question(search_id: UUID, question: Question) -> bytes:
    """The sealed form of a question, bound to its search."""
    stored = _StoredQuestion(
        1,
        [_stored_entry(entry) for entry in question.entries],
        [(piece.written, piece.reason, piece.count) for piece in question.rejected],
    )
    return seal(zlib.compress(msgspec.msgpack.encode(stored), 1), question_context(search_id))


def _stored_entry(entry: Entry) -> _StoredEntry:
    value = entry.value
    plain = (value.text,)
    return _StoredEntry(
        value.kind,
        value.text,
        () if value.spellings == plain else value.spellings,
        () if entry.written == plain else entry.written,
        entry.note,
        entry.label,
    )


def seal_title(search_id: UUID, title: Title) -> bytes:
    """The sealed form of label and purpose, bound to its search."""
    plain = msgspec.msgpack.encode(_StoredTitle(title.label, title.purpose))
    return seal(plain, title_context(search_id))


def unseal_title(search_id: UUID, sealed: bytes | memoryview) -> Title:
    """Label and purpose of a search."""
    plain = unseal(bytes(sealed), title_context(search_id))
    stored = msgspec.msgpack.decode(plain, type=_StoredTitle)
    return Title(stored.label, stored.purpose)


def unseal_question(search_id: UUID, sealed: bytes | memoryview) -> Question:
    """The question of a search; decoded once and then remembered by this process."""
    known = _cache.get(search_id)
    if known is None:
        known = _decode(zlib.decompress(unseal(bytes(sealed), question_context(search_id))))
        _cache.put(search_id, known)
    return known


def remember(search_id: UUID, question: Question) -> None:
    """Keep a question that was just frozen, so that reading it need not unseal it."""
    _cache.put(search_id, question)


def forget(search_id: UUID) -> None:
    """Drop a deleted search's question from this process."""
    _cache.drop(search_id)


def question_context(search_id: UUID) -> str:
    """What a question is sealed for."""
    return f"search:{search_id}:question"


def title_context(search_id: UUID) -> str:
    """What label and purpose are sealed for."""
    return f"search:{search_id}:title"


def _decode(plain: bytes) -> Question:
    stored = msgspec.msgpack.decode(plain, type=_StoredQuestion)
    entries = tuple(map(_entry, stored.entries))
    return Question(entries, tuple(Rejected(*piece) for piece in stored.rejected))


def _entry(stored: _StoredEntry) -> Entry:
    plain = (stored.text,)
    value = Value(stored.kind, stored.text, stored.spellings or plain)
    return Entry(value, stored.written or plain, stored.note, stored.label)


class _Cache:
    """Least recently used questions, bounded by the number of values they hold."""

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self._held: OrderedDict[UUID, Question] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(self, search_id: UUID) -> Question | None:
        with self._lock:
            if search_id in self._held:
                self._held.move_to_end(search_id)
            return self._held.get(search_id)

    def put(self, search_id: UUID, question: Question) -> None:
        with self._lock:
            self._remove(search_id)
            self._held[search_id] = question
            self._size += len(question.entries)
            while self._size > self._bound and len(self._held) > 1:
                self._remove(next(iter(self._held)))

    def drop(self, search_id: UUID) -> None:
        with self._lock:
            self._remove(search_id)

    def _remove(self, search_id: UUID) -> None:
        gone = self._held.pop(search_id, None)
        self._size -= len(gone.entries) if gone else 0


_cache = _Cache(_CACHED_VALUES)
