"""Who is in the demo alliance: members, their MISPs and the people who sign in."""

from dataclasses import dataclass

OPERATOR_EMAIL = "operator@securegrid.example"
ALLIANCE_NAME = "SecureGRID Alliance (demo)"


@dataclass(frozen=True, slots=True)
class CastMisp:
    """A MISP of the demo; ``slug`` names its file, ``org`` made its events."""

    slug: str
    name: str
    member: str
    org: str
    mode: str = "indexed"


@dataclass(frozen=True, slots=True)
class CastPerson:
    """A person of the demo; ``member`` is empty for the operator."""

    email: str
    name: str
    role: str
    member: str


LAC, GEOLOCATION, IPA = "LAC", "Geolocation Technology", "IPA"
MEMBERS = (LAC, GEOLOCATION, IPA)

MISPS = (
    CastMisp("osint", "GRID-MISP (OSINT)", LAC, "LAC"),
    CastMisp("lab", "GRID-MISP (LAB)", LAC, "LAC"),
    CastMisp("geo", "GEO-MISP", GEOLOCATION, "GEOLOCATION"),
    # Live, to show the difference: nothing of the list hits it, and yet it receives every value.
    CastMisp("ipa", "IPA-MISP", IPA, "ipakick", mode="live"),
)

PEOPLE = (
    CastPerson("analyst@lac.example", "LAC analyst", "analyst", LAC),
    CastPerson("owner@lac.example", "LAC MISP owner", "owner", LAC),
    CastPerson("analyst@geolocation.example", "Geolocation analyst", "analyst", GEOLOCATION),
    CastPerson("owner@geolocation.example", "Geolocation MISP owner", "owner", GEOLOCATION),
    CastPerson("analyst@ipa.example", "IPA analyst", "analyst", IPA),
    CastPerson("owner@ipa.example", "IPA MISP owner", "owner", IPA),
    CastPerson(OPERATOR_EMAIL, "Operator", "operator", ""),
)

TRIAL_ANALYST = "analyst@lac.example"
"""Who runs the trial's search at the first start, as LAC did in 2021."""
