"""What the rules for data say: what each is called, why it is there, how to mend a finding."""

from enum import StrEnum
from typing import Final

from securegrid.ingest.quality.findings import RuleId, Severity, Subject
from securegrid.ingest.quality.profile import Refused

WORDS: Final[dict[type[StrEnum], dict[str, tuple[str, str]]]] = {
    Severity: {
        Severity.ERROR: ("error", "エラー"),
        Severity.WARNING: ("warning", "警告"),
    },
    Subject: {
        Subject.EVENT: ("events", "イベント"),
        Subject.ATTRIBUTE: ("attributes", "属性"),
    },
    Refused: {
        Refused.NOT_READABLE: ("it cannot be read", "読み込めません"),
        Refused.NOT_TOML: ("it is not TOML in UTF-8", "UTF-8のTOMLではありません"),
        Refused.OTHER_FORMAT: (
            "it is of a format that this version does not know",
            "このバージョンが対応していない形式です",
        ),
        Refused.UNKNOWN_RULE: ("there is no such rule", "存在しないルールです"),
        Refused.UNFIT: (
            "an entry is unknown, of the wrong kind or out of its range",
            "項目が未知か、種類または範囲が不正です",
        ),
    },
    RuleId: {
        RuleId.TITLE_BLANK: ("title without a word", "タイトルに文字がない"),
        RuleId.TITLE_TOO_LONG: ("title too long", "タイトルが長すぎる"),
        RuleId.TITLE_WITHOUT_SOURCE: ("title without its source", "タイトルに情報源がない"),
        RuleId.TITLE_WITHOUT_DATE: ("title without a date", "タイトルに日付がない"),
        RuleId.TITLE_DATE_DIFFERS: (
            "title and event differ in their date",
            "タイトルとイベントの日付が異なる",
        ),
        RuleId.DATE_MISSING: ("event without a date", "イベントに日付がない"),
        RuleId.DATE_IMPLAUSIBLE: ("implausible date of an event", "イベントの日付があり得ない"),
        RuleId.SOURCE_TAG_MISSING: ("no tag for the source", "情報源のタグがない"),
        RuleId.TLP_MISSING: ("no TLP tag", "TLPタグがない"),
        RuleId.TLP_UNCLEAR: ("contradictory or unknown TLP", "TLPが矛盾または不明"),
        RuleId.TAG_UNUSABLE: ("blank or overlong tag", "空または長すぎるタグ"),
        RuleId.EVENT_EMPTY: ("event without attributes", "属性のないイベント"),
        RuleId.EVENT_TOO_LARGE: ("event too large", "イベントが大きすぎる"),
        RuleId.VALUE_BLANK: ("blank value", "値が空"),
        RuleId.VALUE_TOO_LONG: ("value too long", "値が長すぎる"),
        RuleId.VALUE_UNCLEAN: (
            "invisible characters in a value",
            "値に見えない文字が含まれている",
        ),
        RuleId.VALUE_DEFANGED: ("defanged value", "無害化表記のままの値"),
        RuleId.TYPE_UNKNOWN: ("type unknown to MISP", "MISPにないタイプ"),
        RuleId.CATEGORY_UNFIT: (
            "category that does not hold the type",
            "タイプに合わないカテゴリー",
        ),
        RuleId.TYPE_UNFIT: ("value of another form than its type", "タイプと形式が合わない値"),
        RuleId.COMPOSITE_BROKEN: ("broken composite value", "壊れた複合値"),
        RuleId.HASH_AS_TEXT: ("hash stored as text", "テキストとして登録されたハッシュ値"),
        RuleId.ADDRESS_AS_TEXT: (
            "address stored as text or comment",
            "テキストやコメントとして登録されたアドレス",
        ),
        RuleId.ADDRESS_IN_COMMENT: (
            "address or hash only in a comment",
            "コメントだけに書かれたアドレスやハッシュ値",
        ),
        RuleId.ADDRESS_PRIVATE: ("private address or name", "プライベートアドレスや内部名"),
        RuleId.ADDRESS_RESERVED: ("reserved address", "予約済みアドレス"),
        RuleId.ADDRESS_DOCUMENTATION: (
            "documentation address or name",
            "文書用のアドレスや名前",
        ),
        RuleId.NETWORK_TOO_WIDE: (
            "very wide network marked for detection",
            "検知対象のネットワークが広すぎる",
        ),
        RuleId.ON_WARNING_LIST: (
            "value of a warning list marked for detection",
            "警告リストにある値が検知対象",
        ),
        RuleId.DOUBLE: ("the same twice in one event", "1つのイベント内での重複"),
        RuleId.SEEN_ORDER: ("first seen after last seen", "初回確認が最終確認より後"),
        RuleId.SEEN_IMPLAUSIBLE: ("implausible time seen", "確認日時があり得ない"),
        RuleId.CONTEXT_MISSING: ("value without context", "背景情報のない値"),
        RuleId.COMMENT_TOO_LONG: ("comment too long", "コメントが長すぎる"),
    },
}
"""Nouns."""

WHY: Final[dict[str, tuple[str, str]]] = {
    RuleId.TITLE_BLANK: (
        "A hit shows the title of its event first; without one it says nothing.",
        "ヒットするとまずイベントのタイトルが表示されます。タイトルがなければ何も伝わりません。",
    ),
    RuleId.TITLE_TOO_LONG: (
        "A long title is cut in tables and lists, and what matters is lost.",
        "長いタイトルは表や一覧で途中までしか表示されず、要点が失われます。",
    ),
    RuleId.TITLE_WITHOUT_SOURCE: (
        "Whoever hits the value asks where it comes from before anything else.",
        "ヒットした人が最初に知りたいのは、その情報の出所です。",
    ),
    RuleId.TITLE_WITHOUT_DATE: (
        "An address seen yesterday and one seen three years ago mean different things.",
        "昨日確認されたアドレスと3年前のアドレスでは、意味がまったく異なります。",
    ),
    RuleId.TITLE_DATE_DIFFERS: (
        "One of the two dates is wrong, and searches by day use the event's.",
        "どちらかの日付が誤りです。日付での検索にはイベントの日付が使われます。",
    ),
    RuleId.DATE_MISSING: (
        "Without a date an event is found in no period.",
        "日付がないイベントは、どの期間を指定しても見つかりません。",
    ),
    RuleId.DATE_IMPLAUSIBLE: (
        "A date in the future or long past comes from a wrong clock or a wrong column.",
        "未来や遠い過去の日付は、時計のずれや列の取り違えが原因です。",
    ),
    RuleId.SOURCE_TAG_MISSING: (
        "Members filter and weigh data by its source; they do that by the tag.",
        "メンバーは情報源のタグを使ってデータを絞り込み、信頼度を判断します。",
    ),
    RuleId.TLP_MISSING: (
        "Without a TLP level nobody knows with whom the data may be shared.",
        "TLPがなければ、どこまで共有してよいか誰にも分かりません。",
    ),
    RuleId.TLP_UNCLEAR: (
        "Two levels, or one that does not exist, leave open with whom it may be shared.",
        "複数のTLPや存在しないTLPでは、どこまで共有してよいか判断できません。",
    ),
    RuleId.TAG_UNUSABLE: (
        "MISP keeps 255 characters of a tag, and drops one without any.",
        "MISPが保持するタグは255文字までで、空のタグは破棄されます。",
    ),
    RuleId.EVENT_EMPTY: (
        "An event without attributes answers no search.",
        "属性のないイベントは、どの検索にもヒットしません。",
    ),
    RuleId.EVENT_TOO_LARGE: (
        "MISP opens, sends and synchronises an event as a whole; a huge one fails at each.",
        "MISPはイベント単位で表示、送信、同期を行うため、巨大なイベントはいずれも失敗します。",
    ),
    RuleId.VALUE_BLANK: (
        "MISP drops an attribute without a value, and does not say so.",
        "値のない属性は、MISPに通知なく破棄されます。",
    ),
    RuleId.VALUE_TOO_LONG: (
        "MISP cuts or refuses values that its database cannot hold; nobody searches for them.",
        "データベースに収まらない値はMISPで切り詰めまたは拒否され、検索にも使えません。",
    ),
    RuleId.VALUE_UNCLEAN: (
        "Line breaks, control characters and blanks around a value keep it from matching.",
        "改行、制御文字、前後の空白があると、値が一致しなくなります。",
    ),
    RuleId.VALUE_DEFANGED: (
        "hxxp and [.] protect readers of a report; in MISP such a value matches nothing.",
        "hxxpや[.]は報告書の読者を守る書き方で、MISPでは何とも一致しません。",
    ),
    RuleId.TYPE_UNKNOWN: (
        "MISP drops an attribute of a type that it does not know, and does not say so.",
        "未知のタイプの属性は、MISPに通知なく破棄されます。",
    ),
    RuleId.CATEGORY_UNFIT: (
        "MISP drops an attribute whose category does not hold its type, and does not say so.",
        "カテゴリーとタイプの組み合わせが不正な属性は、MISPに通知なく破棄されます。",
    ),
    RuleId.TYPE_UNFIT: (
        "Detection and analysis read a value as its type says; of another form it is useless.",
        "検知や分析は値をタイプどおりに読み取るため、形式が異なる値は役に立ちません。",
    ),
    RuleId.COMPOSITE_BROKEN: (
        "A composite value is found by its halves; if one is missing or wrong, by neither.",
        "複合値は前半または後半の値で検索されます。欠けや誤りがあるとどちらでも見つかりません。",
    ),
    RuleId.HASH_AS_TEXT: (
        "As text a hash reaches no detection and no analysis of files.",
        "テキストのままのハッシュ値は、検知にもファイル分析にも使われません。",
    ),
    RuleId.ADDRESS_AS_TEXT: (
        "As text or comment an address reaches no detection and no analysis.",
        "テキストやコメントのままのアドレスは、検知にも分析にも使われません。",
    ),
    RuleId.ADDRESS_IN_COMMENT: (
        "A search compares values, not comments: nobody finds what stands only there.",
        "検索の対象は値であり、コメントではありません。コメントだけの情報は誰にも見つかりません。",
    ),
    RuleId.ADDRESS_PRIVATE: (
        "Every organisation uses these inside: it hits everywhere and tells of your network.",
        "各組織が内部で使うアドレスです。至る所でヒットし、自組織の構成も漏れます。",
    ),
    RuleId.ADDRESS_RESERVED: (
        "No host on the Internet has such an address: the log or the column is wrong.",
        "インターネット上にこのアドレスのホストはありません。ログか列の指定が誤っています。",
    ),
    RuleId.ADDRESS_DOCUMENTATION: (
        "It comes from an example or a test, never from an attack.",
        "例文やテストに由来する値で、攻撃に由来するものではありません。",
    ),
    RuleId.NETWORK_TOO_WIDE: (
        "Whoever blocks or watches it also meets thousands of bystanders.",
        "遮断や監視に使うと、無関係な多数の利用者を巻き込みます。",
    ),
    RuleId.ON_WARNING_LIST: (
        "It belongs to many people or to a great service: every member's detection would raise "
        "false alarms.",
        "多くの人や大規模サービスが使う値のため、全メンバーの検知で誤検知が発生します。",
    ),
    RuleId.DOUBLE: (
        "MISP drops the second one, and counts and scores become wrong.",
        "2つ目はMISPに破棄され、件数やスコアも不正確になります。",
    ),
    RuleId.SEEN_ORDER: (
        "MISP drops such an attribute, and does not say so.",
        "このような属性は、MISPに通知なく破棄されます。",
    ),
    RuleId.SEEN_IMPLAUSIBLE: (
        "A time in the future or long past makes old data look fresh, or fresh data old.",
        "未来や遠い過去の日時は、古い情報を新しく、新しい情報を古く見せてしまいます。",
    ),
    RuleId.CONTEXT_MISSING: (
        "A value alone makes whoever hits it ask why, and the inquiry starts again.",
        "値だけではヒットした人が理由を問い合わせることになり、調査が最初からやり直しになります。",
    ),
    RuleId.COMMENT_TOO_LONG: (
        "A comment is read beside a hit; reports have a better place.",
        "コメントはヒットの横で読まれるものです。報告書には別の適切な場所があります。",
    ),
}
"""Why a rule is there: one sentence."""

MENDS: Final[dict[str, tuple[str, str]]] = {
    RuleId.TITLE_BLANK: (
        "Give the event a title with source, date and subject.",
        "情報源、日付、内容が分かるタイトルを付けてください。",
    ),
    RuleId.TITLE_TOO_LONG: (
        "Shorten the title; put the rest into a comment or a report of the event.",
        "タイトルを短くし、残りはコメントまたはイベントレポートに移してください。",
    ),
    RuleId.TITLE_WITHOUT_SOURCE: (
        "Begin the title with the source, as in [IPAlert] …, or name the source in the profile.",
        "「[IPAlert] …」のように情報源でタイトルを始めるか、プロファイルに登録してください。",
    ),
    RuleId.TITLE_WITHOUT_DATE: (
        "Put the day of the data into the title, as in 2021-05-13.",
        "「2021-05-13」のようにデータの日付をタイトルに入れてください。",
    ),
    RuleId.TITLE_DATE_DIFFERS: (
        "Set the event's date to the day of the data, or correct the title.",
        "イベントの日付をデータの日付に合わせるか、タイトルを訂正してください。",
    ),
    RuleId.DATE_MISSING: (
        "Set the event's date to the day of the data.",
        "イベントの日付にデータの日付を設定してください。",
    ),
    RuleId.DATE_IMPLAUSIBLE: (
        "Check the clock of the source and the date's column and format; then read it again.",
        "取得元の時計、日付の列と書式を確認し、再度読み込んでください。",
    ),
    RuleId.SOURCE_TAG_MISSING: (
        "Add the tag of the source, such as IPAlert or source:…; the profile lists them.",
        "IPAlertやsource:…など、プロファイルにある情報源のタグを付けてください。",
    ),
    RuleId.TLP_MISSING: (
        "Add one TLP tag, such as tlp:amber.",
        "tlp:amberなど、TLPタグを1つ付けてください。",
    ),
    RuleId.TLP_UNCLEAR: (
        "Leave one TLP tag: tlp:red, amber, amber+strict, green or clear.",
        "TLPタグはtlp:red、amber、amber+strict、green、clearのいずれか1つにしてください。",
    ),
    RuleId.TAG_UNUSABLE: (
        "Remove the tag or shorten it.",
        "タグを削除するか、短くしてください。",
    ),
    RuleId.EVENT_EMPTY: (
        "Add what belongs to the event, or delete it.",
        "イベントに属する値を追加するか、イベントを削除してください。",
    ),
    RuleId.EVENT_TOO_LARGE: (
        "Split the event, by day, source or port.",
        "日付、情報源、ポートなどでイベントを分割してください。",
    ),
    RuleId.VALUE_BLANK: (
        "Fill in the value, or remove the attribute.",
        "値を入力するか、属性を削除してください。",
    ),
    RuleId.VALUE_TOO_LONG: (
        "Store what identifies it (a hash, a pattern), and the rest as an attachment.",
        "識別できる値 (ハッシュ値やパターン) を登録し、残りは添付ファイルにしてください。",
    ),
    RuleId.VALUE_UNCLEAN: (
        "Remove invisible characters and blanks around the value.",
        "見えない文字と前後の空白を取り除いてください。",
    ),
    RuleId.VALUE_DEFANGED: (
        "Write it plainly: http for hxxp, a dot for [.].",
        "hxxpはhttpに、[.]はドットに戻してください。",
    ),
    RuleId.TYPE_UNKNOWN: (
        "Choose a type of MISP; the list is in MISP under attributes, describeTypes.",
        "MISPのタイプから選んでください。一覧はMISPのdescribeTypesで確認できます。",
    ),
    RuleId.CATEGORY_UNFIT: (
        "Leave the category out, so that MISP takes the type's own, or choose one that holds it.",
        "カテゴリーを省略して既定値を使うか、タイプに合うカテゴリーを選んでください。",
    ),
    RuleId.TYPE_UNFIT: (
        "Choose the type that the value has (an address with a port is ip-dst|port), or correct "
        "the value.",
        "値に合うタイプを選ぶか (ポート付きのアドレスはip-dst|portなど)、値を訂正してください。",
    ),
    RuleId.COMPOSITE_BROKEN: (
        "Write both halves with one bar between them, or use the type of the half that is there.",
        "前半と後半を縦棒1本で区切るか、片方だけのタイプを使ってください。",
    ),
    RuleId.HASH_AS_TEXT: (
        "Give it its type: md5, sha1, sha256 and so on.",
        "md5、sha1、sha256など、適切なタイプで登録してください。",
    ),
    RuleId.ADDRESS_AS_TEXT: (
        "Give it its type: ip-src, ip-dst, domain, hostname, url or email.",
        "ip-src、ip-dst、domain、hostname、url、emailなど、適切なタイプで登録してください。",
    ),
    RuleId.ADDRESS_IN_COMMENT: (
        "Add it as an attribute of the same event; the comment may stay.",
        "同じイベントの属性として追加してください。コメントは残して構いません。",
    ),
    RuleId.ADDRESS_PRIVATE: (
        "Leave it out; behind a proxy, take the client's address (--trusted-proxy).",
        "登録対象から除外してください。プロキシ経由のログでは接続元のアドレスを使ってください "
        "(--trusted-proxy)。",
    ),
    RuleId.ADDRESS_RESERVED: (
        "Leave it out, and check which column or field was read.",
        "登録対象から除外し、読み込んだ列やフィールドを確認してください。",
    ),
    RuleId.ADDRESS_DOCUMENTATION: (
        "Leave it out; in a test, switch the rule off in a profile.",
        "登録対象から除外してください。テストではプロファイルでこのルールを無効にしてください。",
    ),
    RuleId.NETWORK_TOO_WIDE: (
        "Name the addresses or the smaller network, or take to_ids away.",
        "個別のアドレスか小さいネットワークにするか、to_idsを外してください。",
    ),
    RuleId.ON_WARNING_LIST: (
        "Take to_ids away, or leave the value out; the finding names the list.",
        "to_idsを外すか、値を除外してください。該当するリストは指摘に示されています。",
    ),
    RuleId.DOUBLE: (
        "Keep one, with the comments and times of both.",
        "コメントと日時をまとめて、1つだけ残してください。",
    ),
    RuleId.SEEN_ORDER: (
        "Swap the two, or correct the time zone of one of them.",
        "2つの日時を入れ替えるか、タイムゾーンを訂正してください。",
    ),
    RuleId.SEEN_IMPLAUSIBLE: (
        "Check the clock and the time zone of the source.",
        "取得元の時計とタイムゾーンを確認してください。",
    ),
    RuleId.CONTEXT_MISSING: (
        "Add a comment, put it into an object, or tag it or its event with what it is.",
        "コメントを付けるか、オブジェクトに入れるか、値またはイベントに内容を示すタグを付けてください。",
    ),
    RuleId.COMMENT_TOO_LONG: (
        "Keep the comment to a sentence or two; put the text into a report of the event.",
        "コメントは1、2文にとどめ、本文はイベントレポートに移してください。",
    ),
}
"""What to do about a finding: one sentence."""
