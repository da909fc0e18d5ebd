"""What ``securegrid export`` says to people, in English and Japanese."""

from collections.abc import Mapping
from enum import StrEnum

from securegrid.cli.problem import Problem
from securegrid.cli.words import Language, Say


class Says(StrEnum):
    """One thing that the command can say; the parts in braces are filled in."""

    NO_FILTER = "no_filter"
    UNSAFE = "unsafe"
    DAYS = "days"
    TOO_MANY = "too_many"
    NO_DAY = "no_day"
    FAILED = "failed"
    IGNORED = "ignored"
    NOT_WRITABLE = "not_writable"
    STOPPED = "stopped"
    DONE = "done"
    LEFT_OUT = "left_out"
    NOT_IN_STIX = "not_in_stix"


_ENGLISH: Mapping[Says, str] = {
    Says.NO_FILTER: "Say what to export (--from, --to, --type, --category, --tag, --value), "
    "or --everything.",
    Says.UNSAFE: "A MISP would not look for this as it is written: {option} ({reason}).",
    Says.DAYS: "--from is after --to.",
    Says.TOO_MANY: "At most {limit} of one option.",
    Says.NO_DAY: "{written} is no day; write it as 2021-05-13.",
    Says.FAILED: "The MISP did not give everything: {reason}. What was written is not whole.",
    Says.IGNORED: "The MISP does not apply the filter; nothing more is read from it.",
    Says.NOT_WRITABLE: "{file} cannot be written: {detail}.",
    Says.STOPPED: "Stopped here; what was written is not whole.",
    Says.DONE: "{count} attributes exported.",
    Says.LEFT_OUT: "{count} rows that were not asked for came too, and were left out.",
    Says.NOT_IN_STIX: "{count} attributes have no form in STIX 2.1 and were left out.",
}

_JAPANESE: Mapping[Says, str] = {
    Says.NO_FILTER: "書き出す対象を --from、--to、--type、--category、--tag、--value "
    "で指定してください。すべて書き出す場合は --everything を指定します。",
    Says.UNSAFE: "この書き方のままでは MISP で検索できません: {option} ({reason})",
    Says.DAYS: "--from の日付が --to より後です。",
    Says.TOO_MANY: "1 つのオプションに指定できるのは {limit} 件までです。",
    Says.NO_DAY: "{written} は日付ではありません。2021-05-13 の形で指定してください。",
    Says.FAILED: "MISP からすべてを取得できませんでした: {reason}。出力は途中までです。",
    Says.IGNORED: "MISP が絞り込み条件を適用していないため、読み込みを中止しました。",
    Says.NOT_WRITABLE: "{file} に書き込めません: {detail}",
    Says.STOPPED: "中断しました。出力は途中までです。",
    Says.DONE: "{count} 件の属性を書き出しました。",
    Says.LEFT_OUT: "条件に合わない {count} 件が返されたため、除外しました。",
    Says.NOT_IN_STIX: "STIX 2.1 で表現できない {count} 件の属性を除外しました。",
}

CATALOGUES: Mapping[Language, Mapping[Says, str]] = {
    Language.ENGLISH: _ENGLISH,
    Language.JAPANESE: _JAPANESE,
}


def say(what: Says, language: Language, **parts: object) -> str:
    """The words for it, with the parts filled in."""
    return CATALOGUES[language][what].format(**parts)


class ExportProblem(Problem):
    """An export cannot go on; told in its own words."""

    def __init__(self, says: Says, **parts: object) -> None:
        super().__init__(Say.INTERRUPTED if says is Says.STOPPED else Say.ERROR, **parts)
        self.says = says

    def told(self, language: Language) -> str:
        """The problem in words."""
        return say(self.says, language, **self.parts)
