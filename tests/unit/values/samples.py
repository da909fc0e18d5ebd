"""Strategies that write values of every kind, and defang them as people do."""

import hashlib

from hypothesis import strategies as st

from securegrid.values.model import Kind

HEX = "0123456789abcdef"
LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,12}[a-z0-9])?", fullmatch=True).filter(
    lambda label: not label.startswith("xn--")
)
SUFFIX = st.sampled_from(["com", "info", "jp", "co.jp", "xyz", "ru", "onion", "example", "de"])
HOSTS = st.builds(lambda labels, suffix: ".".join([*labels, suffix]), st.lists(LABEL, min_size=1, max_size=3), SUFFIX)  # fmt: skip # noqa: E501
IPV4 = st.ip_addresses(v=4).map(str)
PATHS = st.from_regex(r"(/[A-Za-z0-9._~%@:-]{0,8}){0,3}(\?[a-z=&%0-9]{0,8})?", fullmatch=True)


def digits(count: int) -> st.SearchStrategy[str]:
    return st.text(HEX, min_size=count, max_size=count)


def base58(payload: bytes) -> str:
    """Base58Check of 20 bytes, written here a second time so that the two check each other."""
    raw = b"\0" + payload
    raw += hashlib.sha256(hashlib.sha256(raw).digest()).digest()[:4]
    number, text = int.from_bytes(raw, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        text = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"[rest] + text
    return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + text


WRITTEN: dict[Kind, st.SearchStrategy[str]] = {
    Kind.IPV4: IPV4,
    Kind.IPV6: st.ip_addresses(v=6).filter(lambda a: not a.ipv4_mapped).map(str),
    Kind.CIDR: st.builds("{}/{}".format, IPV4, st.integers(0, 31)),
    Kind.DOMAIN: st.builds("{}.{}".format, LABEL, st.sampled_from(["com", "co.jp", "xyz"])),
    Kind.HOSTNAME: st.builds("www.{}.com".format, LABEL),
    Kind.URL: st.builds(
        "{}://{}{}".format, st.sampled_from(["http", "https", "ftp"]), HOSTS | IPV4, PATHS
    ),
    Kind.EMAIL: st.builds("{}@{}".format, LABEL, HOSTS),
    Kind.MD5: digits(32),
    Kind.SHA1: digits(40),
    Kind.SHA224: digits(56),
    Kind.SHA256: digits(64),
    Kind.SHA384: digits(96),
    Kind.SHA512: digits(128),
    Kind.IMPHASH: digits(32),
    Kind.JA3: digits(32),
    Kind.JARM: digits(62),
    Kind.TLSH: digits(70).map(lambda text: "T1" + text.upper()),
    Kind.SSDEEP: st.from_regex(
        r"(3|96|1536):[A-Za-z0-9/+]{10,64}:[A-Za-z0-9/+]{5,32}", fullmatch=True
    ),
    Kind.FILENAME: st.builds(
        "{}.{}".format, LABEL, st.sampled_from(["exe", "DLL", "docx", "zip", "txt"])
    ),
    Kind.CVE: st.builds("CVE-{}-{}".format, st.integers(1999, 2030), st.integers(1000, 99999999)),
    Kind.AS: st.integers(0, 2**32 - 1).map("AS{}".format),
    Kind.BITCOIN: st.binary(min_size=20, max_size=20).map(base58),
    Kind.MAC: st.lists(digits(2), min_size=6, max_size=6).map(":".join),
}
"""For each kind, plain writings of it; ``normalise`` with the kind as hint gives that kind."""

DOTS = st.sampled_from(["[.]", "(.)", "{.}", "[dot]", "(dot)", "{DOT}", " [.] ", "．", "｡", "[。]"])


@st.composite
def defanged(draw: st.DrawFn, plain: st.SearchStrategy[str]) -> tuple[str, str]:
    """A plain writing and the same defanged: its dots, scheme, colon and at sign."""
    text = draw(plain)
    scheme, separator, rest = text.partition("://")
    host, slash, path = (rest if separator else text).partition("/")
    host = (
        draw(DOTS).join(host.split(".")).replace("@", draw(st.sampled_from(["[@]", "[at]", "@"])))
    )
    if separator:
        mangled = scheme.replace("tt", draw(st.sampled_from(["xx", "XX", "tt", "**"])))
        host = mangled + draw(st.sampled_from(["://", "[:]//", "[://]"])) + host
    return text, host + slash + path
