"""What kind a name stands for: MISP attribute types, and the words of columns and feeds."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from securegrid.values.model import Kind

_NAMES: Final = {
    Kind.IPV4: "ipv4 ipv4addr ip4 ipv4アドレス",
    Kind.IPV6: "ipv6 ipv6addr ip6 ipv6アドレス",
    Kind.CIDR: "cidr network subnet netblock iprange ipdstcidr ネットワーク",
    Kind.DOMAIN: "domain domainname dom ドメイン ドメイン名",
    Kind.HOSTNAME: "hostname host fqdn hostport ホスト ホスト名 onionaddress",
    Kind.URL: "url urls link uri weburl targeturl",
    Kind.EMAIL: (
        "email emailaddress emailaddr mail mailaddress emailsrc emaildst emailreplyto targetemail "
        "whoisregistrantemail dnssoaemail emailsender eppn jabberid メール メールアドレス"
    ),
    Kind.MD5: "md5 filehashmd5 hashmd5 md5hash hasshmd5 hasshservermd5 x509fingerprintmd5 ",
    Kind.SHA1: "sha1 filehashsha1 hashsha1 sha1hash x509fingerprintsha1 gitcommitid pehash",
    Kind.SHA224: "sha224 filehashsha224",
    Kind.SHA256: (
        "sha256 filehashsha256 hashsha256 sha256hash x509fingerprintsha256 authentihash sha3256"
    ),
    Kind.SHA384: "sha384 filehashsha384",
    Kind.SHA512: "sha512 filehashsha512",
    Kind.IMPHASH: "imphash filehashimphash",
    Kind.SSDEEP: "ssdeep filehashssdeep",
    Kind.TLSH: "tlsh filehashtlsh",
    Kind.JA3: "ja3 ja3s ja3fingerprint ja3fingerprintmd5 ja3hash",
    Kind.JARM: "jarm jarmfingerprint",
    Kind.FILENAME: (
        "filename file filepath path pdb attachment emailattachment malwaresample ファイル "
        "ファイル名 ファイルパス"
    ),
    Kind.CVE: "cve cveid vulnerability cves 脆弱性",
    Kind.AS: "as asn asnumber autonomoussystem as番号",
    Kind.BITCOIN: "btc bitcoin bitcoinaddress btcaddress ビットコイン",
    Kind.MAC: "mac macaddress maceui64 macアドレス",
}
_KINDS: Final = {name: kind for kind, names in _NAMES.items() for name in names.split()}

_SEVERAL: Final = (
    "ip ipaddress ipaddr ipsrc ipdst srcip dstip sourceip destinationip destip clientip remoteip "
    "address addr hash hashes filehash checksum ipアドレス アドレス ハッシュ ハッシュ値 "
    "domainip ipport hashvalue 送信元ip 送信元ipアドレス 宛先ip 通信先 接続先"
)
_UNTYPED: Final = frozenset(_SEVERAL.split())
"""Names of several kinds at once: their values say themselves which one they are."""

_SEPARATORS: Final = re.compile(r"[\s_\-./:()（）#|]+")


@lru_cache(maxsize=1_024)  # asked for every attribute that a MISP returns, of some 50 types
def kind_of(name: str) -> Kind | None:
    """The kind that a MISP type or a column name stands for; ``None`` if none or several."""
    return _KINDS.get(plain_name(name))


def holds_values(name: str) -> bool:
    """Whether a column of this name holds values of some kind."""
    plain = plain_name(name)
    return plain in _KINDS or plain in _UNTYPED


def plain_name(name: str) -> str:
    """A name without case, width and separators: ``FileHash-MD5`` is ``filehashmd5``."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", name[:100]).lower())
