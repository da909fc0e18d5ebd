"""What the command line says to people, in English and Japanese."""

import os
from collections.abc import Mapping
from enum import StrEnum


class Language(StrEnum):
    """A language in which the command line speaks."""

    ENGLISH = "en"
    JAPANESE = "ja"


class Say(StrEnum):
    """One thing that the command line can say; the parts in braces are filled in."""

    ERROR = "error"
    NO_FILE = "no_file"
    NOT_READABLE = "not_readable"
    EMPTY = "empty"
    BINARY = "binary"
    INPUT_TOO_LARGE = "input_too_large"
    READING = "reading"
    NO_PORTAL = "no_portal"
    BAD_PORTAL = "bad_portal"
    NO_TOKEN = "no_token"  # noqa: S105 - a code, not a secret
    BAD_TOKEN = "bad_token"  # noqa: S105
    BOTH_FROM_STDIN = "both_from_stdin"
    BAD_CA = "bad_ca"
    PLAIN_HTTP = "plain_http"
    UNREACHABLE = "unreachable"
    TLS_FAILED = "tls_failed"
    TIMED_OUT = "timed_out"
    NOT_A_PORTAL = "not_a_portal"
    PORTAL_SAID = "portal_said"
    STREAM_LOST = "stream_lost"
    NOT_WRITABLE = "not_writable"
    WRITTEN = "written"
    NOTHING_FOUND = "nothing_found"
    INTERRUPTED = "interrupted"
    SETTINGS = "settings"
    MIGRATIONS = "migrations"
    PORT_BUSY = "port_busy"
    DEMO_RUNS = "demo_runs"
    DEMO_PORT_BUSY = "demo_port_busy"
    DEMO_NO_DATA = "demo_no_data"
    DEMO_PART_FAILED = "demo_part_failed"

    MISP = "misp"
    MEMBER = "member"
    STATE = "state"
    MODE = "mode"
    LIVE = "live"
    INDEXED = "indexed"
    INDEXED_OF = "indexed_of"
    RELATION = "relation"
    NO_DETAILS = "no_details"
    HITS = "hits"
    VALUES_HIT = "values_hit"
    ANSWER_TIME = "answer_time"
    VALUE = "value"
    KIND = "kind"
    AS_WRITTEN = "as_written"
    LABEL = "label"
    SOURCE = "source"
    NETWORK = "network"
    EVENTS = "events"
    COUNT = "count"
    REASON = "reason"
    REJECTED = "rejected"
    SUMMARY = "summary"
    COUNT_HIDDEN = "count_hidden"

    ANSWERED = "answered"
    PARTLY = "partly"
    NOT_ANSWERED = "not_answered"
    NOT_ASKED = "not_asked"
    RUNNING = "running"

    TRIAL_TITLE = "trial_title"
    TRIAL_ASKED = "trial_asked"
    TRIAL_PER_MISP = "trial_per_misp"
    TRIAL_HITS = "trial_hits"
    TRIAL_ORDER = "trial_order"
    TRIAL_NETWORKS = "trial_networks"
    TRIAL_NO_HITS = "trial_no_hits"
    TRIAL_NUMBER = "trial_number"
    TRIAL_OF = "trial_of"
    TRIAL_INCOMPLETE = "trial_incomplete"


_ENGLISH: Mapping[Say, str] = {
    Say.ERROR: "Error: {message}",
    Say.NO_FILE: "There is no file {file}.",
    Say.NOT_READABLE: "{file} cannot be read: {detail}.",
    Say.EMPTY: "There is nothing to search for: the input is empty.",
    Say.BINARY: "The input is not text. Give a list, a CSV file or a text (UTF-8 or Shift_JIS).",
    Say.INPUT_TOO_LARGE: "The input is larger than {limit} MB. Split it into parts.",
    Say.READING: "Reading from the terminal; end with Ctrl-D.",
    Say.NO_PORTAL: "Which portal? Give --portal URL or set SECUREGRID_PORTAL.",
    Say.BAD_PORTAL: "{url} is no portal's address: it must begin with https:// or http://.",
    Say.NO_TOKEN: "A token is needed: --token-file FILE, SECUREGRID_TOKEN, or --token.",
    Say.BAD_TOKEN: "The token holds characters that no token has. Was it copied whole?",
    Say.BOTH_FROM_STDIN: "Token and values cannot both come from standard input.",
    Say.BAD_CA: "{file} holds no certificates in PEM form.",
    Say.PLAIN_HTTP: "Warning: {url} is not encrypted; others on the way can read the token.",
    Say.UNREACHABLE: "{url} cannot be reached. Is the address right, is the portal running?",
    Say.TLS_FAILED: "The certificate of {url} is not trusted. Name its own CA with --ca FILE.",
    Say.TIMED_OUT: "{url} did not answer in time.",
    Say.NOT_A_PORTAL: "{url} did not answer like a SecureGRID Portal (HTTP {status}).",
    Say.PORTAL_SAID: "The portal refused: {message} ({code})",
    Say.STREAM_LOST: "The live connection broke; asking the portal again until it is done.",
    Say.NOT_WRITABLE: "{file} cannot be written: {detail}.",
    Say.WRITTEN: "Written: {files}",
    Say.NOTHING_FOUND: "Nothing that could be searched was found in the input.",
    Say.INTERRUPTED: "Stopped here; a search that was sent goes on in the portal.",
    Say.SETTINGS: "The portal does not start with these settings: {detail}",
    Say.MIGRATIONS: "The database is not up to date. Run: securegrid serve --migrate",
    Say.PORT_BUSY: "Port {port} of {host} is in use. Choose another one with --port.",
    Say.DEMO_RUNS: "A demo runs from {folder} already. End it with Ctrl-C first.",
    Say.DEMO_PORT_BUSY: "Port {port} is in use. Choose another one: make demo PORT=8100",
    Say.DEMO_NO_DATA: "{folder} is not the folder of real data: {absent} is missing.",
    Say.DEMO_PART_FAILED: "{part} ended by itself. Its last words:\n{words}",
    Say.MISP: "MISP",
    Say.MEMBER: "Member",
    Say.STATE: "State",
    Say.MODE: "Mode",
    Say.LIVE: "live",
    Say.INDEXED: "indexed",
    Say.INDEXED_OF: "indexed, {age} old",
    Say.RELATION: "Relation",
    Say.NO_DETAILS: "hit at the last sync, details not available ({reason})",
    Say.HITS: "Hits",
    Say.VALUES_HIT: "Values hit",
    Say.ANSWER_TIME: "Answer time",
    Say.VALUE: "Value",
    Say.KIND: "Kind",
    Say.AS_WRITTEN: "As written",
    Say.LABEL: "Label",
    Say.SOURCE: "Source",
    Say.NETWORK: "Network",
    Say.EVENTS: "Events (count)",
    Say.COUNT: "Count",
    Say.REASON: "Reason",
    Say.REJECTED: "Not understood",
    Say.SUMMARY: "{values} values at {misps} MISPs: {hit} hit, {miss} no hit, "
    "{not_answered} not answered, {not_asked} not asked.",
    Say.COUNT_HIDDEN: "yes",
    Say.ANSWERED: "answered",
    Say.PARTLY: "partly",
    Say.NOT_ANSWERED: "not answered",
    Say.NOT_ASKED: "not asked",
    Say.RUNNING: "running",
    Say.TRIAL_TITLE: "Cross-search of {label}",
    Say.TRIAL_ASKED: "{values} values, asked on {when}, complete after {seconds} s.",
    Say.TRIAL_PER_MISP: "Values hit in each MISP",
    Say.TRIAL_HITS: "The hits",
    Say.TRIAL_ORDER: "Rarest first: values that hit where the fewest values did.",
    Say.TRIAL_NETWORKS: "Networks and their countries as of {day} (iptoasn.com, PDDL 1.0).",
    Say.TRIAL_NO_HITS: "No value hit.",
    Say.TRIAL_NUMBER: "No.",
    Say.TRIAL_OF: "of {values}",
    Say.TRIAL_INCOMPLETE: "Not every MISP answered for every value: "
    "a value without a hit here may still be known there.",
}

_JAPANESE: Mapping[Say, str] = {
    Say.ERROR: "エラー: {message}",
    Say.NO_FILE: "ファイル {file} が見つかりません。",
    Say.NOT_READABLE: "{file} を読み込めません: {detail}",
    Say.EMPTY: "入力が空のため、検索する値がありません。",
    Say.BINARY: "入力がテキストではありません。一覧、CSV、文章 "
    "(UTF-8 または Shift_JIS) を指定してください。",
    Say.INPUT_TOO_LARGE: "入力が {limit} MB を超えています。分割してください。",
    Say.READING: "端末から読み込んでいます。Ctrl-D で終了します。",
    Say.NO_PORTAL: "ポータルのアドレスを --portal URL または "
    "SECUREGRID_PORTAL で指定してください。",
    Say.BAD_PORTAL: "{url} はポータルのアドレスではありません。"
    "https:// または http:// で始めてください。",
    Say.NO_TOKEN: "トークンが必要です。--token-file FILE、"
    "SECUREGRID_TOKEN、--token のいずれかで指定してください。",
    Say.BAD_TOKEN: "トークンに使えない文字が含まれています。"
    "全体が正しくコピーされているか確認してください。",
    Say.BOTH_FROM_STDIN: "トークンと検索値の両方を標準入力から読むことはできません。",
    Say.BAD_CA: "{file} に PEM 形式の証明書がありません。",
    Say.PLAIN_HTTP: "警告: {url} は暗号化されていません。"
    "通信経路上でトークンを読まれるおそれがあります。",
    Say.UNREACHABLE: "{url} に接続できません。アドレスと、"
    "ポータルが動作していることを確認してください。",
    Say.TLS_FAILED: "{url} の証明書を信頼できません。独自の CA は --ca FILE で指定してください。",
    Say.TIMED_OUT: "{url} から時間内に応答がありませんでした。",
    Say.NOT_A_PORTAL: "{url} の応答は SecureGRID Portal のものではありません (HTTP {status})。",
    Say.PORTAL_SAID: "ポータルが受け付けませんでした: {message} ({code})",
    Say.STREAM_LOST: "ライブ接続が切れました。完了するまでポータルに繰り返し確認します。",
    Say.NOT_WRITABLE: "{file} に書き込めません: {detail}",
    Say.WRITTEN: "書き出しました: {files}",
    Say.NOTHING_FOUND: "入力に検索できる値が見つかりませんでした。",
    Say.INTERRUPTED: "中断しました。送信済みの検索はポータルで続行されます。",
    Say.SETTINGS: "この設定ではポータルを起動できません: {detail}",
    Say.MIGRATIONS: "データベースが最新ではありません。"
    "次を実行してください: securegrid serve --migrate",
    Say.PORT_BUSY: "{host} のポート {port} は使用中です。--port で別のポートを指定してください。",
    Say.DEMO_RUNS: "{folder} のデモはすでに動作しています。先に Ctrl-C で終了してください。",
    Say.DEMO_PORT_BUSY: "ポート {port} は使用中です。"
    "別のポートを指定してください: make demo PORT=8100",
    Say.DEMO_NO_DATA: "{folder} は実データのフォルダーではありません。{absent} がありません。",
    Say.DEMO_PART_FAILED: "{part} が異常終了しました。最後の出力:\n{words}",
    Say.MISP: "MISP",
    Say.MEMBER: "メンバー",
    Say.STATE: "状態",
    Say.MODE: "検索方式",
    Say.LIVE: "ライブ",
    Say.INDEXED: "インデックス",
    Say.INDEXED_OF: "インデックス ({age}前)",
    Say.RELATION: "関係",
    Say.NO_DETAILS: "最終同期時点でヒット、詳細は取得できません ({reason})",
    Say.HITS: "ヒット",
    Say.VALUES_HIT: "ヒットした値",
    Say.ANSWER_TIME: "応答時間",
    Say.VALUE: "値",
    Say.KIND: "種別",
    Say.AS_WRITTEN: "入力時の表記",
    Say.LABEL: "ラベル",
    Say.SOURCE: "情報源",
    Say.NETWORK: "ネットワーク (AS)",
    Say.EVENTS: "イベント (件数)",
    Say.COUNT: "件数",
    Say.REASON: "理由",
    Say.REJECTED: "認識できなかった入力",
    Say.SUMMARY: "{misps} 台の MISP に {values} 件の値を検索: ヒット {hit}、ヒットなし {miss}、"
    "回答なし {not_answered}、問い合わせなし {not_asked}",
    Say.COUNT_HIDDEN: "あり",
    Say.ANSWERED: "回答済み",
    Say.PARTLY: "一部回答",
    Say.NOT_ANSWERED: "回答なし",
    Say.NOT_ASKED: "問い合わせなし",
    Say.RUNNING: "問い合わせ中",
    Say.TRIAL_TITLE: "{label} の横断検索",
    Say.TRIAL_ASKED: "検索値 {values} 件、{when} に実行、{seconds} 秒で完了。",
    Say.TRIAL_PER_MISP: "MISP ごとのヒット件数",
    Say.TRIAL_HITS: "ヒット結果",
    Say.TRIAL_ORDER: "まれなものから順に並べています "
    "(ヒットした値が最も少ない MISP でヒットした値が先)。",
    Say.TRIAL_NETWORKS: "ネットワークと国は {day} 時点のデータによります (iptoasn.com、PDDL 1.0)。",
    Say.TRIAL_NO_HITS: "ヒットした値はありません。",
    Say.TRIAL_NUMBER: "No",
    Say.TRIAL_OF: "{values} 件中",
    Say.TRIAL_INCOMPLETE: "すべての値に全 MISP が回答したわけではありません。"
    "ここでヒットしていない値も、その MISP に存在する可能性があります。",
}

CATALOGUES: Mapping[Language, Mapping[Say, str]] = {
    Language.ENGLISH: _ENGLISH,
    Language.JAPANESE: _JAPANESE,
}


def say(what: Say, language: Language, **parts: object) -> str:
    """The words for ``what``, with its parts filled in."""
    return CATALOGUES[language][what].format(**parts)


def user_language() -> Language:
    """The language that the environment asks for, as POSIX orders its variables."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            wants_japanese = os.environ[name].lower().startswith("ja")
            return Language.JAPANESE if wants_japanese else Language.ENGLISH
    return Language.ENGLISH
