"""GEO events look as the trial's did, and the same accesses always lead to the same ones."""

from securegrid.ingest.model import AttributeDraft, Counted
from securegrid.ingest.shapes.geo import GeoShape
from securegrid.ingest.shapes.options import ShapeOptions

OPTIONS = ShapeOptions(alliance="SecureGRID", source="docodoco.jp", name="どこどこJP")
SHAPE = GeoShape(OPTIONS)
AWS = "https://aws.amazon.com/"
EVENT = ("2021-05-13", "OS-Unknown", "VPS/Cloud", AWS)


def contents(*items: tuple[tuple[str, ...], Counted]) -> list[AttributeDraft]:
    found = list(SHAPE.contents(EVENT, items))
    assert all(isinstance(one, AttributeDraft) for one in found)
    return [one for one in found if isinstance(one, AttributeDraft)]


def test_the_head_is_the_trials() -> None:
    head = SHAPE.head(EVENT)
    assert head.info == "(2021-05-13) どこどこJP OS-Unknown VPS/Cloud (https://aws.amazon.com/)"
    assert head.tags == ("docodoco.jp", "2021-05-13", "anonymous:VPS/Cloud", "tlp:amber")
    assert str(head.date) == "2021-05-13"


def test_each_address_says_when_and_how_often() -> None:
    link, system, first, second = contents(
        (("198.51.100.7",), Counted(10, 20, 1)), (("2001:db8::7",), Counted(11, 11, 1_234))
    )
    assert (link.type, link.value) == ("link", AWS)
    assert (system.type, system.value) == ("text", "OS: OS-Unknown")
    assert (first.type, first.category, first.value) == (
        "ip-src",
        "Network activity",
        "198.51.100.7",
    )
    assert (first.first_seen, first.last_seen, first.comment) == (10, 20, "1 request")
    assert (second.value, second.comment) == ("2001:db8::7", "1,234 requests")
    # Whoever uses a cloud today is not who uses it tomorrow.
    assert not any(one.to_ids for one in (link, system, first, second))


def test_rows_about_one_address_are_one_attribute() -> None:
    *_, address = contents(
        (("198.51.100.7", "US", "Amazon"), Counted(10, 20, 2)),
        (("198.51.100.7", "US", "Amazon Data Services"), Counted(5, 12, 3)),
    )
    assert (address.first_seen, address.last_seen) == (5, 20)
    assert address.comment == "5 requests; US; Amazon; Amazon Data Services"


def test_uuids_follow_from_the_content_and_from_whose_it_is() -> None:
    items = [(("198.51.100.7",), Counted(10, 20, 1))]
    later = [(("198.51.100.7",), Counted(10, 90, 7))]
    assert [one.uuid for one in contents(*items)] == [one.uuid for one in contents(*later)]
    others = [
        SHAPE.head(("2021-05-14", *EVENT[1:])),
        SHAPE.head((*EVENT[:3], "")),
        GeoShape(ShapeOptions(alliance="Other", source="docodoco.jp")).head(EVENT),
        GeoShape(ShapeOptions(alliance="SecureGRID", source="other.jp")).head(EVENT),
    ]
    uuids = {SHAPE.head(EVENT).uuid, *(other.uuid for other in others)}
    assert len(uuids) == 5


def test_an_unknown_provider_is_called_so() -> None:
    event = ("2021-05-13", "Linux", "VPN", "")
    assert SHAPE.head(event).info == "(2021-05-13) どこどこJP Linux VPN (provider unknown)"
    assert [one.type for one in SHAPE.contents(event, [])] == ["text"]  # type: ignore[union-attr]
    named = (*event[:3], "AS64500 EXAMPLE")
    assert SHAPE.head(named).info.endswith("(AS64500 EXAMPLE)")
