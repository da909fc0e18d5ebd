"""For every rule what it finds, and what comes close and is good."""

from datetime import date
from typing import Any, NamedTuple

from securegrid.ingest.quality.findings import RuleId
from tests.unit.ingest.quality.composed import SEEN, Given, attribute, given, thing

DAY = 86_400


class Case(NamedTuple):
    """Drafts of which ``rule`` finds one thing (``example``), or nothing (``None``)."""

    rule: RuleId
    drafts: Given
    example: str | None


def titled(info: str, **other: Any) -> Given:
    return given(info=info, **other)


def of(value: str, type_: str, **other: Any) -> Given:
    return given(attribute(value, type_, **other))


GOOD_TITLES = (
    "(2021-06-11) どこどこJP OS-Unknown VPS/Cloud (https://aws.amazon.com/)",
    "[IPAlert] 2021-06-11 port:445 access from 219.167.13.11",
    "FortiGate IPS 2021/06/11",
    "【JPCERT】 20210611 report",
    "OSINT 2021年6月11日の報告",
    "OSINT - digest of 2021-06",
)
HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

EVENT_CASES = (
    Case(RuleId.TITLE_BLANK, titled(" - "), " - "),
    Case(RuleId.TITLE_BLANK, titled("不審な通信"), None),
    Case(RuleId.TITLE_TOO_LONG, titled("x" * 256), "x" * 199 + "…"),
    Case(RuleId.TITLE_TOO_LONG, titled("x" * 255), None),
    Case(RuleId.TITLE_WITHOUT_SOURCE, titled("2021-06-11 bad hosts"), "2021-06-11 bad hosts"),
    Case(RuleId.TITLE_WITHOUT_SOURCE, titled("[2021-06-11] bad"), "[2021-06-11] bad"),
    *(Case(RuleId.TITLE_WITHOUT_SOURCE, titled(title), None) for title in GOOD_TITLES),
    Case(
        RuleId.TITLE_WITHOUT_SOURCE,
        titled("The findings of acme lab, 2021-06-11", tags=('source:"ACME Lab"', "tlp:red")),
        None,
    ),
    Case(
        RuleId.TITLE_WITHOUT_DATE,
        titled("[IPAlert] port:445 access from 219.167.13.11"),
        "[IPAlert] port:445 access from 219.167.13.11",
    ),
    Case(RuleId.TITLE_WITHOUT_DATE, titled("[X] 2021-13-45"), "[X] 2021-13-45"),
    Case(RuleId.TITLE_WITHOUT_DATE, titled("[X] ticket 120210611234"), "[X] ticket 120210611234"),
    *(Case(RuleId.TITLE_WITHOUT_DATE, titled(title), None) for title in GOOD_TITLES),
    Case(
        RuleId.TITLE_DATE_DIFFERS,
        titled("[IPAlert] 2021-06-10 port:445"),
        "[IPAlert] 2021-06-10 port:445 (2021-06-11)",
    ),
    Case(RuleId.TITLE_DATE_DIFFERS, titled("[X] 2021-05"), "[X] 2021-05 (2021-06-11)"),
    Case(RuleId.TITLE_DATE_DIFFERS, titled("[X] 2021-06-10 to 2021-06-11"), None),
    Case(RuleId.TITLE_DATE_DIFFERS, titled("[X] no date"), None),
    Case(RuleId.TITLE_DATE_DIFFERS, titled("[X] 2021-06-10", date=date.min), None),
    *(Case(RuleId.TITLE_DATE_DIFFERS, titled(title), None) for title in GOOD_TITLES),
    Case(RuleId.DATE_MISSING, titled("[X] 2021-06-11", date=date.min), "[X] 2021-06-11"),
    Case(RuleId.DATE_MISSING, given(), None),
    Case(
        RuleId.DATE_IMPLAUSIBLE,
        titled("[X] 2201-06-11", date=date(2201, 6, 11)),
        "2201-06-11: [X] 2201-06-11",
    ),
    Case(RuleId.DATE_IMPLAUSIBLE, titled("[X]", date=date(1970, 1, 1)), "1970-01-01: [X]"),
    Case(RuleId.DATE_IMPLAUSIBLE, titled("[X]", date=date.min), None),
    Case(RuleId.DATE_IMPLAUSIBLE, titled("[X]", date=date(2021, 6, 13)), None),
    Case(RuleId.DATE_IMPLAUSIBLE, titled("[X]", date=date(2021, 6, 14)), "2021-06-14: [X]"),
    Case(
        RuleId.SOURCE_TAG_MISSING,
        titled("[IPAlert] 2021-06-11", tags=("tlp:green", "2021-06-11")),
        "[IPAlert] 2021-06-11 [tlp:green, 2021-06-11]",
    ),
    Case(RuleId.SOURCE_TAG_MISSING, given(tags=("ipalert",)), None),
    Case(RuleId.SOURCE_TAG_MISSING, given(tags=("Source:LAC",)), None),
    Case(RuleId.SOURCE_TAG_MISSING, given(tags=('osint:source-type="blog-post"',)), None),
    Case(RuleId.TLP_MISSING, titled("[X] a", tags=("IPAlert",)), "[X] a [IPAlert]"),
    Case(RuleId.TLP_MISSING, given(tags=("TLP:AMBER",)), None),
    Case(RuleId.TLP_UNCLEAR, given(tags=("tlp:red", "tlp:green")), "tlp:green, tlp:red"),
    Case(RuleId.TLP_UNCLEAR, given(tags=("tlp:purple",)), "tlp:purple"),
    Case(RuleId.TLP_UNCLEAR, given(tags=("tlp:white", "TLP:CLEAR")), None),
    Case(RuleId.TLP_UNCLEAR, given(tags=("tlp:amber+strict",)), None),
    Case(RuleId.TLP_UNCLEAR, given(tags=()), None),
    Case(RuleId.TAG_UNUSABLE, given(tags=("tlp:red", "t" * 256)), "t" * 199 + "…"),
    Case(RuleId.TAG_UNUSABLE, given(tags=("tlp:red", "  ")), "  "),
    Case(RuleId.TAG_UNUSABLE, given(tags=("tlp:red", "t" * 255)), None),
)

ATTRIBUTE_CASES = (
    Case(RuleId.VALUE_BLANK, of("  ", "ip-src"), "ip-src: '  '"),
    Case(RuleId.VALUE_BLANK, of("0", "counter"), None),
    Case(RuleId.VALUE_TOO_LONG, of("u" * 8_193, "user-agent-x"), f"8193: {'u' * 100}"),
    Case(RuleId.VALUE_TOO_LONG, of("u" * 8_192, "filename"), None),
    Case(RuleId.VALUE_TOO_LONG, of("u " * 20_000, "text"), None),
    Case(RuleId.VALUE_TOO_LONG, of("u " * 40_000, "yara"), f"80000: {'u ' * 50}"),
    Case(RuleId.VALUE_UNCLEAN, of("evil.jp\n", "domain"), "'evil.jp\\n'"),
    Case(RuleId.VALUE_UNCLEAN, of(" 219.167.13.11", "ip-src"), "' 219.167.13.11'"),
    Case(RuleId.VALUE_UNCLEAN, of("evil\u200b.jp", "domain"), "'evil\\u200b.jp'"),
    Case(RuleId.VALUE_UNCLEAN, of("a\x1b[31mb", "text"), "'a\\x1b[31mb'"),
    Case(RuleId.VALUE_UNCLEAN, of("two\nlines\t", "text"), None),
    Case(RuleId.VALUE_UNCLEAN, of("日本語.exe", "filename"), None),
    Case(
        RuleId.VALUE_DEFANGED,
        of("hxxp://evil[.]jp/a", "url"),
        "hxxp://evil[.]jp/a",
    ),
    Case(RuleId.VALUE_DEFANGED, of("219[.]167.13.11", "ip-dst"), "219[.]167.13.11"),
    Case(RuleId.VALUE_DEFANGED, of("evil(dot)jp|9.9.9.9", "domain|ip"), "evil(dot)jp|9.9.9.9"),
    Case(RuleId.VALUE_DEFANGED, of("who[at]evil.jp", "email-src"), "who[at]evil.jp"),
    Case(RuleId.VALUE_DEFANGED, of("http://[2a01:4f8::1]:8080/", "url"), None),
    Case(RuleId.VALUE_DEFANGED, of("http://evil.jp/a[.]b(dot)", "url"), "http://evil.jp/a[.]b(dot)"),
    Case(RuleId.VALUE_DEFANGED, of("see evil[.]jp", "text"), None),
    Case(RuleId.VALUE_DEFANGED, of("a[.]exe", "filename"), None),
    Case(RuleId.TYPE_UNKNOWN, of("219.167.13.11", "ipv4"), "ipv4: 219.167.13.11"),
    Case(RuleId.TYPE_UNKNOWN, of("evil.jp|219.167.13.11", "domain|ip"), None),
    Case(
        RuleId.CATEGORY_UNFIT,
        of(HASH, "sha256", category="Social network"),
        f"Social network / sha256: {HASH}",
    ),
    Case(RuleId.CATEGORY_UNFIT, of("a", "ipv4", category="Nonsense"), None),
    Case(RuleId.CATEGORY_UNFIT, of("219.167.13.11", "ip-src", category="Network activity"), None),
    Case(RuleId.TYPE_UNFIT, of("evil.jp", "ip-src"), "ip-src: evil.jp"),
    Case(RuleId.TYPE_UNFIT, of("219.167.13.11:443", "ip-dst"), "ip-dst: 219.167.13.11:443"),
    Case(RuleId.TYPE_UNFIT, of("219.167.13.256", "ip-dst"), "ip-dst: 219.167.13.256"),
    Case(RuleId.TYPE_UNFIT, of("*.evil.jp", "domain"), "domain: *.evil.jp"),
    Case(RuleId.TYPE_UNFIT, of("http://evil.jp/", "domain"), "domain: http://evil.jp/"),
    Case(RuleId.TYPE_UNFIT, of("evil.jp", "url"), "url: evil.jp"),
    Case(RuleId.TYPE_UNFIT, of(HASH, "md5"), f"md5: {HASH}"),
    Case(RuleId.TYPE_UNFIT, of(HASH[:-1], "sha256"), f"sha256: {HASH[:-1]}"),
    Case(RuleId.TYPE_UNFIT, of("evil.jp", "email-src"), "email-src: evil.jp"),
    Case(RuleId.TYPE_UNFIT, of("70000", "port"), "port: 70000"),
    Case(RuleId.TYPE_UNFIT, of("445", "port"), None),
    Case(RuleId.TYPE_UNFIT, of("219.167.13.0/24", "ip-src"), None),
    Case(RuleId.TYPE_UNFIT, of("2A01:4F8::1", "ip-src"), None),
    Case(RuleId.TYPE_UNFIT, of("::ffff:219.167.13.11", "ip-src"), None),
    Case(RuleId.TYPE_UNFIT, of("219[.]167.13.11", "ip-src"), None),
    Case(RuleId.TYPE_UNFIT, of("Evil.JP.", "domain"), None),
    Case(RuleId.TYPE_UNFIT, of("日本語.jp", "domain"), None),
    Case(RuleId.TYPE_UNFIT, of("_dmarc.evil.jp", "hostname"), None),
    Case(RuleId.TYPE_UNFIT, of(HASH.upper(), "sha256"), None),
    Case(RuleId.TYPE_UNFIT, of("d41d8cd98f00b204e9800998ecf8427e", "imphash"), None),
    Case(RuleId.TYPE_UNFIT, of("15169", "AS"), None),
    Case(RuleId.TYPE_UNFIT, of("anything at all", "text"), None),
    Case(RuleId.TYPE_UNFIT, of(" ", "ip-src"), None),
    Case(RuleId.COMPOSITE_BROKEN, of("evil.jp|", "domain|ip"), "domain|ip: evil.jp|"),
    Case(RuleId.COMPOSITE_BROKEN, of("evil.jp", "domain|ip"), "domain|ip: evil.jp"),
    Case(RuleId.COMPOSITE_BROKEN, of("a.exe|abc", "filename|md5"), "filename|md5: a.exe|abc"),
    Case(
        RuleId.COMPOSITE_BROKEN,
        of("219.167.13.11|0", "ip-dst|port"),
        "ip-dst|port: 219.167.13.11|0",
    ),
    Case(
        RuleId.COMPOSITE_BROKEN,
        of("evil.jp|219.167.13.11|443", "domain|ip"),
        "domain|ip: evil.jp|219.167.13.11|443",
    ),
    Case(RuleId.COMPOSITE_BROKEN, of(f"a.exe|{HASH}", "filename|sha256"), None),
    Case(RuleId.COMPOSITE_BROKEN, of("219.167.13.11|445", "ip-src|port"), None),
    Case(RuleId.COMPOSITE_BROKEN, of("2a01:4f8::1|445", "ip-src|port"), None),
    Case(RuleId.COMPOSITE_BROKEN, of("evil.jp|8443", "hostname|port"), None),
    Case(RuleId.COMPOSITE_BROKEN, of(r"HKLM\Run|a|b", "regkey|value"), None),
    Case(RuleId.COMPOSITE_BROKEN, of(r"HKLM\Run|", "regkey|value"), None),
    Case(RuleId.HASH_AS_TEXT, of(HASH, "text"), f"text: {HASH}"),
    Case(RuleId.HASH_AS_TEXT, of(HASH, "other"), f"other: {HASH}"),
    Case(RuleId.HASH_AS_TEXT, of(HASH, "comment"), f"comment: {HASH}"),
    Case(RuleId.HASH_AS_TEXT, of(HASH, "sha256"), None),
    Case(RuleId.HASH_AS_TEXT, of(f"seen with {HASH}", "text"), None),
    Case(RuleId.HASH_AS_TEXT, given(thing(attribute(HASH, "text", relation="serial"))), None),
    Case(RuleId.ADDRESS_AS_TEXT, of("219.167.13.11", "comment"), "comment: 219.167.13.11"),
    Case(RuleId.ADDRESS_AS_TEXT, of("hxxp://evil[.]jp/a", "text"), "text: hxxp://evil[.]jp/a"),
    Case(RuleId.ADDRESS_AS_TEXT, of("evil.jp", "other"), "other: evil.jp"),
    Case(RuleId.ADDRESS_AS_TEXT, of("OS-Unknown", "text"), None),
    Case(RuleId.ADDRESS_AS_TEXT, of("12:30:45", "text"), None),
    Case(RuleId.ADDRESS_AS_TEXT, of("invoice.docx", "text"), None),
    Case(
        RuleId.ADDRESS_AS_TEXT,
        given(thing(attribute("evil.jp", "text", relation="hostname"))),
        None,
    ),
    Case(
        RuleId.ADDRESS_IN_COMMENT,
        of("evil.jp", "domain", comment="resolved to 45[.]32.43.59 in 2018"),
        "45.32.43.59",
    ),
    Case(RuleId.ADDRESS_IN_COMMENT, of("evil.jp", "domain", comment=f"C2 of {HASH}"), HASH),
    Case(
        RuleId.ADDRESS_IN_COMMENT,
        of("The host 45.32.43.59 came first", "comment"),
        "45.32.43.59",
    ),
    Case(
        RuleId.ADDRESS_IN_COMMENT,
        given(
            attribute("evil.jp", "domain", comment="resolved to 45.32.43.59"),
            attribute("evil.jp|45.32.43.59", "domain|ip"),
        ),
        None,
    ),
    Case(RuleId.ADDRESS_IN_COMMENT, of("45.32.43.59", "ip-src", comment="45.32.43.59!"), None),
    Case(RuleId.ADDRESS_IN_COMMENT, of("a.jp", "domain", comment="Chrome 120.0.0.0"), None),
    Case(RuleId.ADDRESS_IN_COMMENT, of("a.jp", "domain", comment="nginx/1.2.3.4-5"), None),
    *(
        Case(RuleId.ADDRESS_PRIVATE, of(value, type_), f"{type_}: {value}")
        for value, type_ in (
            ("192.168.1.20", "ip-src"),
            ("10.0.0.0/8", "ip-dst"),
            ("172.16.5.4|445", "ip-dst|port"),
            ("100.64.0.1", "ip-src"),
            ("127.0.0.1", "ip-src"),
            ("169.254.169.254", "ip-dst"),
            ("::1", "ip-src"),
            ("fe80::1", "ip-src"),
            ("fd12:3456::1", "ip-dst"),
            ("::ffff:10.1.2.3", "ip-src"),
            ("64:ff9b::a01:203", "ip-src"),
            ("2002:c0a8:101::1", "ip-src"),
            ("http://192.168.1.1/setup.cgi", "url"),
            ("fileserver.corp", "hostname"),
            ("evil.jp|10.1.2.3", "domain|ip"),
        )
    ),
    *(
        Case(RuleId.ADDRESS_PRIVATE, of(value, type_), None)
        for value, type_ in (
            ("219.167.13.11", "ip-src"),
            ("172.32.0.1", "ip-src"),
            ("9.255.255.255", "ip-src"),
            ("2002:dba7:d0b::1", "ip-src"),
            ("corp.jp", "domain"),
            ("10.0.0.1", "text"),
        )
    ),
    *(
        Case(RuleId.ADDRESS_RESERVED, of(value, "ip-dst"), f"ip-dst: {value}")
        for value in ("0.0.0.0", "255.255.255.255", "224.0.0.251", "240.1.1.1", "198.18.0.1",
                      "ff02::1", "::", "100::1")
    ),
    *(
        Case(RuleId.ADDRESS_RESERVED, of(value, "ip-dst"), None)
        for value in ("1.1.1.1", "223.255.255.255", "2a01:4f8::1", "0.0.0.0/0", "198.20.0.1")
    ),
    *(
        Case(RuleId.ADDRESS_DOCUMENTATION, of(value, type_), f"{type_}: {value}")
        for value, type_ in (
            ("203.0.113.7", "ip-src"),
            ("198.51.100.0/24", "ip-src"),
            ("2001:db8::1", "ip-src"),
            ("3fff::1", "ip-dst"),
            ("www.example.com", "hostname"),
            ("http://evil.example/a", "url"),
        )
    ),
    *(
        Case(RuleId.ADDRESS_DOCUMENTATION, of(value, type_), None)
        for value, type_ in (
            ("203.0.114.7", "ip-src"),
            ("2001:db9::1", "ip-src"),
            ("myexample.com", "domain"),
            ("203.0.113.0/20", "ip-src"),
        )
    ),
    Case(
        RuleId.NETWORK_TOO_WIDE,
        of("44.0.0.0/8", "ip-dst", to_ids=True),
        "ip-dst: 44.0.0.0/8",
    ),
    Case(RuleId.NETWORK_TOO_WIDE, of("::/0", "ip-dst", to_ids=True), "ip-dst: ::/0"),
    Case(RuleId.NETWORK_TOO_WIDE, of("44.0.0.0/8", "ip-dst"), None),
    Case(RuleId.NETWORK_TOO_WIDE, of("219.167.0.0/16", "ip-dst", to_ids=True), None),
    Case(
        RuleId.DOUBLE,
        given(attribute("evil.jp", "domain"), attribute("EVIL.jp ", "domain", uuid="2")),
        "domain: EVIL.jp ",
    ),
    Case(
        RuleId.DOUBLE,
        given(
            thing(attribute(relation="ip-src"), attribute("445", "port", relation="dst-port")),
            thing(
                attribute("445", "port", relation="dst-port"), attribute(relation="ip-src"),
                uuid="p",
            ),
        ),
        "network-connection: 445, 219.167.13.11",
    ),
    Case(
        RuleId.DOUBLE,
        given(
            thing(attribute(relation="ip-src"), attribute("445", "port", relation="dst-port")),
            thing(
                attribute(relation="ip-src"), attribute("22", "port", relation="dst-port"),
                uuid="p",
            ),
        ),
        None,
    ),
    Case(RuleId.DOUBLE, given(attribute(), attribute(type_="ip-dst")), None),
    Case(
        RuleId.DOUBLE,
        given(attribute(relation="ip"), attribute(relation="ip", uuid="2")),
        None,
    ),
    Case(
        RuleId.SEEN_ORDER,
        of("219.167.13.11", "ip-src", last_seen=SEEN - 3600),
        "2021-06-11T01:00:00+00:00 > 2021-06-11T00:00:00+00:00: 219.167.13.11",
    ),
    Case(
        RuleId.SEEN_ORDER,
        given(thing(attribute(relation="a"), attribute("22", "port", relation="b"),
                    first_seen=2, last_seen=1)),
        "1970-01-01T00:00:02+00:00 > 1970-01-01T00:00:01+00:00: 219.167.13.11",
    ),
    Case(RuleId.SEEN_ORDER, of("219.167.13.11", "ip-src", last_seen=SEEN), None),
    Case(RuleId.SEEN_ORDER, of("219.167.13.11", "ip-src", last_seen=None), None),
    Case(
        RuleId.SEEN_IMPLAUSIBLE,
        of("219.167.13.11", "ip-src", last_seen=SEEN + 30 * DAY),
        "2021-07-11T01:00:00+00:00: 219.167.13.11",
    ),
    Case(
        RuleId.SEEN_IMPLAUSIBLE,
        of("219.167.13.11", "ip-src", first_seen=0),
        "1970-01-01T00:00:00+00:00: 219.167.13.11",
    ),
    Case(RuleId.SEEN_IMPLAUSIBLE, of("219.167.13.11", "ip-src", last_seen=SEEN + DAY), None),
    Case(
        RuleId.SEEN_IMPLAUSIBLE,
        of("219.167.13.11", "ip-src", last_seen=10**18),
        f"{10**18}: 219.167.13.11",
    ),
    Case(
        RuleId.CONTEXT_MISSING,
        of("219.167.13.11", "ip-src", comment=" "),
        "ip-src: 219.167.13.11",
    ),
    Case(
        RuleId.CONTEXT_MISSING,
        given(attribute(comment="", tags=("tlp:red", "2021-06-11", "IPAlert"))),
        "ip-src: 219.167.13.11",
    ),
    Case(RuleId.CONTEXT_MISSING, given(), None),
    Case(RuleId.CONTEXT_MISSING, given(attribute(comment="", tags=("port:445",))), None),
    Case(RuleId.CONTEXT_MISSING, given(thing(attribute(comment=""))), None),
    Case(
        RuleId.CONTEXT_MISSING,
        given(attribute(comment=""), tags=("IPAlert", "tlp:red", "anonymous:VPS/Cloud")),
        None,
    ),
    Case(
        RuleId.COMMENT_TOO_LONG,
        of("219.167.13.11", "ip-src", comment="c" * 2_001),
        f"2001: {'c' * 100}",
    ),
    Case(RuleId.COMMENT_TOO_LONG, of("219.167.13.11", "ip-src", comment="c" * 2_000), None),
)  # fmt: skip
