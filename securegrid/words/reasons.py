"""Why a piece was rejected, or a MISP gave no answer or was not asked."""

from enum import StrEnum
from typing import Final

from securegrid.federation.outcomes import Why
from securegrid.index.trouble import Trouble
from securegrid.misp.failures import Reason
from securegrid.values.model import Reject

WORDS: Final[dict[type[StrEnum], dict[str, tuple[str, str]]]] = {
    Reject: {
        Reject.EMPTY: ("there is nothing here", "何も入力されていません"),
        Reject.UNKNOWN_KIND: (
            "no known kind of indicator",
            "検索できる種別の値として認識できません",
        ),
        Reject.TOO_LONG: ("longer than a MISP can be asked", "長すぎてMISPに問い合わせできません"),
        Reject.CONTROL_CHARACTERS: (
            "holds control characters, as binary data does",
            "制御文字（バイナリデータなど）が含まれています",
        ),
        Reject.INVALID_ADDRESS: ("not a possible address", "アドレスとして正しくありません"),
        Reject.INVALID_NETWORK: (
            "not a possible network: check the prefix length",
            "ネットワークとして正しくありません（プレフィックス長を確認してください）",
        ),
        Reject.INVALID_HOST: (
            "not a possible domain or host name",
            "ドメイン名・ホスト名として正しくありません",
        ),
        Reject.UNKNOWN_SUFFIX: (
            "ends in no known top-level domain or file extension",
            "末尾が既知のトップレベルドメインでも拡張子でもありません",
        ),
        Reject.INVALID_URL: ("not a possible URL", "URLとして正しくありません"),
        Reject.INVALID_EMAIL: (
            "not a possible e-mail address",
            "メールアドレスとして正しくありません",
        ),
        Reject.INVALID_CHECKSUM: (
            "its checksum is wrong: probably mistyped or cut off",
            "チェックサムが一致しません（誤記または欠落の可能性があります）",
        ),
        Reject.TOO_MANY: (
            "beyond the number of values that one search takes",
            "1回の検索で扱える件数を超えています",
        ),
    },
    Reason: {
        Reason.UNREACHABLE: (
            "the MISP could not be reached",
            "MISPに接続できませんでした",
        ),
        Reason.ADDRESS_FORBIDDEN: (
            "the MISP's address is one that the portal must not connect to",
            "MISPのアドレスは、ポータルからの接続が禁止されています",
        ),
        Reason.TLS_FAILED: (
            "the MISP's certificate could not be verified",
            "MISPの証明書を検証できませんでした",
        ),
        Reason.TIMED_OUT: (
            "the MISP did not answer in time",
            "MISPから時間内に回答がありませんでした",
        ),
        Reason.CONNECTION_LOST: (
            "the connection to the MISP broke off",
            "MISPとの接続が途中で切れました",
        ),
        Reason.KEY_REJECTED: (
            "the MISP did not accept the portal's key",
            "ポータルの認証キーがMISPに拒否されました",
        ),
        Reason.NO_PERMISSION: (
            "the portal's key may not do this on the MISP",
            "ポータルの認証キーに、MISPでの必要な権限がありません",
        ),
        Reason.MAINTENANCE: (
            "the MISP is under maintenance",
            "MISPはメンテナンス中です",
        ),
        Reason.RATE_LIMITED: (
            "the MISP limits the number of requests and wants a pause",
            "MISPのリクエスト数の上限に達しました",
        ),
        Reason.UNAVAILABLE: (
            "the MISP is not available at the moment",
            "MISPは一時的に利用できません",
        ),
        Reason.SERVER_ERROR: (
            "the MISP reported an error of its own",
            "MISPの内部でエラーが発生しました",
        ),
        Reason.REDIRECTED: (
            "the MISP pointed to another address, which the portal does not follow",
            "MISPが別のアドレスへ転送しようとしました（ポータルは転送に従いません）",
        ),
        Reason.NOT_JSON: (
            "the answer was not JSON: probably not a MISP's interface",
            "回答がJSONではありません（MISPのAPIではない可能性があります）",
        ),
        Reason.MALFORMED: (
            "the answer was damaged or not as MISPs answer",
            "回答が壊れているか、MISPの形式ではありません",
        ),
        Reason.TOO_LARGE: (
            "the answer was larger than the portal accepts",
            "回答がポータルの受信上限を超えました",
        ),
        Reason.REQUEST_REFUSED: (
            "the MISP refused the request",
            "MISPがリクエストを拒否しました",
        ),
    },
    Why: {
        Why.DEADLINE: (
            "the search's time was over before the MISP answered",
            "MISPが回答する前に検索の制限時間になりました",
        ),
        Why.INTERRUPTED: (
            "the search was interrupted before the MISP answered",
            "MISPが回答する前に検索が中断されました",
        ),
        Why.TOO_MANY_ROWS: (
            "the MISP holds more matching rows than were read",
            "該当データが多すぎて、MISPの回答をすべて読み取れませんでした",
        ),
        Why.INDEX_FAILED: (
            "the index could not be read",
            "インデックスを読み取れませんでした",
        ),
        Why.RESTING: (
            "the MISP rests after repeated failures",
            "失敗が続いたため、MISPへの問い合わせを休止しています",
        ),
        Why.SWITCHED_OFF: (
            "the MISP's owner has switched it off",
            "MISPのオーナーが接続を停止しています",
        ),
        Why.UNSAFE_VALUE: (
            "MISP would read the value as a wildcard or a negation",
            "MISPがこの値をワイルドカードまたは否定として解釈してしまいます",
        ),
        Why.INDEX_STALE: (
            "the index of the MISP is older than its limit",
            "MISPのインデックスが有効期限を過ぎています",
        ),
        Why.INDEX_MISSING: (
            "the MISP has no complete index yet",
            "MISPのインデックスがまだ完成していません",
        ),
        Why.NOT_PRIVATE: (
            "the search was kept to indexed MISPs, and this one is asked live",
            "インデックス方式のMISPに限定した検索のため、ライブ方式のこのMISPには問い合わせていません",
        ),
        Why.TOO_WIDE: (
            "the network is too wide to look for the addresses inside it",
            "範囲が広すぎるため、このネットワーク内のアドレスは検索できません",
        ),
    },
    Trouble: {
        Trouble.INTERRUPTED: (
            "the portal's sync was interrupted; it goes on by itself",
            "ポータルの同期処理が中断されました（自動的に再開します）",
        ),
        Trouble.INCOMPLETE: (
            "the MISP gave fewer attributes than it says it has",
            "MISPが返した属性の件数が、MISP自身の示す件数より少なくなっています",
        ),
        Trouble.STORE_FAILED: (
            "the portal could not write its index",
            "ポータルがインデックスを書き込めませんでした",
        ),
        Trouble.UNEXPECTED: (
            "something went wrong in the portal",
            "ポータルの内部で問題が発生しました",
        ),
    },
}
"""Enum, then code, then (English, Japanese). Fragments: no capital, no full stop."""
