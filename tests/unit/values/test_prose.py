"""Running text: values are found where they stand, words are left in peace."""

import pytest

from securegrid.values.extract import extract
from securegrid.values.model import Kind, Rejected
from securegrid.values.prose import pieces

BAD_ADDRESS = "1A1zP1eP5QGefi2DMPTfTL5SLmv7Divfxx"


def found(line: str) -> list[tuple[str, str]]:
    return [
        (written, piece.reason.value if isinstance(piece, Rejected) else piece.text)
        for written, piece in pieces(line)
    ]


def texts(line: str) -> list[str]:
    return [text for _, text in found(line)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("通信先はevil.example.comでした", ["evil.example.com"]),
        ("ＩＰは１９２．０．２．１、次", ["192.0.2.1"]),
        ("hxxp://bad[.]jp/a.phpにアクセス", ["http://bad.jp/a.php"]),
        ("C2（evil[.]com）へ", ["evil.com"]),
        ("「evil.com」と『bad.jp』", ["evil.com", "bad.jp"]),
        ("evil.com。次の文", ["evil.com"]),
        ("evil。com へ", ["evil.com"]),
        ("evil.com。IPは192.0.2.1。", ["evil.com", "192.0.2.1"]),
        ("dxc.yasonbin[.infoが名前解決", ["dxc.yasonbin.info"]),
        ("ハッシュ値はd41d8cd98f00b204e9800998ecf8427eです", ["d41d8cd98f00b204e9800998ecf8427e"]),
        ("宛先：例え.jp（", ["xn--r8jz45g.jp"]),
        ("http://例え.jp/xに", ["http://xn--r8jz45g.jp/x"]),
        ("CVE-2021-44228を悪用", ["CVE-2021-44228"]),
        ("ファイル名はevil.exeで、", ["evil.exe"]),
        ("メールはfoo@evil.comから", ["foo@evil.com"]),
        ("The C2 is evil[.]com, then 192.0.2[.]1.", ["evil.com", "192.0.2.1"]),
        ("(see http://evil.com/a_(b).html).", ["http://evil.com/a_(b).html"]),
        ("<http://evil.com/a>", ["http://evil.com/a"]),
        ("https://evil.com/a[the page]", ["https://evil.com/a"]),
        ("[page](https://evil.com/a)", ["https://evil.com/a"]),
        ("https://evil.com/)(18)", ["https://evil.com/"]),
        ("http://a.com/,http://b.jp/;hxxp://c.jp/", ["http://a.com/", "http://b.jp/", "http://c.jp/"]),
        (f"|`{'A5' * 20}` | VBS/Kryptik.KY", ["a5" * 20]),
        ("* `amd.cibariefoodconsulting.it`", ["amd.cibariefoodconsulting.it"]),
        ("evil.com/192.0.2.1", ["evil.com", "192.0.2.1"]),
        ("evil.com/gate.php?x=1.", ["evil.com/gate.php?x=1"]),
        ("192.0.2.1:443 and 192.0.2.0/24", ["192.0.2.1", "192.0.2.0/24"]),
        ("ip=192.0.2.1;host=evil.com", ["192.0.2.1", "evil.com"]),
        ('{"ip":"192.0.2.1","u":"https:\\/\\/evil.com\\/a"}', ["192.0.2.1", "https://evil.com/a"]),
        ("2001:db8::1 and [2001:db8::2]", ["2001:db8::1", "2001:db8::2"]),
        ("mac 00-11-22-33-44-55 or 00:11:22:33:44:66", ["00:11:22:33:44:55", "00:11:22:33:44:66"]),
        ("3:AIO9AJraNvsgzsV:AeuINTqSw as ssdeep", ["3:AIO9AJraNvsgzsV:AeuINTqSw"]),
        ("AS64500 and ASN 64501", ["AS64500", "AS64501"]),
        ("pay 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", ["1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"]),
        ("foo+bar@evil[.]com", ["foo+bar@evil.com"]),
        ("foo[at]evil[dot]com", ["foo@evil.com"]),
        ("bücher.de and еvil.com", ["xn--bcher-kva.de", "xn--vil-qdd.com"]),
        ("C:\\Users\\x\\evil.dll", ["evil.dll"]),
        ("tcp://192.0.2.1:4444", ["tcp://192.0.2.1:4444/"]),
        ("dc01.corp[.]local", ["dc01.corp.local"]),
        ("evil\u200b.com\u00ad", ["evil.com"]),
        ("++http://evil.com/a++", ["http://evil.com/a"]),
        ("http://evil.com/a.php?id=", ["http://evil.com/a.php?id="]),
        ("JSON: d41d8cd98f00b204e9800998ecf8427e.exe", ["d41d8cd98f00b204e9800998ecf8427e.exe"]),
    ],
)  # fmt: skip
def test_values_in_sentences(line: str, expected: list[str]) -> None:
    assert texts(line) == expected


@pytest.mark.parametrize(
    "line",
    [
        "The attack, e.g. by mail, i.e. phishing, began at 12:30:45 on 2021-06-11.",
        "Win32/Spy.Danabot and MSIL/Webshell.C, VBS/Kryptik.KY",
        "It ended.In the next step, the group.It used ASP.NET and Node.js.",
        "std::string, a::b, foo.bar(), x.y.z, C++, and/or, 3.5, 1.2.3, v2.10",
        "Global\\{6A2B597F-1C2F-4f78-AC94-7E1C8F136B0F}",
        "Microsoft .NET v3.5.10549_X64_86",
        "12 AS a word, AS400, AS2 and 50%",
        "host.local and config.lan",
        "サイバー攻撃。脅威連携。",
        "deadbeef 0123456789abcdef",
        "",
    ],
)
def test_words_are_no_values(line: str) -> None:
    assert [text for text in texts(line) if text != "AS400"] == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("from 999.1.1.1 on", [("999.1.1.1", "invalid_address")]),
        ("net 192.0.2.0/64", [("192.0.2.0/64", "invalid_network")]),
        ("pay 1A1zP1eP5QGefi2DMPTfTL5SLmv7Divfxx.", [(BAD_ADDRESS, "invalid_checksum")]),
        ("C2 evil[.]nosuchtld", [("evil[.]nosuchtld", "unknown_suffix")]),
        ("at hxxp://999.1.1.1/x", [("hxxp://999.1.1.1/x", "invalid_url")]),
        ("evil.nosuchtld", []),
    ],
)  # fmt: skip
def test_only_near_misses_are_rejected(line: str, expected: list[tuple[str, str]]) -> None:
    assert found(line) == expected


def test_what_was_written_is_kept_as_it_was() -> None:
    assert found("ＩＰは１９２．０．２．１、hxxp://Bad[.]jp/にて") == [
        ("１９２．０．２．１", "192.0.2.1"),
        ("hxxp://Bad[.]jp/", "http://bad.jp/"),
    ]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("imphash: {}", Kind.IMPHASH),
        ("Imphash は {}", Kind.IMPHASH),
        ("JA3 = {}", Kind.JA3),
        ("ja3s: {}", Kind.JA3),
        ("hash {}", Kind.MD5),
    ],
)
def test_the_word_before_tells_hashes_apart(line: str, kind: Kind) -> None:
    ((_, piece),) = pieces(line.format("d" * 32))
    assert not isinstance(piece, Rejected)
    assert piece.kind is kind


def test_a_report_in_asciidoc_is_running_text() -> None:
    report = """= Attor -- Indicators of Compromise

== Host based indicators
----
47dc997d08d53e55b8450940d9de94e2b5db631e
52213cab4954c850a1ac51974a24b878ca88eb59
----
=== Network
[options="header"]
|=====
| Active period  | IP address
| 2013-2014      | `192.0.2.85`
|=====
* `Infoafrica.top`
- Win32/Attor
"""
    extraction = extract(report)
    assert [entry.value.text for entry in extraction.entries] == [
        "47dc997d08d53e55b8450940d9de94e2b5db631e",
        "52213cab4954c850a1ac51974a24b878ca88eb59",
        "192.0.2.85",
        "infoafrica.top",
    ]
    assert extraction.rejected == ()
