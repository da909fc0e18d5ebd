"""MISPs: connected, changed, switched off; the key goes in and never comes out."""

import logging
from typing import Any

import pytest
from django.core import serializers

from securegrid.misp.connection import Tls
from securegrid.portal import resealing
from securegrid.portal.alliance import misps, services
from securegrid.portal.alliance.models import Member, Misp, TlsMode
from securegrid.portal.config import config
from securegrid.portal.refusals import Problem, Refused
from securegrid.portal.sealing import Sealer, keys_of
from tests.conftest import KEY, MakeMisp
from tests.unit.portal.alliance.test_checks import ONE, OTHER, certificate, private

pytestmark = pytest.mark.django_db
OTHER_KEY = "Z" * 40
CA = certificate(ONE)
CLIENT = certificate(OTHER) + private(OTHER)


def key_of(misp: Misp) -> str:
    return services.connection_of(Misp.objects.get(pk=misp.pk)).key


def test_a_connected_misp_can_be_reached(make_misp: MakeMisp) -> None:
    misp = make_misp(url="https://a.example", tls="own_ca", ca_pem=CA, client_pem=CLIENT)
    connection = services.connection_of(Misp.objects.get(pk=misp.pk))
    assert (connection.url, connection.key) == ("https://a.example", KEY)
    assert (connection.tls, connection.ca_pem) == (Tls.OWN_CA, CA)
    assert connection.client_pem == CLIENT
    assert connection.policy == services.address_policy()


def test_no_plain_column_nor_repr_holds_a_secret(make_misp: MakeMisp) -> None:
    misp = make_misp(client_pem=CLIENT)
    shown = serializers.serialize("json", [misp]) + repr(services.connection_of(misp))
    shown += repr(bytes(misp.sealed_key)) + repr(bytes(misp.sealed_client_pem or b""))
    assert KEY not in shown
    assert "PRIVATE" not in shown


def test_every_setting_is_kept(make_misp: MakeMisp) -> None:
    misp = make_misp(
        visibility="count",
        published_only=True,
        left_out_tags=["tlp:red"],
        left_out_types=["comment"],
        concurrency=2,
        pause_ms=50,
    )
    kept = Misp.objects.get(pk=misp.pk)
    assert (kept.visibility, kept.published_only) == ("count", True)
    assert (kept.left_out_tags, kept.left_out_types) == (["tlp:red"], ["comment"])
    assert (kept.concurrency, kept.pause_ms) == (2, 50)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"url": "nothing"}, "url"),
        ({"key": "short"}, "key"),
        ({"tls": "own_ca"}, "ca_pem"),
        ({"client_pem": "nothing"}, "client_pem"),
        ({"mode": "sometimes"}, "mode"),
        ({"visibility": "everything"}, "visibility"),
        ({"concurrency": 9}, "concurrency"),
        ({"pause_ms": -1}, "pause_ms"),
        ({"left_out_tags": ["!x"]}, "left_out_tags"),
        ({"left_out_types": ["%"]}, "left_out_types"),
    ],
)
def test_what_cannot_be_is_refused(
    make_misp: MakeMisp, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        make_misp(**changes)
    assert refused.value.field == field
    assert not Misp.objects.exists()


def test_a_name_belongs_to_one_misp(make_misp: MakeMisp) -> None:
    make_misp(name="GRID-MISP")
    other = make_misp(name="GEO-MISP")
    for attempt in (lambda: make_misp(name="GRID-MISP"), lambda: rename(other)):
        with pytest.raises(Refused) as refused:
            attempt()
        assert refused.value.problem is Problem.NAME_TAKEN


def rename(misp: Misp) -> None:
    services.change_misp(misp, name="GRID-MISP")


def test_rules_change_without_the_key(misp: Misp) -> None:
    services.change_misp(misp, name="New name", visibility="exists", pause_ms=100)
    assert (misp.name, misp.visibility, misp.pause_ms) == ("New name", "exists", 100)
    assert key_of(misp) == KEY


def test_another_path_on_the_same_server_keeps_the_key(misp: Misp) -> None:
    services.change_misp(misp, url=misp.url + "/misp")
    assert key_of(misp) == KEY


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "https://evil.example"},
        {"url": "https://misp.example:444"},
        {"url": "http://misp.example"},
        {"tls": "insecure"},
        {"tls": "own_ca", "ca_pem": certificate(OTHER)},
        {"url": "https://evil.example", "tls": "verify"},
    ],
)
def test_another_server_or_weaker_verification_needs_the_key_again(
    make_misp: MakeMisp, changes: dict[str, Any]
) -> None:
    misp = make_misp(url="https://misp.example")
    with pytest.raises(Refused) as refused:
        services.change_misp(misp, name="changed", **changes)
    assert refused.value.problem is Problem.KEY_NEEDED_AGAIN
    assert Misp.objects.get(pk=misp.pk).name != "changed"
    services.change_misp(misp, key=OTHER_KEY, **changes)
    assert key_of(misp) == OTHER_KEY


def test_stronger_verification_keeps_the_key(make_misp: MakeMisp) -> None:
    misp = make_misp(tls="insecure")
    services.change_misp(misp, tls="verify")
    assert misp.tls == TlsMode.VERIFY
    assert key_of(misp) == KEY


def test_an_address_changed_in_the_database_does_not_get_the_key(misp: Misp) -> None:
    Misp.objects.filter(pk=misp.pk).update(url="https://evil.example")
    with pytest.raises(Refused) as refused:
        key_of(misp)
    assert refused.value.problem is Problem.KEY_MISSING


def test_a_key_moved_to_another_row_does_not_open(make_misp: MakeMisp) -> None:
    mine, yours = make_misp(url="https://a.example"), make_misp(url="https://a.example")
    Misp.objects.filter(pk=mine.pk).update(sealed_key=bytes(yours.sealed_key))
    with pytest.raises(Refused):
        key_of(mine)


def test_an_unopenable_key_is_logged_by_id_only(
    misp: Misp, caplog: pytest.LogCaptureFixture
) -> None:
    Misp.objects.filter(pk=misp.pk).update(sealed_key=b"x" * 60)
    with caplog.at_level(logging.ERROR), pytest.raises(Refused):
        key_of(misp)
    assert str(misp.public_id) in caplog.text
    assert misp.url not in caplog.text


def test_a_key_is_replaced_and_wakes_the_misp(misp: Misp) -> None:
    Misp.objects.filter(pk=misp.pk).update(failures_in_a_row=4, resting_reason="key_rejected")
    services.replace_key(misp, OTHER_KEY)
    assert key_of(misp) == OTHER_KEY
    assert (misp.failures_in_a_row, misp.resting_reason) == (0, "")


def test_a_client_certificate_can_be_removed(make_misp: MakeMisp) -> None:
    misp = make_misp(client_pem=CLIENT)
    services.change_misp(misp, client_pem="")
    assert services.connection_of(misp).client_pem == ""


def test_a_misp_is_switched_off_and_on(misp: Misp) -> None:
    services.set_enabled(misp, False)
    assert not misp.is_offered
    services.set_enabled(misp, True)
    assert misp.is_offered


def test_a_disconnected_misp_has_no_key_until_one_is_given(make_misp: MakeMisp) -> None:
    misp = make_misp(client_pem=CLIENT)
    services.disconnect(misp)
    assert not misp.is_offered
    assert bytes(misp.sealed_key) == b""
    assert misp.sealed_client_pem is None
    with pytest.raises(Refused):
        services.set_enabled(misp, True)
    services.change_misp(misp, name="still there")
    services.replace_key(misp, OTHER_KEY)
    services.set_enabled(misp, True)
    assert key_of(misp) == OTHER_KEY


def test_all_that_is_sealed_moves_to_a_new_master_key(
    make_misp: MakeMisp, monkeypatch: pytest.MonkeyPatch
) -> None:
    misp = make_misp(client_pem=CLIENT)
    make_misp()
    new = b"n" * 32
    monkeypatch.setattr(resealing, "sealer", lambda: Sealer([new, *keys_of(config())]))
    moved = resealing.rotate()
    assert (moved["MISP keys"], moved["client certificates"]) == (2, 1)
    assert set(resealing.rotate().values()) == {0}
    row = Misp.objects.get(pk=misp.pk)
    assert Sealer([new]).unseal(row.sealed_key, misps.key_context(row)) == KEY.encode()
    assert row.sealed_client_pem is not None
    opened = Sealer([new]).unseal(row.sealed_client_pem, misps.client_context(row))
    assert opened == CLIENT.encode()


def test_rotation_leaves_a_key_alone_that_was_replaced_meanwhile(misp: Misp) -> None:
    stale = Misp.objects.get(pk=misp.pk)
    services.replace_key(misp, OTHER_KEY)
    new = Sealer([b"n" * 32, *keys_of(config())])
    assert resealing.column(Misp, "sealed_key", misps.key_context)._reseal(stale, new) == 0
    assert key_of(misp) == OTHER_KEY


def test_a_misp_belongs_to_its_member(member: Member, misp: Misp) -> None:
    assert list(member.misps.all()) == [misp]
