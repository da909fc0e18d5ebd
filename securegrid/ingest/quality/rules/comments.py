"""What surrounds a value: something must say what it means, and nothing be hidden in words."""

import re
from typing import Final

from securegrid.ingest.quality.findings import RuleId, Severity
from securegrid.ingest.quality.kinds import HASHES
from securegrid.ingest.quality.rules.model import AttributeRule, CommentRule
from securegrid.ingest.quality.subjects import Around, Item
from securegrid.ingest.quality.tags import gives_context
from securegrid.values.addresses import IPV4
from securegrid.values.model import Kind

_HINT: Final = re.compile(r"[0-9](?:\.|\[\.\]|\(\.\))[0-9]|[0-9a-fA-F]{32}")
"""What every address and hash holds: the quick way past nearly all comments."""
_DOTS: Final = re.compile(r"\[\.\]|\(\.\)")
_NAMED: Final = re.compile(
    rf"(?<![\w./-]){IPV4.pattern}(?![\w-]|\.[0-9])"
    r"|(?<![0-9A-Za-z])(?:[0-9a-fA-F]{64}|[0-9a-fA-F]{40}|[0-9a-fA-F]{32})(?![0-9A-Za-z])"
)
_VERSION: Final = re.compile(r"(?:\.0){2}$")
"""``120.0.0.0`` is rather a browser than an address."""
_MOST_NAMED: Final = 20
_NAMEABLE: Final = HASHES | {Kind.IPV4, Kind.IMPHASH, Kind.JA3}


def remember_named(item: Item) -> None:
    """Keep what a comment of the same event may name: addresses and hashes, also in halves."""
    for part in item.parts:
        if part.value is not None and part.value.kind in _NAMEABLE:
            item.around.remember(part.value.text)


def is_held(named: str, around: Around) -> bool:
    """Whether an attribute of the event holds what a comment names."""
    return around.has(named.lower())


def _no_context(item: Item) -> str | None:
    draft, around = item.draft, item.around
    if draft.comment.strip() or item.is_in_object or around.has_context:
        return None
    setting = around.setting
    if any(gives_context(tag, setting.sources, setting.no_context) for tag in draft.tags):
        return None
    return f"{draft.type}: {draft.value}"


def _named(item: Item) -> tuple[str, ...]:
    """Addresses and hashes in the comment; in the value, too, where that is a comment."""
    draft = item.draft
    texts = [draft.comment]
    if draft.type == "comment" and not item.is_in_object:
        texts.append(draft.value)
    return tuple(each for text in texts if text for each in _named_in(text, draft.value))


def _named_in(text: str, own: str) -> list[str]:
    if not _HINT.search(text):
        return []
    plain = _DOTS.sub(".", text)
    found = dict.fromkeys(match[0] for match in _NAMED.finditer(plain))
    return [each for each in found if each != own and not _VERSION.search(each)][:_MOST_NAMED]


CONTEXT_MISSING = AttributeRule(RuleId.CONTEXT_MISSING, Severity.WARNING, _no_context)
ADDRESS_IN_COMMENT = CommentRule(RuleId.ADDRESS_IN_COMMENT, Severity.WARNING, _named)

RULES: Final = (CONTEXT_MISSING,)
