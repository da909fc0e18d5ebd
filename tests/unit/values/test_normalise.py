"""Any writing of a value ends in its one canonical form, or says why it has none."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from securegrid.values.model import Kind, Reject, Rejected, Value
from securegrid.values.normalise import MAX_CANONICAL_BYTES, MAX_SHOWN, normalise
from tests.unit.values.samples import HOSTS, IPV4, WRITTEN, defanged


def value(written: str, hint: Kind | None = None) -> Value:
    found = normalise(written, hint=hint)
    assert isinstance(found, Value), found
    return found


def reason(written: str, hint: Kind | None = None) -> Reject:
    found = normalise(written, hint=hint)
    assert isinstance(found, Rejected), found
    return found.reason


@pytest.mark.parametrize(
    ("written", "kind", "text"),
    [
        ("192.0.2.1", Kind.IPV4, "192.0.2.1"),
        ("１９２．０．２．１", Kind.IPV4, "192.0.2.1"),
        ("192.0.2[.]1", Kind.IPV4, "192.0.2.1"),
        ("192[.]0(.)2{.}1", Kind.IPV4, "192.0.2.1"),
        ("192。0。2。1", Kind.IPV4, "192.0.2.1"),
        ("192｡0｡2｡1", Kind.IPV4, "192.0.2.1"),
        ("192.0.2.1:8080", Kind.IPV4, "192.0.2.1"),
        ("192.0.2.1|8080", Kind.IPV4, "192.0.2.1"),
        ("192.0.2.1/32", Kind.IPV4, "192.0.2.1"),
        ("192.0.2.1.", Kind.IPV4, "192.0.2.1"),
        ("2001:DB8:0:0:0:0:0:1", Kind.IPV6, "2001:db8::1"),
        ("2001:db8:0:0:1:0:0:1", Kind.IPV6, "2001:db8::1:0:0:1"),
        ("2001[:]db8[:][:]1", Kind.IPV6, "2001:db8::1"),
        ("[2001:db8::1]", Kind.IPV6, "2001:db8::1"),
        ("[2001:db8::1]:443", Kind.IPV6, "2001:db8::1"),
        ("fe80::1%eth0", Kind.IPV6, "fe80::1"),
        ("2001:db8::1/128", Kind.IPV6, "2001:db8::1"),
        ("::ffff:192.0.2.1", Kind.IPV4, "192.0.2.1"),
        ("192.0.2.0/24", Kind.CIDR, "192.0.2.0/24"),
        ("192.0.2.77/24", Kind.CIDR, "192.0.2.0/24"),
        ("192.0.2.0/255.255.255.0", Kind.CIDR, "192.0.2.0/24"),
        ("192.0.2[.]0/24", Kind.CIDR, "192.0.2.0/24"),
        ("2001:DB8::/32", Kind.CIDR, "2001:db8::/32"),
        ("0.0.0.0/0", Kind.CIDR, "0.0.0.0/0"),
        ("Evil.COM.", Kind.DOMAIN, "evil.com"),
        ("evil.co.jp", Kind.DOMAIN, "evil.co.jp"),
        ("ｅｖｉｌ．ｃｏｍ", Kind.DOMAIN, "evil.com"),
        ("evil。com", Kind.DOMAIN, "evil.com"),
        ("yasonbin[.info", Kind.DOMAIN, "yasonbin.info"),
        ("yasonbin.]info", Kind.DOMAIN, "yasonbin.info"),
        ("evil[dot]com", Kind.DOMAIN, "evil.com"),
        ("evil (dot) com", Kind.DOMAIN, "evil.com"),
        ("evil{DOT}com", Kind.DOMAIN, "evil.com"),
        ("evil\\.com", Kind.DOMAIN, "evil.com"),
        ("*.evil.com", Kind.DOMAIN, "evil.com"),
        ("us‐nation‑ny.cf", Kind.DOMAIN, "us-nation-ny.cf"),
        ("update.xn—\u200b6frz82g", Kind.DOMAIN, "update.xn--6frz82g"),
        (".evil.com", Kind.DOMAIN, "evil.com"),
        ("||evil.com^", Kind.DOMAIN, "evil.com"),
        ("evil.com/", Kind.DOMAIN, "evil.com"),
        ("「evil.com」", Kind.DOMAIN, "evil.com"),
        ('"evil.com",', Kind.DOMAIN, "evil.com"),
        ("evil.com\u200b", Kind.DOMAIN, "evil.com"),
        ("\u202eevil.com\u202c", Kind.DOMAIN, "evil.com"),
        ("日本語。jp", Kind.DOMAIN, "xn--wgv71a119e.jp"),
        ("BÜCHER.de", Kind.DOMAIN, "xn--bcher-kva.de"),
        ("faß.de", Kind.DOMAIN, "xn--fa-hia.de"),
        ("i❤.ws", Kind.DOMAIN, "xn--i-7iq.ws"),
        ("dxc.yasonbin[.]info", Kind.HOSTNAME, "dxc.yasonbin.info"),
        ("_dmarc.evil.com", Kind.HOSTNAME, "_dmarc.evil.com"),
        ("evil.com:8443", Kind.DOMAIN, "evil.com"),
        ("abc.duckdns.org", Kind.HOSTNAME, "abc.duckdns.org"),
        ("duckdns.org", Kind.DOMAIN, "duckdns.org"),
        ("host.local", Kind.HOSTNAME, "host.local"),
        ("http://evil.com", Kind.URL, "http://evil.com/"),
        ("HXXP://Evil[.]com/Path", Kind.URL, "http://evil.com/Path"),
        ("hXXps[:]//evil{.}com:443/B?x=%41%2f", Kind.URL, "https://evil.com/B?x=A%2F"),
        ("h**p://evil.com/a", Kind.URL, "http://evil.com/a"),
        ("htxp://evil.com/a", Kind.URL, "http://evil.com/a"),
        ("hxxp[s]://evil.com/a", Kind.URL, "https://evil.com/a"),
        ("hxxp[://]evil.com/a", Kind.URL, "http://evil.com/a"),
        ("fxp://evil.com/a", Kind.URL, "ftp://evil.com/a"),
        ("http:\\\\evil.com\\a", Kind.URL, "http://evil.com/a"),
        ("http://evil[.com/a", Kind.URL, "http://evil.com/a"),
        ("hxxp://evil[.]com/gate[.]php", Kind.URL, "http://evil.com/gate.php"),
        ("http://evil.com:80", Kind.URL, "http://evil.com/"),
        ("http://evil.com:0080/", Kind.URL, "http://evil.com/"),
        ("https://evil.com:80/", Kind.URL, "https://evil.com:80/"),
        ("http://evil.com./a", Kind.URL, "http://evil.com/a"),
        ("http://evil.com?x=1", Kind.URL, "http://evil.com/?x=1"),
        ("http://evil.com/a/../b", Kind.URL, "http://evil.com/a/../b"),
        ("http://User:Pw@Evil.com/", Kind.URL, "http://User:Pw@evil.com/"),
        ("http://@evil.com/", Kind.URL, "http://evil.com/"),
        ("http://good.com@evil.com/x", Kind.URL, "http://good.com@evil.com/x"),
        ("http://日本語.jp/あ", Kind.URL, "http://xn--wgv71a119e.jp/%E3%81%82"),
        ("http://[2001:DB8::1]:80/x", Kind.URL, "http://[2001:db8::1]/x"),
        ("http://intranet/x", Kind.URL, "http://intranet/x"),
        ("http://evil.com/100%", Kind.URL, "http://evil.com/100%"),
        ("evil.com/gate.php", Kind.URL, "evil.com/gate.php"),
        ("Evil[.]com/Gate.php", Kind.URL, "evil.com/Gate.php"),
        ("192.0.2.1:8080/x", Kind.URL, "192.0.2.1:8080/x"),
        ("tcp://192.0.2.1:4444", Kind.URL, "tcp://192.0.2.1:4444/"),
        ("Foo@Evil.com", Kind.EMAIL, "foo@evil.com"),
        ("foo[at]evil[dot]com", Kind.EMAIL, "foo@evil.com"),
        ("foo [@] evil [.] com", Kind.EMAIL, "foo@evil.com"),
        ("Foo Bar <foo@evil.com>", Kind.EMAIL, "foo@evil.com"),
        ("mailto:foo@evil.com?subject=x", Kind.EMAIL, "foo@evil.com"),
        ("foo@例え.jp", Kind.EMAIL, "foo@xn--r8jz45g.jp"),
        ("D41D8CD98F00B204E9800998ECF8427E", Kind.MD5, "d41d8cd98f00b204e9800998ecf8427e"),
        ("A" * 40, Kind.SHA1, "a" * 40),
        ("A" * 56, Kind.SHA224, "a" * 56),
        ("A" * 62, Kind.JARM, "a" * 62),
        ("A" * 64, Kind.SHA256, "a" * 64),
        ("a" * 70, Kind.TLSH, "T1" + "A" * 70),
        ("t1" + "a" * 70, Kind.TLSH, "T1" + "A" * 70),
        ("A" * 96, Kind.SHA384, "a" * 96),
        ("A" * 128, Kind.SHA512, "a" * 128),
        ("3:AIO9AJraNvsgzsV:AeuINTqSw", Kind.SSDEEP, "3:AIO9AJraNvsgzsV:AeuINTqSw"),
        ('96:AIO9AJraNvsgzsV:AeuIN,"a.exe"', Kind.SSDEEP, "96:AIO9AJraNvsgzsV:AeuIN"),
        ("cve-2021-44228", Kind.CVE, "CVE-2021-44228"),
        ("CVE–2021–44228", Kind.CVE, "CVE-2021-44228"),
        ("ＣＶＥ－２０２１－４４２２８", Kind.CVE, "CVE-2021-44228"),
        ("CVE 2021-44228", Kind.CVE, "CVE-2021-44228"),
        ("as64500", Kind.AS, "AS64500"),
        ("ASN 64500", Kind.AS, "AS64500"),
        ("AS1.10", Kind.AS, "AS65546"),
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", Kind.BITCOIN, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
        ("AA-BB-CC-DD-EE-FF", Kind.MAC, "aa:bb:cc:dd:ee:ff"),
        ("aabb.ccdd.eeff", Kind.MAC, "aa:bb:cc:dd:ee:ff"),
        ("AA:BB:CC:DD:EE:FF", Kind.MAC, "aa:bb:cc:dd:ee:ff"),
        ("aa-bb-cc-dd-ee-ff-00-11", Kind.MAC, "aa:bb:cc:dd:ee:ff:00:11"),
        ("Evil.EXE", Kind.FILENAME, "evil.exe"),
        ("evil[.]exe", Kind.FILENAME, "evil.exe"),
        ("foo.zip", Kind.FILENAME, "foo.zip"),
        ("foo[.]zip", Kind.DOMAIN, "foo.zip"),
        ("www.foo.zip", Kind.HOSTNAME, "www.foo.zip"),
        ("transfer.sh", Kind.DOMAIN, "transfer.sh"),
        ("install.sh", Kind.FILENAME, "install.sh"),
        ("見積書．ｅｘｅ", Kind.FILENAME, "見積書.exe"),
        ('"Invoice 2021.exe"', Kind.FILENAME, "invoice 2021.exe"),
        ("C:\\Windows\\X.exe", Kind.FILENAME, "c:\\windows\\x.exe"),
        ("%AppData%\\Microsoft\\x.db", Kind.FILENAME, "%appdata%\\microsoft\\x.db"),
        ("/tmp/.x", Kind.FILENAME, "/tmp/.x"),
    ],
)  # fmt: skip
def test_written_forms(written: str, kind: Kind, text: str) -> None:
    found = value(written)
    assert (found.kind, found.text) == (kind, text)


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("", Reject.EMPTY),
        (" \t\n", Reject.EMPTY),
        ('""', Reject.EMPTY),
        ("hello", Reject.UNKNOWN_KIND),
        ("!foo", Reject.UNKNOWN_KIND),
        ("%", Reject.UNKNOWN_KIND),
        ("a b c", Reject.UNKNOWN_KIND),
        ("64500", Reject.UNKNOWN_KIND),
        ("aabbccddeeff", Reject.UNKNOWN_KIND),
        ("/index.htmld?flag=", Reject.UNKNOWN_KIND),
        ("Win32/Spy.Danabot", Reject.UNKNOWN_KIND),
        ("999.1.1.1", Reject.INVALID_ADDRESS),
        ("192.000.002.001", Reject.INVALID_ADDRESS),
        ("1.2.3", Reject.INVALID_ADDRESS),
        ("1.2.3.4.5", Reject.INVALID_ADDRESS),
        ("2001:db8::1::2", Reject.INVALID_ADDRESS),
        ("AS4294967296", Reject.INVALID_ADDRESS),
        ("192.0.2.0/33", Reject.INVALID_NETWORK),
        ("2001:db8::/129", Reject.INVALID_NETWORK),
        ("evil-.-bad.com", Reject.INVALID_HOST),
        ("ev!l.com", Reject.INVALID_HOST),
        ("evil.invalidtld", Reject.UNKNOWN_SUFFIX),
        ("dc01.acme", Reject.UNKNOWN_SUFFIX),
        ("http://", Reject.INVALID_URL),
        ("http://999.1.1.1/", Reject.INVALID_URL),
        ("http://evil.com:99999/", Reject.INVALID_URL),
        ("http://evil.com/a b", Reject.INVALID_URL),
        ("http://ev il.com/", Reject.INVALID_URL),
        ("http://evil.c℀.example.com/x", Reject.INVALID_HOST),
        ("foo@", Reject.INVALID_EMAIL),
        ("foo@bar", Reject.INVALID_EMAIL),
        ("@evil.com", Reject.INVALID_EMAIL),
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", Reject.INVALID_CHECKSUM),
        ("evil.com\0", Reject.CONTROL_CHARACTERS),
        ("evil\n.com", Reject.CONTROL_CHARACTERS),
        ("evil\ud800.com", Reject.CONTROL_CHARACTERS),
        ("http://evil.com/" + "a" * 2_048, Reject.TOO_LONG),
        ("x" * 1_000_000, Reject.TOO_LONG),
    ],
)
def test_rejected(written: str, why: Reject) -> None:
    assert reason(written) is why


def test_a_rejected_piece_is_shown_cut_to_200_characters() -> None:
    found = normalise("x" * 10_000)
    assert isinstance(found, Rejected)
    assert found.written == "x" * MAX_SHOWN


@pytest.mark.parametrize(
    ("written", "hint", "kind"),
    [
        ("d" * 32, Kind.IMPHASH, Kind.IMPHASH),
        ("d" * 32, Kind.JA3, Kind.JA3),
        ("d" * 32, Kind.SHA256, Kind.MD5),
        ("setup.py", Kind.HOSTNAME, Kind.DOMAIN),
        ("evil.com", Kind.FILENAME, Kind.FILENAME),
        ("svchost", Kind.FILENAME, Kind.FILENAME),
        ("My file.exe", Kind.FILENAME, Kind.FILENAME),
        ("64500", Kind.AS, Kind.AS),
        ("aabbccddeeff", Kind.MAC, Kind.MAC),
        ("aa:bb:cc:dd:ee:ff:00:11", Kind.MAC, Kind.MAC),
        ("aa:bb:cc:dd:ee:ff:00:11", None, Kind.IPV6),
        ("dc01.acme", Kind.HOSTNAME, Kind.HOSTNAME),
        ("192.0.2.1", Kind.DOMAIN, Kind.IPV4),
        ("evil.com", Kind.IPV4, Kind.DOMAIN),
        ("http://evil.com/a b", Kind.URL, Kind.URL),
        ("3:ab:c", Kind.SSDEEP, Kind.SSDEEP),
    ],
)
def test_a_hint_decides_only_where_the_form_leaves_a_choice(
    written: str, hint: Kind | None, kind: Kind
) -> None:
    assert value(written, hint).kind is kind


def test_the_hinted_reason_is_given_when_nothing_fits() -> None:
    assert reason("nonsense", Kind.EMAIL) is Reject.INVALID_EMAIL


@pytest.mark.parametrize(
    ("written", "others"),
    [
        ("192.0.2.1", ()),
        ("::ffff:192.0.2.1", ("::ffff:192.0.2.1",)),
        ("192.0.2.77/24", ("192.0.2.77/24",)),
        ("日本語.jp", ("日本語.jp",)),
        ("xn--wgv71a119e.jp", ("日本語.jp",)),
        ("foo@例え.jp", ("foo@例え.jp",)),
        ("AS64500", ("64500",)),
        ("T1" + "A" * 70, ("A" * 70,)),
        ("http://evil.com", ("http://evil.com",)),
        ("http://evil.com/a/", ("http://evil.com/a",)),
        ("http://evil.com/a", ("http://evil.com/a/",)),
        ("http://evil.com/a.php", ()),
        ("http://evil.com/a?b", ()),
        ("http://evil.com:80/a.php", ("http://evil.com:80/a.php",)),
        ("http://日本語.jp/a.php", ("http://日本語.jp/a.php",)),
        ("evil.com/a.php", ("http://evil.com/a.php", "https://evil.com/a.php")),
    ],
)
def test_spellings_besides_the_canonical_one(written: str, others: tuple[str, ...]) -> None:
    found = value(written)
    assert found.spellings[0] == found.text
    assert found.spellings[1:] == others


def test_a_spelling_is_never_one_that_a_misp_answers_with_an_error() -> None:
    assert value("😀.ws").spellings == (value("😀.ws").text,)


@pytest.mark.parametrize("kind", list(Kind))
@given(data=st.data())
@settings(max_examples=30, deadline=None)
def test_every_kind_is_recognised_and_its_form_is_final(kind: Kind, data: st.DataObject) -> None:
    found = value(data.draw(WRITTEN[kind]), kind)
    assert found.kind is kind
    again = value(found.text, kind)
    assert again.text == found.text
    assert found.spellings[0] == found.text
    assert len(set(found.spellings)) == len(found.spellings) <= 4


@given(pair=defanged(HOSTS | IPV4 | WRITTEN[Kind.URL] | WRITTEN[Kind.EMAIL]))
@settings(max_examples=300, deadline=None)
def test_defanging_changes_nothing(pair: tuple[str, str]) -> None:
    plain, mangled = pair
    assert value(mangled).text == value(plain, Kind.HOSTNAME).text


@given(
    written=st.text(max_size=60)
    | st.text("ab1.:/@[]()%-_\\ \"'xn～。．ß日é", max_size=40)
    | st.text(max_size=20).map("http://{}".format),
    hint=st.none() | st.sampled_from(list(Kind)),
)
@settings(max_examples=700, deadline=None)
def test_anything_at_all_gives_a_final_form_or_a_reason(written: str, hint: Kind | None) -> None:
    found = normalise(written, hint=hint)
    if isinstance(found, Rejected):
        assert found.written == written[:MAX_SHOWN]
        return
    assert 0 < len(found.text.encode()) <= MAX_CANONICAL_BYTES
    again = normalise(found.text, hint=found.kind)
    assert isinstance(again, Value)
    assert again.text == found.text


@given(
    written=st.one_of(*WRITTEN.values()) | st.text("abh1.:/-0fp", max_size=30),
    hint=st.none() | st.sampled_from(list(Kind)),
)
@settings(max_examples=700, deadline=None)
def test_the_quick_way_says_what_the_long_way_says(written: str, hint: Kind | None) -> None:
    """A leading blank is not part of the value, but keeps the quick way from being taken."""
    quick, long = normalise(written, hint=hint), normalise(" " + written, hint=hint)
    if isinstance(quick, Value):
        assert quick == long
    else:
        assert isinstance(long, Rejected)
        assert quick.reason is long.reason
