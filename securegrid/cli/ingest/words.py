"""What ``securegrid ingest`` says to people, in English and Japanese."""

from collections.abc import Mapping
from enum import StrEnum

from securegrid.cli.problem import Problem
from securegrid.cli.words import Language, Say


class Says(StrEnum):
    """One thing that the commands can say; the parts in braces are filled in."""

    NO_MISP = "no_misp"
    NO_KEY = "no_key"
    BAD_MISP = "bad_misp"
    BOTH_FROM_STDIN = "both_from_stdin"
    NOT_READABLE = "not_readable"


_ENGLISH: Mapping[Says, str] = {
    Says.NO_MISP: "Which MISP? Give --misp URL or set SECUREGRID_MISP; or look first: --dry-run.",
    Says.NO_KEY: "The MISP's auth key is needed: --key-file FILE, or --key-stdin.",
    Says.BAD_MISP: "The MISP cannot be spoken to as named ({problem}).",
    Says.BOTH_FROM_STDIN: "The key and the data cannot both come from standard input.",
    Says.NOT_READABLE: "{file} cannot be read as text.",
}

_JAPANESE: Mapping[Says, str] = {
    Says.NO_MISP: "書き込み先の MISP を --misp URL または SECUREGRID_MISP で指定してください。"
    "書き込まずに内容だけを確認するには --dry-run を使います。",
    Says.NO_KEY: "MISP の認証キーを --key-file FILE または --key-stdin で指定してください。",
    Says.BAD_MISP: "指定された MISP には接続できません ({problem})。",
    Says.BOTH_FROM_STDIN: "認証キーとデータの両方を標準入力から読むことはできません。",
    Says.NOT_READABLE: "{file} をテキストとして読み込めません。",
}

CATALOGUES: Mapping[Language, Mapping[Says, str]] = {
    Language.ENGLISH: _ENGLISH,
    Language.JAPANESE: _JAPANESE,
}


def say(what: Says, language: Language, **parts: object) -> str:
    """The words for it, with the parts filled in."""
    return CATALOGUES[language][what].format(**parts)


class IngestProblem(Problem):
    """An import cannot go on; told in its own words."""

    def __init__(self, says: Says, **parts: object) -> None:
        super().__init__(Say.ERROR, **parts)
        self.says = says

    def told(self, language: Language) -> str:
        """The problem in words."""
        return say(self.says, language, **self.parts)
