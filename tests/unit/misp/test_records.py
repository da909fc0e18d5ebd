"""That records are lenient where servers differ, and strict where an answer says nothing."""

import msgspec
import pytest

from securegrid.misp.records import Attribute, Me, Tag, whole

PLAIN = {
    "id": "1",
    "uuid": "u",
    "event_id": 2,
    "type": "domain",
    "category": "Network activity",
    "value": "a.example",
}


def _attribute(**changes: object) -> Attribute:
    text = msgspec.json.encode(PLAIN | changes)
    return msgspec.json.Decoder(Attribute, strict=False).decode(text)


@pytest.mark.parametrize("written", [True, 1, "1", "true"])
def test_a_flag_may_come_in_every_form(written: object) -> None:
    assert _attribute(to_ids=written).to_ids is True


@pytest.mark.parametrize("written", [False, 0, "0", "false"])
def test_an_unset_flag_may_come_in_every_form(written: object) -> None:
    assert _attribute(to_ids=written).to_ids is False


@pytest.mark.parametrize("text", ["null", "true", "0", "123", "", "日本語"])
def test_text_stays_text(text: str) -> None:
    found = _attribute(value=text, comment=text)
    assert (found.value, found.comment) == (text, text)


@pytest.mark.parametrize("name", sorted(PLAIN))
def test_an_attribute_without_its_core_is_refused(name: str) -> None:
    cut = {key: value for key, value in PLAIN.items() if key != name}
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(cut, Attribute, strict=False)


def test_no_tag_means_none() -> None:
    assert _attribute().tags == []
    assert _attribute(Tag=[{"name": "tlp:red", "inherited": 1}]).tags == [Tag("tlp:red", None, 1)]


@pytest.mark.parametrize("setting", [[], {"publish_alert_filter": {}}])
def test_user_settings_do_not_matter(setting: object) -> None:
    me = {
        "User": {"id": "1", "org_id": "1", "email": "a@b.test"},
        "Role": {"name": "user", "perm_add": False},
        "UserSetting": setting,
    }
    assert msgspec.convert(me, Me, strict=False).role.granted == ()


@pytest.mark.parametrize(("written", "number"), [("12", 12), (12, 12), (None, None), ("x", None)])
def test_numbers_in_both_forms(written: int | str | None, number: int | None) -> None:
    assert whole(written) == number
