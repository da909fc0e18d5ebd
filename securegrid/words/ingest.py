"""Words for getting data in: lines, files, imports and their events."""

from enum import StrEnum
from typing import Final

from securegrid.ingest.model import BadLine
from securegrid.ingest.publishing.outcomes import EventState, ImportState
from securegrid.ingest.runs.reports import FileState

WORDS: Final[dict[type[StrEnum], dict[str, tuple[str, str]]]] = {
    BadLine: {
        BadLine.NOT_THE_FORMAT: ("not in the format of the file", "ファイルの形式と異なる"),
        BadLine.NO_TIME: ("without a time", "時刻がない"),
        BadLine.NO_ADDRESS: ("without an address", "アドレスがない"),
        BadLine.NO_VALUE: ("without a value", "値がない"),
        BadLine.TOO_LONG: ("too long", "長すぎる"),
        BadLine.IMPLAUSIBLE_TIME: ("implausible time", "時刻があり得ない"),
        BadLine.DAMAGED: ("the file breaks off here", "ファイルがここで途切れている"),
    },
    FileState: {
        FileState.READ: ("read", "読み込み済み"),
        FileState.NOTHING_NEW: ("nothing new since it was read", "前回の読み込み以降に追加なし"),
        FileState.INTERRUPTED: ("interrupted", "中断"),
        FileState.NO_FILE: ("there is no such file", "ファイルが存在しない"),
        FileState.NOT_READABLE: ("cannot be read", "読み込めない"),
        FileState.UNKNOWN_FORMAT: ("not a known format", "形式を判別できない"),
        FileState.EMPTY: ("empty", "空のファイル"),
        FileState.DAMAGED: ("compressed and broken off", "圧縮データが途中で切れている"),
        FileState.TOO_LARGE: (
            "too large to be read as a whole",
            "一括で読み込むには大きすぎる",
        ),
        FileState.CHANGED: (
            "begins like a file read before and goes on otherwise",
            "以前読み込んだファイルと冒頭が同じで、続きが異なる",
        ),
    },
    ImportState: {
        ImportState.OPEN: ("not finished", "未完了"),
        ImportState.DONE: ("done", "完了"),
        ImportState.UNDOING: ("being undone", "取り消し中"),
        ImportState.UNDONE: ("undone", "取り消し済み"),
    },
    EventState: {
        EventState.BEGUN: ("begun", "書き込み開始"),
        EventState.PUBLISHED: ("published", "公開済み"),
        EventState.UNPUBLISHED: ("written, not published", "書き込み済み (未公開)"),
        EventState.FAILED: ("failed", "失敗"),
        EventState.REFUSED: ("refused by a rule", "ルールにより除外"),
        EventState.TAKEN_BACK: ("undone", "取り消し済み"),
    },
}
