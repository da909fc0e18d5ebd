"""What kinds of values, relations and cell states are called."""

from enum import StrEnum
from typing import Final

from securegrid.federation.outcomes import CellState
from securegrid.values.model import Kind, Relation

WORDS: Final[dict[type[StrEnum], dict[str, tuple[str, str]]]] = {
    Kind: {
        Kind.IPV4: ("IPv4 address", "IPv4アドレス"),
        Kind.IPV6: ("IPv6 address", "IPv6アドレス"),
        Kind.CIDR: ("network (CIDR)", "ネットワーク（CIDR）"),
        Kind.DOMAIN: ("domain name", "ドメイン名"),
        Kind.HOSTNAME: ("host name", "ホスト名"),
        Kind.URL: ("URL", "URL"),
        Kind.EMAIL: ("e-mail address", "メールアドレス"),
        Kind.MD5: ("MD5", "MD5"),
        Kind.SHA1: ("SHA-1", "SHA-1"),
        Kind.SHA224: ("SHA-224", "SHA-224"),
        Kind.SHA256: ("SHA-256", "SHA-256"),
        Kind.SHA384: ("SHA-384", "SHA-384"),
        Kind.SHA512: ("SHA-512", "SHA-512"),
        Kind.IMPHASH: ("imphash", "imphash"),
        Kind.SSDEEP: ("ssdeep", "ssdeep"),
        Kind.TLSH: ("TLSH", "TLSH"),
        Kind.JA3: ("JA3 fingerprint", "JA3フィンガープリント"),
        Kind.JARM: ("JARM fingerprint", "JARMフィンガープリント"),
        Kind.FILENAME: ("file name", "ファイル名"),
        Kind.CVE: ("CVE", "CVE"),
        Kind.AS: ("AS number", "AS番号"),
        Kind.BITCOIN: ("Bitcoin address", "ビットコインアドレス"),
        Kind.MAC: ("MAC address", "MACアドレス"),
    },
    Relation: {
        Relation.EQUAL: ("equal to the value", "検索値と一致"),
        Relation.PART: ("one part of a combined attribute", "複合属性の一部と一致"),
        Relation.SAME_HOST: ("same host", "同じホスト"),
        Relation.ITS_DOMAIN: ("the value's registered domain", "検索値の登録ドメイン"),
        Relation.UNDER_DOMAIN: ("under this domain", "このドメインの配下"),
        Relation.SAME_DOMAIN: ("same registered domain", "同じ登録ドメイン"),
        Relation.ITS_NETWORK: ("network that contains the value", "検索値を含むネットワーク"),
        Relation.INSIDE_NETWORK: ("inside this network", "このネットワーク内のアドレス"),
    },
    CellState: {
        CellState.RUNNING: ("being asked", "問い合わせ中"),
        CellState.HIT: ("hit", "ヒット"),
        CellState.MISS: ("no hit", "ヒットなし"),
        CellState.NOT_ANSWERED: ("not answered", "回答なし"),
        CellState.NOT_ASKED: ("not asked", "問い合わせなし"),
    },
}
"""Enum, then code, then (English, Japanese)."""
