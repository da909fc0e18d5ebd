"""What the demo tells while it starts, and the page of addresses and sign-ins it ends with."""

import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path

from securegrid.cli.words import Language
from securegrid.demo import cast
from securegrid.demo.beginning import Source
from securegrid.demo.folder import Folder, State


class Tell(StrEnum):
    """One thing that the demo tells."""

    PREPARING = "preparing"
    PREPARING_REAL = "preparing_real"
    FILLED = "filled"
    READING = "reading"
    INDEXING = "indexing"
    NOT_INDEXED = "not_indexed"
    SEARCHING = "searching"
    STOPPING = "stopping"
    READY = "ready"
    SIGN_INS = "sign_ins"
    NODES = "nodes"
    FILES = "files"
    TRY = "try"
    COMPOSED = "composed"
    REAL = "real"
    ENDING = "ending"


_ENGLISH: Mapping[Tell, str] = {
    Tell.PREPARING: "Composing the alliance's data ...",
    Tell.PREPARING_REAL: "Filling the nodes with real data (up to a minute) ...",
    Tell.FILLED: "  {name}: {events:,} events, {attributes:,} attributes",
    Tell.READING: "Reading the composed logs into GEO-MISP and IPA-MISP ...",
    Tell.INDEXING: "Filling the indexes ...",
    Tell.NOT_INDEXED: "They are not filled yet; searches say so until they are.",
    Tell.SEARCHING: "Running the first search ...",
    Tell.STOPPING: "Stopping ...",
    Tell.READY: "SecureGRID Portal is ready at {address}/",
    Tell.SIGN_INS: "Sign in as (role, member, e-mail, password):",
    Tell.NODES: "Embedded MISP nodes:",
    Tell.FILES: "Passwords, API tokens and MISP keys: {file}",
    Tell.TRY: "The trial's tables, from another terminal:",
    Tell.COMPOSED: "All data is composed; only the 13 addresses of the published trial are real.",
    Tell.REAL: "The data is REAL: its host names and addresses are malicious. Never open or "
    "resolve them.\nOSINT: ESET's MISP events and the APT trails. LAB: LAC's cybercrime lists.\n"
    "IPA: LAC's honeypot lists. GEO: data-centre networks, and the known addresses in them.",
    Tell.ENDING: "It stays up until Ctrl-C. What you do in it is kept; FRESH=1 begins anew.",
}
_JAPANESE: Mapping[Tell, str] = {
    Tell.PREPARING: "アライアンスのデータを合成しています ...",
    Tell.PREPARING_REAL: "実データをノードに登録しています (最大1分ほどかかります) ...",
    Tell.FILLED: "  {name}: イベント {events:,} 件、属性 {attributes:,} 件",
    Tell.READING: "合成したログを GEO-MISP と IPA-MISP に取り込んでいます ...",
    Tell.INDEXING: "インデックスを作成しています ...",
    Tell.NOT_INDEXED: "インデックスはまだ完成していません。完成するまで検索結果に表示されます。",
    Tell.SEARCHING: "最初の検索を実行しています ...",
    Tell.STOPPING: "停止しています ...",
    Tell.READY: "SecureGRID Portal の準備ができました: {address}/",
    Tell.SIGN_INS: "サインイン (役割、メンバー、メールアドレス、パスワード):",
    Tell.NODES: "組み込み MISP ノード:",
    Tell.FILES: "パスワード、API トークン、MISP の認証キー: {file}",
    Tell.TRY: "実証実験の表を作るには、別の端末で次を実行してください:",
    Tell.COMPOSED: "データはすべて合成です。実在するのは公開された実証実験の13アドレスだけです。",
    Tell.REAL: "実データです。登録されているホスト名やアドレスは悪性です。"
    "アクセスや名前解決をしないでください。\n"
    "OSINT: ESET の MISP イベントと APT の痕跡リスト。LAB: LAC のサイバー犯罪リスト。\n"
    "IPA: LAC のハニーポットリスト。GEO: データセンターのネットワークと、その中の既知アドレス。",
    Tell.ENDING: "Ctrl-C で終了します。操作内容は保存されます。FRESH=1 で最初からやり直せます。",
}
CATALOGUES = {Language.ENGLISH: _ENGLISH, Language.JAPANESE: _JAPANESE}


def told(what: Tell, language: Language, **parts: object) -> None:
    """Tell what is happening, on standard error."""
    print(CATALOGUES[language][what].format(**parts), file=sys.stderr, flush=True)


def welcome(address: str, state: State, folder: Folder, source: Source, language: Language) -> str:
    """Everything that somebody needs in order to begin."""
    words = CATALOGUES[language]
    people = [(one.role, one.member or "-", one.email, one.password) for one in state.people]
    nodes = [(node.name, node.member, node.url) for node in state.nodes]
    lines = [
        "",
        words[Tell.READY].format(address=address),
        "",
        words[Tell.SIGN_INS],
        *_columns(people),
        "",
        words[Tell.NODES],
        *_columns(nodes),
        "",
        words[Tell.FILES].format(file=folder.credentials_file),
        words[Tell.COMPOSED if source.real_data is None else Tell.REAL],
        *(_trial(address, folder, words) if source.real_data is None else ()),
        words[Tell.ENDING],
    ]
    return "\n".join(lines)


def _columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [
        "  "
        + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _trial(address: str, folder: Folder, words: Mapping[Tell, str]) -> list[str]:
    analyst = folder.token_file(cast.TRIAL_ANALYST)
    command = Path(sys.executable).with_name("securegrid")
    return [
        words[Tell.TRY],
        f"  {command} trial {folder.root / 'blacktech.csv'} \\",
        f"    --portal {address} --token-file {analyst} --out {folder.root / 'trial'}",
    ]
