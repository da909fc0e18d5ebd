"""Forms and probes meet exactly where an attribute is related, by the right relation."""

from itertools import product

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from securegrid.values.fingerprints import Mark
from securegrid.values.match import keys
from securegrid.values.model import Kind, Relation, Value
from securegrid.values.normalise import normalise
from securegrid.values.relations import Probe, Side, TooWide, probes, related, relation, stored
from tests.unit.values.samples import HOSTS, IPV4, LABEL, WRITTEN, digits
from tests.unit.values.test_match import TYPES

IPV6 = WRITTEN[Kind.IPV6]
PORTS = st.integers(0, 65_535).map(str)
FILES = WRITTEN[Kind.FILENAME]
COMPOSITES = {
    "domain|ip": (HOSTS, IPV4 | IPV6),
    "ip-src|port": (IPV4 | IPV6, PORTS),
    "ip-dst|port": (IPV4 | IPV6, PORTS),
    "hostname|port": (HOSTS, PORTS),
    "malware-sample": (FILES, digits(32)),
    "filename|md5": (FILES, digits(32)),
    "filename|sha1": (FILES, digits(40)),
    "filename|sha224": (FILES, digits(56)),
    "filename|sha256": (FILES, digits(64)),
    "filename|sha384": (FILES, digits(96)),
    "filename|sha512": (FILES, digits(128)),
    "filename|sha512/224": (FILES, digits(56)),
    "filename|sha512/256": (FILES, digits(64)),
    "filename|sha3-256": (FILES, digits(64)),
    "filename|authentihash": (FILES, digits(64)),
    "filename|imphash": (FILES, digits(32)),
    "filename|pehash": (FILES, digits(40)),
    "filename|ssdeep": (FILES, WRITTEN[Kind.SSDEEP]),
    "filename|tlsh": (FILES, WRITTEN[Kind.TLSH]),
    "filename|vhash": (FILES, digits(33)),
    "filename|impfuzzy": (FILES, WRITTEN[Kind.SSDEEP]),
    "regkey|value": (st.just("HKLM\\Software\\Run"), FILES),
}
"""Every composite of MISP with what its halves are."""

_HOST_POOL = ["evil.com", "www.evil.com", "a.b.evil.com", "other.com", "com", "evil.co.uk"]
_HOST_POOL += ["x.duckdns.org", "y.duckdns.org", "duckdns.org", "bücher.de", "dc01.corp"]
_ADDRESS_POOL = ["10.0.0.1", "10.0.0.200", "10.0.1.1", "192.0.2.7", "::ffff:10.0.0.1"]
_ADDRESS_POOL += ["2001:db8::1", "2001:db8:0:1::1", "2001:db9::1"]
_NETWORK_POOL = [
    "10.0.0.0/24",
    "10.0.0.0/25",
    "10.0.0.0/8",
    "10.0.0.0/7",
    "0.0.0.0/0",
    "10.0.0.0/31",
]
_NETWORK_POOL += ["2001:db8::/48", "2001:db8::/64", "2001:db8::/32", "2001:db8::/120", "2000::/3"]
POOL = [
    *_HOST_POOL,
    *_ADDRESS_POOL,
    *_NETWORK_POOL,
    *(f"http://{host}/a" for host in (*_HOST_POOL, "10.0.0.1", "[2001:db8::1]", "10.0.0.1:8080")),
    *(f"https://u:p@{host}:81" for host in _HOST_POOL),
    *(f"{host}/a/" for host in _HOST_POOL),
    *(f"a@{host}" for host in (*_HOST_POOL, "[10.0.0.1]")),
    "Evil <b@www.evil.com>",
    "3:AIO9AJraN:AeuIN/",
    "3:AIO9AJraN:AeuIN",
    "evil.exe",
    "foo.zip",
    "c:\\evil.com",
    "d" * 32,
]
"""Values close enough to each other to be related in every way."""
ASKED = [
    value
    for text, kind in [*((text, None) for text in POOL), *((t, Kind.FILENAME) for t in POOL[-30:])]
    if isinstance(value := normalise(text, hint=kind), Value)
]
POOL_TYPES = ["ip-dst", "domain", "hostname", "url", "link", "email-src", "filename", "text"]
POOL_TYPES += ["domain|ip", "ip-dst|port", "hostname|port", "filename|md5", "port", "AS"]


def value_of(written: str, kind: Kind | None = None) -> Value:
    value = normalise(written, hint=kind)
    assert isinstance(value, Value)
    return value


def looked_up(asked: Value, misp_type: str, text: str, also_related: bool) -> Relation | None:
    """The slow way: what an index would find, form by form."""
    try:
        wanted = probes(asked, related=also_related)
    except TooWide:
        wanted = tuple(p for p in _around(asked) if p.side is not Side.INSIDE)
    forms = stored(misp_type, text, blocks=True)
    found = {relation(p, m) for p, (form, m) in product(wanted, forms) if p.form == form}
    return next((one for one in Relation if one in found), None)


def _around(network: Value) -> tuple[Probe, ...]:
    """The probes of a network too wide to be covered, by way of one that is not."""
    return (Probe(network.text, Side.ITSELF),)


@pytest.mark.parametrize("kind", list(Kind))
@given(data=st.data())
@settings(max_examples=15, deadline=None)
def test_an_attribute_that_holds_a_value_has_the_form_of_its_probe(
    kind: Kind, data: st.DataObject
) -> None:
    value = value_of(data.draw(WRITTEN[kind]), kind)
    (probe,) = probes(value)
    for spelling in value.spellings:
        for misp_type in TYPES[kind]:
            assert (probe.form, Mark.WHOLE) in stored(misp_type, spelling)
            assert related(value, misp_type, spelling) is Relation.EQUAL


@pytest.mark.parametrize("misp_type", COMPOSITES)
@given(data=st.data())
@settings(max_examples=12, deadline=None)
def test_each_half_of_a_composite_has_the_form_of_its_probe(
    misp_type: str, data: st.DataObject
) -> None:
    halves = [data.draw(half) for half in COMPOSITES[misp_type]]
    types = misp_type.replace("malware-sample", "filename|md5").split("|")
    found = stored(misp_type, "|".join(halves))
    for half_type, half in zip(types, halves, strict=True):
        for form, mark in stored(half_type, half):
            assert form in dict(found)
            assert mark is not Mark.WHOLE or (form, Mark.HALF) in found
            value = normalise(half)
            if mark is Mark.WHOLE and isinstance(value, Value) and value.text == form:
                assert related(value, misp_type, "|".join(halves)) is Relation.PART
    assert Mark.WHOLE not in dict(found).values()


@pytest.mark.parametrize("also_related", [False, True])
@given(
    asked=st.sampled_from(ASKED),
    misp_type=st.sampled_from(POOL_TYPES),
    first=st.sampled_from(POOL),
    second=st.none() | st.sampled_from(POOL),
)
@example(ASKED[0], "filename", "http://evil.com/a/", None)
@settings(max_examples=600, deadline=None)
def test_verifying_confirms_what_a_look_up_finds_and_nothing_else(
    also_related: bool, asked: Value, misp_type: str, first: str, second: str | None
) -> None:
    text = first if second is None else f"{first}|{second}"
    try:
        probes(asked, related=also_related)
    except TooWide:
        assume(False)
    expected = looked_up(asked, misp_type, text, also_related)
    assert related(asked, misp_type, text, related=also_related) is expected


@given(
    misp_type=st.sampled_from([*POOL_TYPES, "nonsense", "|", ""]) | st.text(max_size=12),
    text=st.text(max_size=60) | st.text("a.b|/:%1@[]\0", max_size=30) | st.sampled_from(POOL),
    asked=st.sampled_from(ASKED),
)
@settings(max_examples=500, deadline=None)
def test_anything_stored_has_forms_without_doubles(misp_type: str, text: str, asked: Value) -> None:
    forms = [form for form, _ in stored(misp_type, text, blocks=True)]
    assert len(set(forms)) == len(forms)
    assert all(forms)
    without = stored(misp_type, text)
    assert without == tuple(
        (f, m) for f, m in stored(misp_type, text, blocks=True) if m is not Mark.BLOCK
    )
    assert related(asked, misp_type, text, related=True) in {None, *Relation}


@given(
    asked=st.sampled_from(ASKED), misp_type=st.sampled_from(POOL_TYPES), text=st.sampled_from(POOL)
)
@example(value_of("com/a/", Kind.FILENAME), "ip-dst", "http://com/a")
@settings(max_examples=500, deadline=None)
def test_alone_a_value_is_found_where_a_live_search_finds_it(
    asked: Value, misp_type: str, text: str
) -> None:
    """Both modes must answer alike."""
    live = dict(keys(misp_type, text)).get(asked.text)
    assert related(asked, misp_type, text) is live


CONVERSE = {
    None: None,
    Relation.SAME_HOST: Relation.SAME_HOST,
    Relation.SAME_DOMAIN: Relation.SAME_DOMAIN,
    Relation.ITS_DOMAIN: Relation.UNDER_DOMAIN,
    Relation.UNDER_DOMAIN: Relation.ITS_DOMAIN,
}
TYPE_OF = {
    Kind.DOMAIN: "domain",
    Kind.HOSTNAME: "hostname",
    Kind.URL: "url",
    Kind.EMAIL: "email",
    Kind.IPV4: "ip-dst",
    Kind.IPV6: "ip-dst",
}


def host_relation(asked: Value, other: Value) -> Relation | None:
    """Equal is one-sided: a URL without scheme equals one with it, as in a live search."""
    found = related(asked, TYPE_OF[other.kind], other.text, related=True)
    return Relation.SAME_HOST if found is Relation.EQUAL else found


@pytest.mark.parametrize("one", [v for v in ASKED if v.kind in TYPE_OF], ids=lambda v: v.text)
def test_relations_of_hosts_hold_both_ways(one: Value) -> None:
    for other in ASKED:
        if other.kind in TYPE_OF:
            assert host_relation(other, one) is CONVERSE[host_relation(one, other)], other.text


@pytest.mark.parametrize(
    ("asked", "misp_type", "text", "expected"),
    [
        ("evil.com", "domain", "EVIL.com", Relation.EQUAL),
        ("evil.com", "domain|ip", "evil.com|192.0.2.1", Relation.PART),
        ("192.0.2.1", "domain|ip", "evil.com|192.0.2.1", Relation.PART),
        ("evil.com", "url", "http://evil.com/a", Relation.SAME_HOST),
        ("evil.com", "email-src", "Evil <x@EVIL.com>", Relation.SAME_HOST),
        ("http://evil.com/b", "url", "http://u@evil.com:8080/a", Relation.SAME_HOST),
        ("http://evil.com/b", "domain", "evil.com", Relation.SAME_HOST),
        ("a@evil.com", "hostname|port", "evil.com|25", Relation.SAME_HOST),
        ("a@evil.com", "email-dst", "b@evil.com", Relation.SAME_HOST),
        ("evil.com/gate.php", "domain", "evil.com", Relation.SAME_HOST),
        ("http://192.0.2.1:81/b", "ip-dst|port", "192.0.2.1|443", Relation.SAME_HOST),
        ("192.0.2.1", "url", "http://192.0.2.1:8080/", Relation.SAME_HOST),
        ("2001:db8::1", "url", "http://[2001:DB8::1]/", Relation.SAME_HOST),
        ("192.0.2.1", "url", "http://[::ffff:192.0.2.1]/", Relation.SAME_HOST),
        ("http://bücher.de/a", "hostname", "xn--bcher-kva.de", Relation.SAME_HOST),
        ("www.evil.co.uk", "domain", "evil.co.uk", Relation.ITS_DOMAIN),
        ("http://www.evil.com/a", "domain|ip", "evil.com|192.0.2.1", Relation.ITS_DOMAIN),
        ("evil.com", "hostname", "a.b.evil.com", Relation.UNDER_DOMAIN),
        ("evil.com", "url", "https://www.evil.com/", Relation.UNDER_DOMAIN),
        ("bücher.de", "email", "a@mail.xn--bcher-kva.de", Relation.UNDER_DOMAIN),
        ("www.evil.com", "hostname", "mail.evil.com", Relation.SAME_DOMAIN),
        ("www.evil.com", "url", "http://evil.com/", Relation.SAME_DOMAIN),
        ("http://evil.com/a", "email", "x@mail.evil.com", Relation.SAME_DOMAIN),
        ("192.0.2.1", "ip-src", "192.0.2.0/24", Relation.ITS_NETWORK),
        ("192.0.2.1", "ip-src", "192.0.2.77/24", Relation.ITS_NETWORK),
        ("192.0.2.1", "ip-src", "192.0.0.0/8", Relation.ITS_NETWORK),
        ("::ffff:192.0.2.1", "ip-src", "192.0.2.0/31", Relation.ITS_NETWORK),
        ("192.0.2.1", "ip-src", "192.0.2.1/32", Relation.EQUAL),
        ("192.0.2.0/24", "ip-src", "192.0.0.0/16", Relation.ITS_NETWORK),
        ("2001:db8::1", "ip-src", "2001:db8::/127", Relation.ITS_NETWORK),
        ("2001:db8::1", "ip-src|port", "2001::/16|443", Relation.ITS_NETWORK),
        ("192.0.2.0/24", "ip-dst", "192.0.2.99", Relation.INSIDE_NETWORK),
        ("192.0.2.0/25", "ip-dst", "192.0.2.99", Relation.INSIDE_NETWORK),
        ("192.0.0.0/12", "ip-dst|port", "192.0.2.99|443", Relation.INSIDE_NETWORK),
        ("192.0.2.0/24", "domain|ip", "evil.com|192.0.2.99", Relation.INSIDE_NETWORK),
        ("192.0.2.0/24", "ip-dst", "::ffff:192.0.2.99", Relation.INSIDE_NETWORK),
        ("2001:db8::/48", "ip-dst", "2001:db8:0:9::1", Relation.INSIDE_NETWORK),
        ("2001:db8::/64", "ip-dst", "2001:db8::9", Relation.INSIDE_NETWORK),
    ],
)
def test_each_relation(asked: str, misp_type: str, text: str, expected: Relation) -> None:
    value = value_of(asked)
    assert related(value, misp_type, text, related=True) is expected
    assert looked_up(value, misp_type, text, True) is expected
    if expected not in (Relation.EQUAL, Relation.PART):
        assert related(value, misp_type, text) is None
        assert looked_up(value, misp_type, text, False) is None


@pytest.mark.parametrize(
    ("asked", "misp_type", "text"),
    [
        ("evil.com", "domain", "notevil.com"),
        ("evil.com", "hostname", "evil.com.other.net"),
        ("evil.co.uk", "domain", "other.co.uk"),
        ("co.uk", "domain", "evil.co.uk"),
        ("x.duckdns.org", "hostname", "y.duckdns.org"),
        ("duckdns.org", "hostname", "x.duckdns.org"),
        ("dc01.corp", "hostname", "dc02.corp"),
        ("evil.com", "domain", "évil.com"),
        ("http://192.0.2.1/a", "ip-dst", "192.0.2.2"),
        ("192.0.2.1", "ip-dst", "192.0.2.2"),
        ("192.0.2.1", "ip-src", "192.0.3.0/24"),
        ("192.0.2.1", "ip-src", "0.0.0.0/0"),
        ("192.0.2.1", "ip-src", "192.0.0.0/7"),
        ("192.0.2.0/25", "ip-dst", "192.0.2.200"),
        ("192.0.2.0/24", "ip-src", "192.0.2.0/25"),
        ("192.0.2.0/24", "url", "http://192.0.2.1/"),
        ("2001:db8::1", "ip-src", "2000::/3"),
        ("2001:db8::/64", "ip-dst", "2001:db8:0:1::1"),
        ("evil.exe", "url", "http://evil.com/evil.exe"),
        ("d" * 32, "comment", "d" * 31),
        ("evil.com", "comment", "seen on evil.com"),
        ("AS443", "ip-dst|port", "192.0.2.1|443"),
    ],
)
def test_what_is_not_related(asked: str, misp_type: str, text: str) -> None:
    assert related(value_of(asked), misp_type, text, related=True) is None
    assert looked_up(value_of(asked), misp_type, text, True) is None


@pytest.mark.parametrize("wide", ["0.0.0.0/0", "10.0.0.0/11", "2001:db8::/35", "2001:db8::/80"])
def test_a_network_too_wide_is_refused_only_where_related_values_are_asked(wide: str) -> None:
    value = value_of(wide)
    with pytest.raises(TooWide):
        probes(value, related=True)
    assert [probe.form for probe in probes(value)] == [value.text]
    assert related(value, "ip-src", wide) is Relation.EQUAL
    assert related(value, "ip-src", wide.replace("/", "|"), related=True) is None


@given(st.sampled_from(ASKED), st.booleans())
@settings(deadline=None)
def test_probes_are_without_doubles(value: Value, also_related: bool) -> None:
    try:
        forms = [probe.form for probe in probes(value, related=also_related)]
    except TooWide:
        return
    assert len(set(forms)) == len(forms)


def test_an_address_is_looked_for_by_25_texts() -> None:
    """17,750 of 710 addresses, by which the index was measured."""
    assert len(probes(value_of("192.0.2.1"), related=True)) == 25
    assert len(probes(value_of("2001:db8::1"), related=True)) == 113


@given(st.text(max_size=30), st.sampled_from([None, *Kind]))
@settings(deadline=None)
def test_no_value_has_the_form_of_a_block(written: str, kind: Kind | None) -> None:
    value = normalise("\0" + written, hint=kind)
    assert not isinstance(value, Value) or not value.text.startswith("\0")


@given(LABEL, st.sampled_from(["", "/"]))
@settings(deadline=None)
def test_one_row_serves_a_url_with_and_without_its_final_slash(label: str, slash: str) -> None:
    url = f"http://{label}.com/a"
    assert stored("url", url) == stored("url", url + "/")
    assert probes(value_of(url)) == probes(value_of(url + slash))


@pytest.mark.parametrize(("side", "mark"), list(product(Side, Mark)))
def test_every_meeting_of_a_probe_and_a_form_is_decided(side: Side, mark: Mark) -> None:
    """A look-up drops what means nothing; the table may not grow by accident."""
    nothing = {(Side.ALONE, Mark.HOST), (Side.ALONE, Mark.DOMAIN), (Side.ALONE, Mark.BLOCK)}
    nothing |= {(s, Mark.BLOCK) for s in (Side.ITSELF, Side.HOST, Side.DOMAIN, Side.NETWORK)}
    nothing |= {(s, m) for s in (Side.NETWORK, Side.INSIDE) for m in (Mark.HOST, Mark.DOMAIN)}
    assert (relation(Probe("", side), mark) is None) == ((side, mark) in nothing)
