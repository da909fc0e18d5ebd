"""What to do next about a failure, a cell that was not asked, or a rejected piece."""

from enum import StrEnum
from typing import Final

from securegrid.federation.outcomes import Why
from securegrid.index.trouble import Trouble
from securegrid.misp.failures import Reason
from securegrid.values.model import Reject

WORDS: Final[dict[type[StrEnum], dict[str, tuple[str, str]]]] = {
    Reason: {
        Reason.UNREACHABLE: (
            "Ask again later; the MISP's owner should check its address, firewall and service.",
            "時間をおいて再度お試しください。オーナーはアドレス、ファイアウォール、サービスの状態を確認してください。",
        ),
        Reason.ADDRESS_FORBIDDEN: (
            "The operator should check the MISP's address and where its name leads to.",
            "運営者はMISPのアドレスと名前解決の結果を確認してください。",
        ),
        Reason.TLS_FAILED: (
            "The owner should renew the certificate, or give the portal its CA or client "
            "certificate.",
            "オーナーは証明書を更新するか、認証局証明書またはクライアント証明書をポータルに登録してください。",
        ),
        Reason.TIMED_OUT: (
            "Ask the missing values again, with a longer time limit if this repeats.",
            "不足分を再検索してください。繰り返す場合は制限時間を延ばしてください。",
        ),
        Reason.CONNECTION_LOST: (
            "Ask the missing values again; if this repeats, tell the MISP's owner.",
            "不足分を再検索してください。繰り返す場合はMISPのオーナーに連絡してください。",
        ),
        Reason.KEY_REJECTED: (
            "The owner should give the portal a new auth key, or allow the portal's address.",
            "オーナーは新しい認証キーを登録するか、キーの許可アドレスにポータルを追加してください。",
        ),
        Reason.NO_PERMISSION: (
            "The owner should give the key's user a role that may use the API.",
            "オーナーは認証キーのユーザーにAPI利用権限のあるロールを割り当ててください。",
        ),
        Reason.MAINTENANCE: (
            "Ask the missing values again when the maintenance is over.",
            "メンテナンス終了後に不足分を再検索してください。",
        ),
        Reason.RATE_LIMITED: (
            "Ask again in some minutes; the owner can raise the limit or set a pause.",
            "数分おいて再検索してください。オーナーは上限の引き上げや待ち時間の設定ができます。",
        ),
        Reason.UNAVAILABLE: (
            "Ask again in some minutes; if this lasts, tell the MISP's owner.",
            "数分おいて再検索してください。続く場合はMISPのオーナーに連絡してください。",
        ),
        Reason.SERVER_ERROR: (
            "Ask again; if this repeats, the owner should read the MISP's error log.",
            "再検索してください。繰り返す場合、オーナーはMISPのエラーログを確認してください。",
        ),
        Reason.REDIRECTED: (
            "The owner should enter the address at which the MISP really answers.",
            "オーナーはMISPが実際に応答するアドレスを登録してください。",
        ),
        Reason.NOT_JSON: (
            "The owner should check that the address leads to the MISP and not to a proxy's page.",
            "オーナーはアドレスがプロキシなどの画面ではなく、MISPを指していることを確認してください。",
        ),
        Reason.MALFORMED: (
            "Ask again; if this repeats, the operator should check the MISP's version.",
            "再検索してください。繰り返す場合、運営者はMISPのバージョンを確認してください。",
        ),
        Reason.TOO_LARGE: (
            "Ask fewer values at once, or leave out very common ones.",
            "検索値を減らすか、ごく一般的な値を除いて再検索してください。",
        ),
        Reason.REQUEST_REFUSED: (
            "Asking again does not help; the operator should read the portal's log.",
            "再検索しても解決しません。運営者はポータルのログを確認してください。",
        ),
    },
    Why: {
        Why.DEADLINE: (
            "Ask the missing values again, with a longer time limit.",
            "制限時間を延ばして不足分を再検索してください。",
        ),
        Why.INTERRUPTED: (
            "Ask the missing values again.",
            "不足分を再検索してください。",
        ),
        Why.TOO_MANY_ROWS: (
            "Search the very common values by themselves, or ask the MISP's owner.",
            "ごく一般的な値は個別に検索するか、MISPのオーナーに問い合わせてください。",
        ),
        Why.INDEX_FAILED: (
            "Ask the missing values again; if this repeats, the operator should check the index.",
            "不足分を再検索してください。繰り返す場合、運営者はインデックスの状態を確認してください。",
        ),
        Why.RESTING: (
            "The portal tries the MISP again by itself; ask the missing values later.",
            "ポータルが自動的に再接続を試みます。後ほど不足分を再検索してください。",
        ),
        Why.SWITCHED_OFF: (
            "Only the MISP's owner can switch it on again.",
            "再開できるのはMISPのオーナーだけです。",
        ),
        Why.UNSAFE_VALUE: (
            "Search for a part without the % or ! at its ends, such as the file name alone.",
            "先頭・末尾の「%」「!」を除いた部分（ファイル名のみなど）で検索してください。",
        ),
        Why.INDEX_STALE: (
            "Ask the missing values again after the next sync; if this lasts, tell its owner.",
            "次回の同期後に不足分を再検索してください。続く場合はMISPのオーナーに連絡してください。",
        ),
        Why.INDEX_MISSING: (
            "Ask the missing values again when the first sync is complete.",
            "初回の同期が完了してから不足分を再検索してください。",
        ),
        Why.NOT_PRIVATE: (
            "To ask it as well, repeat the search without this limit: its owner can then see every "
            "searched value.",
            "このMISPにも問い合わせるには、限定を外して検索し直してください（検索値はすべて、このMISPのオーナーに見えるようになります）。",
        ),
        Why.TOO_WIDE: (
            "Search smaller networks: /12 to /31 in IPv4; /36 to /48, /52 to /64 or from /116 in "
            "IPv6.",
            "ネットワークを分割してください（IPv4は/12～/31、IPv6は/36～/48、/52～/64、/116以上）。",
        ),
    },
    Reject: {
        Reject.EMPTY: (
            "Paste a list, a CSV or the text of a report.",
            "リスト、CSV、またはレポートの本文を貼り付けてください。",
        ),
        Reject.UNKNOWN_KIND: (
            "Check the spelling, or name the kind in a column of its own.",
            "表記を確認するか、種別の列を付けて指定してください。",
        ),
        Reject.TOO_LONG: (
            "Check whether several values were joined into one.",
            "複数の値がつながっていないか確認してください。",
        ),
        Reject.CONTROL_CHARACTERS: (
            "Save the file as plain text in UTF-8 and try again.",
            "UTF-8のテキスト形式で保存し直してから、再度お試しください。",
        ),
        Reject.INVALID_ADDRESS: (
            "Check the digits: 0 to 255 without leading zeros in IPv4.",
            "数字を確認してください（IPv4は0～255、先頭の0は不可）。",
        ),
        Reject.INVALID_NETWORK: (
            "Give a prefix length of 0 to 32 for IPv4, 0 to 128 for IPv6.",
            "プレフィックス長はIPv4で0～32、IPv6で0～128を指定してください。",
        ),
        Reject.INVALID_HOST: (
            "Check for characters that a host name cannot hold.",
            "ホスト名に使えない文字がないか確認してください。",
        ),
        Reject.UNKNOWN_SUFFIX: (
            "If the name is right, say in a column that it is a host name or a file name.",
            "名前が正しければ、種別の列でホスト名またはファイル名と指定してください。",
        ),
        Reject.INVALID_URL: (
            "Check the host and the port, and that there is no blank in it.",
            "ホストとポートを確認し、空白が含まれていないか確認してください。",
        ),
        Reject.INVALID_EMAIL: (
            "Check what stands before and after the @.",
            "「@」の前後を確認してください。",
        ),
        Reject.INVALID_CHECKSUM: (
            "Copy the address again from its source.",
            "出典からアドレスをコピーし直してください。",
        ),
        Reject.TOO_MANY: (
            "Split the list and search the rest separately.",
            "リストを分割し、残りを別に検索してください。",
        ),
    },
    Trouble: {
        Trouble.INTERRUPTED: (
            "There is nothing to do; what was already read is kept.",
            "操作は不要です。すでに読み取った分は保持されています。",
        ),
        Trouble.INCOMPLETE: (
            "Check at the MISP whether the key may read all events and whether they load there.",
            "キーがすべてのイベントを読めるか、MISPでイベントを表示できるかを確認してください。",
        ),
        Trouble.STORE_FAILED: (
            "Ask the operator to look at the disk or the database server of the index.",
            "インデックス用のディスクまたはデータベースサーバーの確認を運営者に依頼してください。",
        ),
        Trouble.UNEXPECTED: (
            "It is tried again; ask the operator to look at the log if it stays.",
            "自動的に再試行します。続く場合は、運営者にログの確認を依頼してください。",
        ),
    },
}
"""Enum, then code, then (English, Japanese). Whole sentences."""
