"""Why a search was not begun or not asked again, in English and Japanese."""

from enum import StrEnum


class Problem(StrEnum):
    """What is wrong with a question, or with asking it now."""

    NO_VALUES = "no_values"
    TOO_MANY_VALUES = "too_many_values"
    TEXT_TOO_LONG = "text_too_long"
    NOT_TEXT = "not_text"
    NO_MISPS = "no_misps"
    UNKNOWN_MISP = "unknown_misp"
    DEADLINE_INVALID = "deadline_invalid"
    LABEL_INVALID = "label_invalid"
    PURPOSE_INVALID = "purpose_invalid"
    TOO_MANY_RUNNING = "too_many_running"
    STILL_RUNNING = "still_running"
    NOT_ALLOWED = "not_allowed"


class SearchRefused(Exception):  # noqa: N818 - a refusal is an answer, not a fault
    """A search was not begun; ``field`` names the part of the question that must change.

    ``numbers`` fill the places in the words. The text never holds what was entered.
    """

    def __init__(self, problem: Problem, field: str = "", **numbers: int) -> None:
        super().__init__(problem.value)
        self.problem = problem
        self.field = field
        self.numbers = numbers

    def words(self, language: str) -> str:
        """The reason for people; Japanese for ``ja…``, otherwise English."""
        english, japanese = WORDS[self.problem]
        chosen = japanese if language.startswith("ja") else english
        return chosen.format_map({name: f"{number:,}" for name, number in self.numbers.items()})


WORDS: dict[Problem, tuple[str, str]] = {
    Problem.NO_VALUES: (
        "Nothing in the input can be searched for. Each rejected piece says why.",
        "検索できる値が見つかりませんでした。除外された各項目の理由をご確認ください。",
    ),
    Problem.TOO_MANY_VALUES: (
        "One search takes at most {limit} values; the input has more. Nothing was searched:"
        " divide the list.",
        "1回の検索で扱える値は{limit}件までです。入力がこれを超えたため、検索は行っていません。"
        "リストを分割してください。",
    ),
    Problem.TEXT_TOO_LONG: (
        "The input is longer than {limit} bytes. Nothing was searched.",
        "入力が{limit}バイトを超えています。検索は行っていません。",
    ),
    Problem.NOT_TEXT: (
        "The input is not text: it holds bytes or characters that no text has.",
        "入力がテキストではありません。テキストにない文字やバイトが含まれています。",
    ),
    Problem.NO_MISPS: (
        "There is no MISP to ask.",
        "検索先のMISPがありません。",
    ),
    Problem.UNKNOWN_MISP: (
        "One of the chosen MISPs is not in this alliance.",
        "指定されたMISPの中に、このアライアンスにないものがあります。",
    ),
    Problem.DEADLINE_INVALID: (
        "The deadline is 1 to 120 seconds.",
        "制限時間は1〜120秒で指定してください。",
    ),
    Problem.LABEL_INVALID: (
        "A label has at most {limit} characters and no control characters.",
        "ラベルは{limit}文字以内で、制御文字を含めないでください。",
    ),
    Problem.PURPOSE_INVALID: (
        "A purpose has at most {limit} characters and no control characters.",
        "目的は{limit}文字以内で、制御文字を含めないでください。",
    ),
    Problem.TOO_MANY_RUNNING: (
        "You have {limit} searches running; wait until one has ended.",
        "実行中の検索が{limit}件あります。いずれかが終わるまでお待ちください。",
    ),
    Problem.STILL_RUNNING: (
        "This search is still running; ask again when it has ended.",
        "この検索はまだ実行中です。終了してから再度お試しください。",
    ),
    Problem.NOT_ALLOWED: ("You may not search.", "検索する権限がありません。"),
}
"""English and Japanese for each problem."""
