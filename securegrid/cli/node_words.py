"""What ``securegrid node`` says to people, in English and Japanese."""

from collections.abc import Mapping
from enum import StrEnum

from securegrid.cli.words import Language


class NodeSays(StrEnum):
    """One thing that the command can say; the parts in braces are filled in."""

    LISTENING = "listening"
    UNUSABLE = "unusable"
    BAD_KEY = "bad_key"
    NO_SUCH_KEY = "no_such_key"
    NO_END = "no_end"
    REVOKED = "revoked"


_WORDS: Mapping[NodeSays, Mapping[Language, str]] = {
    NodeSays.LISTENING: {
        Language.ENGLISH: "The node answers at {url}. Ctrl-C stops it.",
        Language.JAPANESE: "ノードは {url} で応答しています。Ctrl-C で停止します。",
    },
    NodeSays.UNUSABLE: {
        Language.ENGLISH: "Error: {file} cannot be used as a node's file ({reason}).",
        Language.JAPANESE: "エラー: {file} はノードのファイルとして使えません ({reason})。",
    },
    NodeSays.BAD_KEY: {
        Language.ENGLISH: "Error: a key has {length} letters and digits.",
        Language.JAPANESE: "エラー: キーは英数字 {length} 文字です。",
    },
    NodeSays.NO_SUCH_KEY: {
        Language.ENGLISH: "Error: there is no key with the number {number}.",
        Language.JAPANESE: "エラー: 番号 {number} のキーはありません。",
    },
    NodeSays.NO_END: {Language.ENGLISH: "no end", Language.JAPANESE: "期限なし"},
    NodeSays.REVOKED: {Language.ENGLISH: "revoked", Language.JAPANESE: "失効"},
}


def say(what: NodeSays, language: Language, **parts: object) -> str:
    """The words for it, with the parts filled in."""
    return _WORDS[what][language].format(**parts)
