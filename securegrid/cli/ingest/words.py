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
    NOT_WRITABLE = "not_writable"
    BAD_ZONE = "bad_zone"
    NOT_CLASS_FILE = "not_class_file"
    BAD_LIST = "bad_list"
    BAD_PROXY = "bad_proxy"
    BAD_COLUMN_FILE = "bad_column_file"
    BAD_SYSTEMS = "bad_systems"
    BUSY = "busy"
    OTHER_FORMAT = "other_format"
    OTHER_VERSION = "other_version"
    READER_FAULT = "reader_fault"
    NO_PROFILE = "no_profile"
    NO_LISTS = "no_lists"
    BAD_JOURNAL = "bad_journal"
    NO_IMPORT = "no_import"
    MISP_FAILED = "misp_failed"
    STATE_FAILED = "state_failed"
    BAD_LABELS = "bad_labels"
    BAD_TABLE_COLUMNS = "bad_table_columns"
    STOPPED = "stopped"

    NOW_READING = "now_reading"
    NOW_COUNTING = "now_counting"
    NOW_CHECKING = "now_checking"
    NOW_WRITING = "now_writing"
    NOW_WAITING = "now_waiting"
    NOW_UNDOING = "now_undoing"

    READ = "read"
    BAD_LINES = "bad_lines"
    FILE_STATE = "file_state"
    SEE_REPORT = "see_report"
    WOULD_WRITE = "would_write"
    TO_WRITE = "to_write"
    NOTHING_TO_WRITE = "nothing_to_write"
    OF_TYPE = "of_type"
    OF_TEMPLATE = "of_template"
    SAMPLE = "sample"
    SAMPLE_MORE = "sample_more"
    QUALITY = "quality"
    FINDING = "finding"
    EXAMPLE = "example"
    WROTE = "wrote"
    WROTE_CONTENTS = "wrote_contents"
    REFUSED = "refused"
    FORCED = "forced"
    DROPPED = "dropped"
    DROPPED_ONE = "dropped_one"
    ALTERED = "altered"
    DELETED_THERE = "deleted_there"
    REWRITTEN = "rewritten"
    UNPUBLISHED = "unpublished"
    TAGS_MISSING = "tags_missing"
    FAILED_EVENT = "failed_event"
    HOW_TO_UNDO = "how_to_undo"

    NO_IMPORTS = "no_imports"
    IMPORT = "import"
    SOURCE = "source"
    BEGUN = "begun"
    STATE = "state"
    EVENTS = "events"
    ATTRIBUTES = "attributes"
    WITH_FORCE = "with_force"
    UNDONE = "undone"
    LEFT_TO_LATER = "left_to_later"


_ENGLISH: Mapping[Says, str] = {
    Says.NO_MISP: "Which MISP? Give --misp URL or set SECUREGRID_MISP; or look first: --dry-run.",
    Says.NO_KEY: "The MISP's auth key is needed: --key-file FILE, or --key-stdin.",
    Says.BAD_MISP: "The MISP cannot be spoken to as named ({problem}).",
    Says.BOTH_FROM_STDIN: "The key and the data cannot both come from standard input.",
    Says.NOT_READABLE: "{file} cannot be read as text.",
    Says.BAD_ZONE: "{zone} is no time zone; name it as Asia/Tokyo or UTC.",
    Says.NOT_CLASS_FILE: "{option} wants CLASS=FILE, such as VPN=vpn.txt; not {written}.",
    Says.BAD_LIST: "{file}, line {line}: {text} is not what stands in such a list.",
    Says.BAD_PROXY: "--trusted-proxy wants an address or a network, such as 10.0.0.0/8: {detail}.",
    Says.BAD_COLUMN_FILE: "{file} does not say what the columns are: {detail}.",
    Says.BAD_SYSTEMS: "{file} is not a database in MaxMind's format: {detail}.",
    Says.NOT_WRITABLE: "{file} cannot be written: {detail}.",
    Says.BUSY: "Another process is importing from {source}. Wait until it is done.",
    Says.OTHER_FORMAT: "{source} was read as {format} before. Name another --source or --state.",
    Says.OTHER_VERSION: "What is remembered in {state} is of another version of this program.",
    Says.READER_FAULT: "The reader failed; this is a fault of the program: {detail}",
    Says.NO_PROFILE: "The profile cannot be used: {detail}",
    Says.NO_LISTS: "The warning lists cannot be used: {detail}",
    Says.BAD_JOURNAL: "{state} holds no journal of imports that this version can read.",
    Says.NO_IMPORT: "There is no import {name}. `securegrid ingest imports` lists them.",
    Says.MISP_FAILED: "{misp} failed: {reason}. What is not acknowledged stays in the journal; "
    "the same command goes on from there.",
    Says.STATE_FAILED: "The state in {state} cannot be written: {detail}.",
    Says.BAD_LABELS: "{file} is no table of FortiGate's message ids: {detail}",
    Says.BAD_TABLE_COLUMNS: "The columns cannot be understood: {detail}. "
    "Name them as --column value=IOC.",
    Says.STOPPED: "Stopped. The same command goes on from here.",
    Says.NOW_READING: "reading {file}: {lines:,} lines, {rate:,}/s, {bad:,} not understood{part}",
    Says.NOW_COUNTING: "putting together what was counted",
    Says.NOW_CHECKING: "checking: {events:,} events, {attributes:,} attributes",
    Says.NOW_WRITING: "writing: {done:,} of {of:,} events",
    Says.NOW_WAITING: "waiting {seconds:,} s: {reason}",
    Says.NOW_UNDOING: "undoing: {done:,} of {of:,} events",
    Says.READ: "Lines read: {lines:,}. Data: {counted:,}; passed over: {passed:,}; "
    "not understood: {bad:,}.",
    Says.BAD_LINES: "  {count:,} × {reason}",
    Says.FILE_STATE: "  {file}: {state}{detail}",
    Says.SEE_REPORT: "Lines that were not understood: {file}",
    Says.WOULD_WRITE: "Would write {events:,} events with {attributes:,} attributes "
    "({objects:,} objects), {first} to {last}.",
    Says.TO_WRITE: "To write: {events:,} events with {attributes:,} attributes "
    "({objects:,} objects), {first} to {last}.",
    Says.NOTHING_TO_WRITE: "There is nothing new to write.",
    Says.OF_TYPE: "  {count:,} {name}",
    Says.OF_TEMPLATE: "  {count:,} objects {name}",
    Says.SAMPLE: "  {date}  {info}  [{tags}]  {attributes:,} attributes",
    Says.SAMPLE_MORE: "      {type}  {value}  {comment}",
    Says.QUALITY: "Quality {points} of 100: {errors:,} errors, {warnings:,} warnings.",
    Says.FINDING: "  {severity} {rule}: {found:,} of {of:,}, {said}",
    Says.EXAMPLE: "      {example}",
    Says.WROTE: "Import {name} at {misp}: {made:,} events new, {extended:,} extended, "
    "{unchanged:,} unchanged.",
    Says.WROTE_CONTENTS: "  {added:,} attributes added, {changed:,} changed.",
    Says.REFUSED: "  Left out because of errors: {attributes:,} attributes, {events:,} events "
    "(--force writes them).",
    Says.FORCED: "  Errors were written too (--force); the journal says so.",
    Says.DROPPED: "  The MISP did not take {count:,} attributes:",
    Says.DROPPED_ONE: "      {type} {value}: {told}",
    Says.ALTERED: "  The MISP keeps {count:,} attributes in another form.",
    Says.DELETED_THERE: "  {count:,} attributes had been deleted at the MISP and stay so.",
    Says.REWRITTEN: "  {count:,} attributes had characters that not every MISP can store; they "
    "are written as codes.",
    Says.UNPUBLISHED: "  {count:,} events are not published: the key may not publish.",
    Says.TAGS_MISSING: "  The MISP did not take these tags (may the key make tags?): {tags}",
    Says.FAILED_EVENT: "  Failed: {info}: {reason} {told}",
    Says.HOW_TO_UNDO: "Undo all of it: securegrid ingest undo {name}",
    Says.NO_IMPORTS: "Nothing was imported yet (in {state}).",
    Says.IMPORT: "Import",
    Says.SOURCE: "Source",
    Says.BEGUN: "Begun (UTC)",
    Says.STATE: "State",
    Says.EVENTS: "Events",
    Says.ATTRIBUTES: "Attributes",
    Says.WITH_FORCE: "forced",
    Says.UNDONE: "Import {name} is undone: {events:,} events deleted, {kept:,} kept for what "
    "others wrote; {attributes:,} attributes and {objects:,} objects deleted, {restored:,} "
    "attributes as before.",
    Says.LEFT_TO_LATER: "  {count:,} stay: a later import counted them too.",
}

_JAPANESE: Mapping[Says, str] = {
    Says.NO_MISP: "書き込み先の MISP を --misp URL または SECUREGRID_MISP で指定してください。"
    "書き込まずに内容だけを確認するには --dry-run を使います。",
    Says.NO_KEY: "MISP の認証キーを --key-file FILE または --key-stdin で指定してください。",
    Says.BAD_MISP: "指定された MISP には接続できません ({problem})。",
    Says.BOTH_FROM_STDIN: "認証キーとデータの両方を標準入力から読むことはできません。",
    Says.NOT_READABLE: "{file} をテキストとして読み込めません。",
    Says.BAD_ZONE: "{zone} というタイムゾーンはありません (例: Asia/Tokyo、UTC)。",
    Says.NOT_CLASS_FILE: "{option} は CLASS=FILE の形で指定してください (例: VPN=vpn.txt)。"
    "指定された値: {written}",
    Says.BAD_LIST: "{file} の {line} 行目 {text} は、一覧の項目として読み取れません。",
    Says.BAD_PROXY: "--trusted-proxy にはアドレスまたはネットワークを指定してください "
    "(例: 10.0.0.0/8): {detail}",
    Says.BAD_COLUMN_FILE: "{file} から列の対応を読み取れません: {detail}",
    Says.BAD_SYSTEMS: "{file} は MaxMind 形式のデータベースではありません: {detail}",
    Says.NOT_WRITABLE: "{file} に書き込めません: {detail}",
    Says.BUSY: "別のプロセスが {source} を取り込み中です。完了するまでお待ちください。",
    Says.OTHER_FORMAT: "{source} は以前 {format} として読み込まれています。"
    "別の --source または --state を指定してください。",
    Says.OTHER_VERSION: "{state} の記録は、このプログラムの別のバージョンで作成されたものです。",
    Says.READER_FAULT: "読み込み処理が失敗しました。プログラムの不具合です: {detail}",
    Says.NO_PROFILE: "プロファイルを使用できません: {detail}",
    Says.NO_LISTS: "警告リストを使用できません: {detail}",
    Says.BAD_JOURNAL: "{state} に、このバージョンで読める取り込みの記録がありません。",
    Says.NO_IMPORT: "取り込み {name} は見つかりません。"
    "一覧は `securegrid ingest imports` で確認できます。",
    Says.MISP_FAILED: "{misp} でエラーが発生しました: {reason}。未確認の分は記録に残っています。"
    "同じコマンドをもう一度実行すると、続きから再開します。",
    Says.STATE_FAILED: "{state} に記録を書き込めません: {detail}",
    Says.BAD_LABELS: "{file} は FortiGate のメッセージ ID の表として読めません: {detail}",
    Says.BAD_TABLE_COLUMNS: "列の指定を解釈できません: {detail}。"
    "--column value=IOC のように指定してください。",
    Says.STOPPED: "中断しました。同じコマンドをもう一度実行すると、続きから再開します。",
    Says.NOW_READING: "読み込み中 {file}: {lines:,} 行、毎秒 {rate:,} 行、解釈できない行 {bad:,}"
    "{part}",
    Says.NOW_COUNTING: "集計中",
    Says.NOW_CHECKING: "確認中: イベント {events:,} 件、属性 {attributes:,} 件",
    Says.NOW_WRITING: "書き込み中: イベント {done:,} / {of:,} 件",
    Says.NOW_WAITING: "{seconds:,} 秒待機中: {reason}",
    Says.NOW_UNDOING: "取り消し中: イベント {done:,} / {of:,} 件",
    Says.READ: "{lines:,} 行を読み込みました: データ {counted:,} 行、対象外 {passed:,} 行、"
    "解釈できない行 {bad:,} 行。",
    Says.BAD_LINES: "  {count:,} 行: {reason}",
    Says.FILE_STATE: "  {file}: {state}{detail}",
    Says.SEE_REPORT: "解釈できなかった行: {file}",
    Says.WOULD_WRITE: "書き込む内容: イベント {events:,} 件、属性 {attributes:,} 件 "
    "(オブジェクト {objects:,} 件)、{first} ～ {last}。まだ何も書き込んでいません。",
    Says.TO_WRITE: "書き込む内容: イベント {events:,} 件、属性 {attributes:,} 件 "
    "(オブジェクト {objects:,} 件)、{first} ～ {last}。",
    Says.NOTHING_TO_WRITE: "新しく書き込むものはありません。",
    Says.OF_TYPE: "  {name} {count:,} 件",
    Says.OF_TEMPLATE: "  オブジェクト {name} {count:,} 件",
    Says.SAMPLE: "  {date}  {info}  [{tags}]  属性 {attributes:,} 件",
    Says.SAMPLE_MORE: "      {type}  {value}  {comment}",
    Says.QUALITY: "品質 {points} / 100: エラー {errors:,} 件、警告 {warnings:,} 件。",
    Says.FINDING: "  {severity} {rule}: {of:,} 件中 {found:,} 件、{said}",
    Says.EXAMPLE: "      {example}",
    Says.WROTE: "取り込み {name} ({misp}): イベント 新規 {made:,} 件、追記 {extended:,} 件、"
    "変更なし {unchanged:,} 件。",
    Says.WROTE_CONTENTS: "  属性 追加 {added:,} 件、更新 {changed:,} 件。",
    Says.REFUSED: "  エラーのため除外: 属性 {attributes:,} 件、イベント {events:,} 件 "
    "(--force を指定すると書き込みます)。",
    Says.FORCED: "  エラーのあるデータも書き込みました (--force)。記録に残しています。",
    Says.DROPPED: "  MISP が受け付けなかった属性: {count:,} 件",
    Says.DROPPED_ONE: "      {type} {value}: {told}",
    Says.ALTERED: "  MISP が別の表記で保存した属性: {count:,} 件。",
    Says.DELETED_THERE: "  MISP で削除済みのため、そのままにした属性: {count:,} 件。",
    Says.REWRITTEN: "  一部の MISP で保存できない文字をコードに置き換えた属性: {count:,} 件。",
    Says.UNPUBLISHED: "  公開されていないイベント: {count:,} 件 (キーに公開権限がありません)。",
    Says.TAGS_MISSING: "  MISP が受け付けなかったタグ "
    "(キーにタグ作成権限があるか確認してください): {tags}",
    Says.FAILED_EVENT: "  失敗: {info}: {reason} {told}",
    Says.HOW_TO_UNDO: "すべて取り消すには: securegrid ingest undo {name}",
    Says.NO_IMPORTS: "取り込みはまだありません ({state})。",
    Says.IMPORT: "取り込み",
    Says.SOURCE: "情報源",
    Says.BEGUN: "開始 (UTC)",
    Says.STATE: "状態",
    Says.EVENTS: "イベント",
    Says.ATTRIBUTES: "属性",
    Says.WITH_FORCE: "強制",
    Says.UNDONE: "取り込み {name} を取り消しました: イベント 削除 {events:,} 件、"
    "ほかのデータがあるため保持 {kept:,} 件。属性 {attributes:,} 件とオブジェクト {objects:,} 件を"
    "削除し、属性 {restored:,} 件を元に戻しました。",
    Says.LEFT_TO_LATER: "  後の取り込みにも含まれるため残したもの: {count:,} 件。",
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
