"""Why a change to people, members or MISPs was refused, in English and Japanese."""

from enum import StrEnum


class Problem(StrEnum):
    """What is wrong with what was asked for."""

    EMAIL_INVALID = "email_invalid"
    EMAIL_TAKEN = "email_taken"
    PASSWORD_WEAK = "password_weak"  # noqa: S105 - a reason, not a password
    NAME_INVALID = "name_invalid"
    NAME_TAKEN = "name_taken"
    ROLES_EMPTY = "roles_empty"
    MEMBER_NEEDED = "member_needed"
    LAST_OPERATOR = "last_operator"
    NOT_ALLOWED = "not_allowed"
    LINK_DEAD = "link_dead"
    SCOPES_INVALID = "scopes_invalid"
    LIFETIME_INVALID = "lifetime_invalid"
    URL_INVALID = "url_invalid"
    URL_NOT_HTTPS = "url_not_https"
    URL_WITH_EXTRAS = "url_with_extras"
    ADDRESS_FORBIDDEN = "address_forbidden"
    KEY_INVALID = "key_invalid"
    KEY_NEEDED_AGAIN = "key_needed_again"
    KEY_MISSING = "key_missing"
    TLS_INVALID = "tls_invalid"
    CA_INVALID = "ca_invalid"
    CA_NEEDED = "ca_needed"
    CLIENT_CERTIFICATE_INVALID = "client_certificate_invalid"
    VISIBILITY_INVALID = "visibility_invalid"
    MODE_INVALID = "mode_invalid"
    LIMIT_INVALID = "limit_invalid"
    LEFT_OUT_INVALID = "left_out_invalid"
    NOTICE_TOO_LONG = "notice_too_long"
    NOT_INDEXED = "not_indexed"
    INDEX_LIMIT_INVALID = "index_limit_invalid"
    INDEX_AGE_TOO_SHORT = "index_age_too_short"
    QUIET_HOURS_INVALID = "quiet_hours_invalid"
    UPLOAD_EMPTY = "upload_empty"
    UPLOAD_TOO_LARGE = "upload_too_large"
    TOO_MANY_IMPORTS = "too_many_imports"
    FORMAT_UNKNOWN = "format_unknown"
    SOURCE_INVALID = "source_invalid"
    COLUMNS_INVALID = "columns_invalid"
    PROXIES_INVALID = "proxies_invalid"
    ZONE_UNKNOWN = "zone_unknown"
    TLP_UNKNOWN = "tlp_unknown"
    IMPORT_BUSY = "import_busy"
    IMPORT_ELSEWHERE = "import_elsewhere"
    IMPORT_HALF_DONE = "import_half_done"
    MISP_NOT_OWN = "misp_not_own"
    MISP_SWITCHED_OFF = "misp_switched_off"


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not a fault
    """A change was refused; ``field`` names the part of the form or request that must change."""

    def __init__(self, problem: Problem, field: str) -> None:
        super().__init__(say(problem, "en"))
        self.problem = problem
        self.field = field

    def words(self, language: str) -> str:
        """The reason for people, in ``language`` (a Django language code)."""
        return say(self.problem, language)


def say(problem: Problem, language: str) -> str:
    """The words for ``problem``: Japanese for ``ja…``, otherwise English."""
    english, japanese = WORDS[problem]
    return japanese if language.startswith("ja") else english


WORDS: dict[Problem, tuple[str, str]] = {
    Problem.EMAIL_INVALID: (
        "This is not an e-mail address.",
        "メールアドレスの形式が正しくありません。",
    ),
    Problem.EMAIL_TAKEN: (
        "Someone already signs in with this e-mail address.",
        "このメールアドレスはすでに使われています。",
    ),
    Problem.PASSWORD_WEAK: (
        "The password needs at least 12 characters and must not be a common one.",
        "パスワードは12文字以上で、よく使われるものは避けてください。",
    ),
    Problem.NAME_INVALID: (
        "A name of 1 to 200 characters is needed (100 for a token, 150 for a person).",
        "名前は1〜200文字で入力してください（トークンは100文字、個人名は150文字まで）。",
    ),
    Problem.NAME_TAKEN: ("This name is already used.", "この名前はすでに使われています。"),
    Problem.ROLES_EMPTY: ("Choose at least one role.", "役割を1つ以上選んでください。"),
    Problem.MEMBER_NEEDED: (
        "Only an operator can be outside every member.",
        "メンバーに属さない利用者は運営者だけです。メンバーを選んでください。",
    ),
    Problem.LAST_OPERATOR: (
        "This is the last operator who can sign in.",
        "サインインできる運営者がほかにいないため、変更できません。",
    ),
    Problem.NOT_ALLOWED: ("You may not do this.", "この操作は許可されていません。"),
    Problem.LINK_DEAD: (
        "This link has been used or has expired; ask for a new one.",
        "このリンクは使用済みか期限切れです。新しいリンクを依頼してください。",
    ),
    Problem.SCOPES_INVALID: (
        "Choose at least one scope: search, owner or admin.",
        "スコープを1つ以上選んでください（search、owner、admin）。",
    ),
    Problem.LIFETIME_INVALID: (
        "A token lives for 1 to 366 days.",
        "トークンの有効期間は1〜366日です。",
    ),
    Problem.URL_INVALID: (
        "A MISP's address looks like https://misp.example.org.",
        "MISPのアドレスは https://misp.example.org のように入力してください。",
    ),
    Problem.URL_NOT_HTTPS: (
        "The address must begin with https://, unless verification is switched off.",
        "証明書の検証を無効にしない限り、アドレスは https:// で始めてください。",
    ),
    Problem.URL_WITH_EXTRAS: (
        "The address must hold neither a user name, a password, a query nor a fragment.",
        "アドレスにユーザー名、パスワード、クエリ、フラグメントを含めないでください。",
    ),
    Problem.ADDRESS_FORBIDDEN: (
        "The portal may not connect to this address.",
        "このアドレスへの接続は許可されていません。",
    ),
    Problem.KEY_INVALID: (
        "A MISP auth key has 40 letters and digits (up to 128 are accepted).",
        "MISPの認証キーは40文字の英数字です（128文字まで受け付けます）。",
    ),
    Problem.KEY_NEEDED_AGAIN: (
        "Enter the auth key again: the address or its protection changed.",
        "アドレスまたはその保護が変わるため、認証キーをもう一度入力してください。",
    ),
    Problem.KEY_MISSING: (
        "This MISP has no auth key in the portal; enter one.",
        "このMISPの認証キーが登録されていません。入力してください。",
    ),
    Problem.TLS_INVALID: (
        "Choose how the certificate is verified: verify, own_ca or insecure.",
        "証明書の検証方法を選んでください（verify、own_ca、insecure）。",
    ),
    Problem.CA_INVALID: (
        "The CA must be 1 to 20 certificates in PEM form, without a private key.",
        "CAはPEM形式の証明書1〜20枚で、秘密鍵を含めないでください。",
    ),
    Problem.CA_NEEDED: (
        "Verification by an own CA needs the CA's certificate.",
        "独自CAで検証するには、CA証明書が必要です。",
    ),
    Problem.CLIENT_CERTIFICATE_INVALID: (
        "The client certificate must be PEM: the certificate and its unencrypted private key.",
        "クライアント証明書はPEM形式で、証明書と対応する暗号化されていない秘密鍵を含めてください。",
    ),
    Problem.VISIBILITY_INVALID: (
        "Choose what others may see: exists, count, title or full.",
        "他メンバーへの公開範囲を選んでください（exists、count、title、full）。",
    ),
    Problem.MODE_INVALID: (
        "The mode must be indexed or live.",
        "モードは indexed か live を選んでください。",
    ),
    Problem.LIMIT_INVALID: (
        "Requests at once: 1 to 8; pause between requests: 0 to 10,000 ms.",
        "同時リクエスト数は1〜8、リクエスト間の待ち時間は0〜10,000ミリ秒です。",
    ),
    Problem.LEFT_OUT_INVALID: (
        "At most 100 tags and 100 attribute types, each of 1 to 190 characters.",
        "除外するタグと属性タイプはそれぞれ100個まで、1つ1〜190文字です。",
    ),
    Problem.NOTICE_TOO_LONG: (
        "The notice may have at most 2,000 characters.",
        "お知らせは2,000文字までです。",
    ),
    Problem.NOT_INDEXED: (
        "This MISP is searched live: it has no index.",
        "このMISPはライブ検索の設定のため、インデックスがありません。",
    ),
    Problem.INDEX_LIMIT_INVALID: (
        "Interval: 5 to 10,080 minutes; greatest age: 1 to 720 hours; "
        "rate: 100 to 1,000,000 attributes a second, or 0 for no limit.",
        "同期間隔は5〜10,080分、インデックスの有効期間は1〜720時間、"
        "読み取り速度は毎秒100〜1,000,000件（0は無制限）です。",
    ),
    Problem.INDEX_AGE_TOO_SHORT: (
        "An index must be allowed to become older than the time between two syncs.",
        "インデックスの有効期間は、同期間隔より長くしてください。",
    ),
    Problem.QUIET_HOURS_INVALID: (
        "Quiet hours need two different times of day and a known time zone.",
        "休止時間帯には、異なる開始・終了時刻と、有効なタイムゾーンを指定してください。",
    ),
    Problem.UPLOAD_EMPTY: ("The file is empty.", "ファイルが空です。"),
    Problem.UPLOAD_TOO_LARGE: (
        "The file is larger than this portal accepts.",
        "ファイルが、このポータルで受け付けられる大きさを超えています。",
    ),
    Problem.TOO_MANY_IMPORTS: (
        "20 imports of your member still wait. Publish or discard some first.",
        "未完了の取り込みが20件あります。先に公開するか破棄してください。",
    ),
    Problem.FORMAT_UNKNOWN: ("Choose one of the formats.", "一覧から形式を選んでください。"),
    Problem.SOURCE_INVALID: (
        "A source of 1 to 100 characters is needed.",
        "情報源は1〜100文字で入力してください。",
    ),
    Problem.COLUMNS_INVALID: (
        "One column per line, such as value=IOC; at most 40.",
        "value=IOC のように1行に1列ずつ、40列まで指定してください。",
    ),
    Problem.IMPORT_BUSY: (
        "The import is not in a state in which this can be done; look at it again.",
        "取り込みの現在の状態では、この操作はできません。画面を確認してください。",
    ),
    Problem.IMPORT_ELSEWHERE: (
        "Part of it is in another MISP already; go on there, or undo it first.",
        "一部がすでに別のMISPにあります。そのMISPで続けるか、先に取り消してください。",
    ),
    Problem.IMPORT_HALF_DONE: (
        "Another import of this source is half done at this MISP; finish or undo that one first.",
        "同じ情報源の別の取り込みが、このMISPで途中になっています。先に完了するか取り消してください。",
    ),
    Problem.MISP_NOT_OWN: (
        "Choose one of your member's own MISPs that has an auth key.",
        "認証キーが登録されている自組織のMISPを選んでください。",
    ),
    Problem.MISP_SWITCHED_OFF: (
        "This MISP is switched off, so the portal does not ask it.",
        "このMISPは停止中のため、ポータルから問い合わせません。",
    ),
    Problem.PROXIES_INVALID: (
        "One network or address per line, such as 10.0.0.0/8; at most 40.",
        "10.0.0.0/8 のように1行に1つずつ、ネットワークかアドレスを40個まで指定してください。",
    ),
    Problem.ZONE_UNKNOWN: (
        "This is no known time zone, such as Asia/Tokyo or UTC.",
        "有効なタイムゾーン（Asia/Tokyo、UTCなど）を入力してください。",
    ),
    Problem.TLP_UNKNOWN: ("Choose one of the TLP labels.", "一覧からTLPを選んでください。"),
}
