"""What ``securegrid lint`` says to people, in English and Japanese."""

from collections.abc import Mapping
from enum import StrEnum

from securegrid.cli.problem import Problem
from securegrid.cli.words import Language, Say


class Says(StrEnum):
    """One thing that the command can say; the parts in braces are filled in."""

    NOTHING_NAMED = "nothing_named"
    BOTH_FROM_STDIN = "both_from_stdin"
    NOT_EVENTS = "not_events"
    DAMAGED = "damaged"
    PROFILE_REFUSED = "profile_refused"
    LISTS_UNUSABLE = "lists_unusable"
    FAILED = "failed"
    STOPPED = "stopped"
    PROGRESS = "progress"
    LOOKED = "looked"
    ARITHMETIC = "arithmetic"
    AT_LEAST_0 = "at_least_0"
    CLEAN = "clean"
    PARTIAL = "partial"
    VANISHED = "vanished"
    BAD_LINES = "bad_lines"
    RULE = "rule"
    SEVERITY = "severity"
    FOUND = "found"
    OF = "of"
    POINTS = "points"
    WHY = "why"
    MEND = "mend"
    EXAMPLES = "examples"


_ENGLISH: Mapping[Says, str] = {
    Says.NOTHING_NAMED: "What is to be looked over? Name a file, - for standard input, or the "
    "address of a MISP.",
    Says.BOTH_FROM_STDIN: "The key and the data cannot both come from standard input.",
    Says.NOT_EVENTS: "{file} holds no events: neither MISP's JSON nor a table that is understood "
    "({detail}).",
    Says.DAMAGED: "{file} is damaged: it cannot be unpacked to its end.",
    Says.PROFILE_REFUSED: "The profile {where} cannot be used: {why} ({detail}).",
    Says.LISTS_UNUSABLE: "The warning lists cannot be used: {detail}.",
    Says.FAILED: "The MISP could not be read to the end: {reason}.",
    Says.STOPPED: "Stopped.",
    Says.PROGRESS: "{done} of {total} events, {attributes} attributes",
    Says.LOOKED: "{events} events, {attributes} attributes: {points} of 100 points; {errors} "
    "errors, {warnings} warnings.",
    Says.ARITHMETIC: "{points} = 100 - {terms}",
    Says.AT_LEAST_0: "{points} is the least: 100 - {terms}",
    Says.CLEAN: "Every rule is met.",
    Says.PARTIAL: "Only what changed last was looked over: {events} of {listed} events "
    "(--most raises the limit).",
    Says.VANISHED: "{count} events were gone when they were to be read.",
    Says.BAD_LINES: "{count} lines were not understood and not looked over.",
    Says.RULE: "Rule",
    Says.SEVERITY: "Severity",
    Says.FOUND: "Found",
    Says.OF: "Of",
    Says.POINTS: "Points",
    Says.WHY: "Why",
    Says.MEND: "Mend",
    Says.EXAMPLES: "Examples",
}

_JAPANESE: Mapping[Says, str] = {
    Says.NOTHING_NAMED: "点検する対象を指定してください: ファイル、標準入力 (-)、または MISP の"
    "アドレス。",
    Says.BOTH_FROM_STDIN: "認証キーとデータの両方を標準入力から読むことはできません。",
    Says.NOT_EVENTS: "{file} にイベントがありません。MISP の JSON 形式でも、"
    "対応している表形式でもありません ({detail})。",
    Says.DAMAGED: "{file} は破損しており、最後まで展開できません。",
    Says.PROFILE_REFUSED: "プロファイル {where} は使用できません: {why} ({detail})。",
    Says.LISTS_UNUSABLE: "警告リストを使用できません: {detail}",
    Says.FAILED: "MISP を最後まで読み込めませんでした: {reason}。",
    Says.STOPPED: "中断しました。",
    Says.PROGRESS: "イベント {total} 件中 {done} 件、属性 {attributes} 件",
    Says.LOOKED: "イベント {events} 件、属性 {attributes} 件: 100 点中 {points} 点、"
    "エラー {errors} 件、警告 {warnings} 件。",
    Says.ARITHMETIC: "{points} = 100 - {terms}",
    Says.AT_LEAST_0: "{points} (下限): 100 - {terms}",
    Says.CLEAN: "すべてのルールを満たしています。",
    Says.PARTIAL: "最近変更されたイベントだけを点検しました: {listed} 件中 {events} 件 "
    "(--most で上限を変更できます)。",
    Says.VANISHED: "{count} 件のイベントは、読み込む時点で削除されていました。",
    Says.BAD_LINES: "{count} 行は解釈できなかったため、点検していません。",
    Says.RULE: "ルール",
    Says.SEVERITY: "重大度",
    Says.FOUND: "指摘",
    Says.OF: "対象",
    Says.POINTS: "減点",
    Says.WHY: "理由",
    Says.MEND: "対処",
    Says.EXAMPLES: "例",
}

CATALOGUES: Mapping[Language, Mapping[Says, str]] = {
    Language.ENGLISH: _ENGLISH,
    Language.JAPANESE: _JAPANESE,
}


def say(what: Says, language: Language, **parts: object) -> str:
    """The words for it, with the parts filled in."""
    return CATALOGUES[language][what].format(**parts)


class LintProblem(Problem):
    """Nothing can be looked over; told in its own words."""

    def __init__(self, says: Says, **parts: object) -> None:
        super().__init__(Say.ERROR, **parts)
        self.says = says

    def told(self, language: Language) -> str:
        """The problem in words."""
        return say(self.says, language, **self.parts)
