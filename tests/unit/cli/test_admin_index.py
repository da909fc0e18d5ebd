"""``securegrid admin index`` and ``admin misp mode``: what is asked of an index by script."""

import json

import pytest

from securegrid.portal.alliance.models import Misp
from securegrid.portal.indexing import services
from tests.conftest import MakeMisp
from tests.unit.cli.test_admin import done, misused, refused
from tests.unit.portal.indexing.conftest import SIZE, claimed

pytestmark = pytest.mark.django_db


@pytest.fixture
def named(make_misp: MakeMisp) -> Misp:
    return make_misp(name="LAB", mode="indexed")


def listed() -> dict[str, object]:
    (row,) = json.loads(done("index", "list", "--json"))
    return dict(row)


def test_a_mode_is_chosen_and_shown(make_misp: MakeMisp) -> None:
    misp = make_misp(name="LAB")
    assert listed()["standing"] == "live"
    assert "searched indexed" in done("misp", "mode", "LAB", "indexed")
    assert listed()["standing"] == "missing"
    done("misp", "mode", "LAB", "live")
    misp.refresh_from_db()
    assert misp.mode == "live"
    misused("misp", "mode", "LAB", "both")


def test_an_index_is_paused_resumed_rotated_rebuilt_and_destroyed(named: Misp) -> None:
    from django.utils import timezone

    services.finish_sync(claimed(named, timezone.now()), timezone.now(), SIZE, services.Changes())
    told = listed()
    assert (told["standing"], told["rows"], told["epoch"]) == ("ready", 200, 1)
    done("index", "pause", "LAB")
    assert listed()["paused"] is True
    done("index", "resume", "LAB")
    assert listed()["paused"] is False
    done("index", "rotate", "LAB")
    assert listed()["rotating"] is True
    done("index", "rebuild", "LAB")
    done("index", "sync", "LAB")
    assert services.due(timezone.now()) == [named]
    misused("index", "destroy", "LAB")
    assert listed()["standing"] == "ready"
    done("index", "destroy", "LAB", "--yes")
    assert (listed()["standing"], listed()["rows"]) == ("missing", 0)


def test_settings_are_changed_one_by_one(named: Misp) -> None:
    from django.utils import timezone

    done("index", "set", "LAB", "--interval-min", "60", "--quiet", "08:00-18:00")
    done("index", "set", "LAB", "--zone", "Asia/Tokyo", "--quiet", "09:00-17:30", "--blocks")
    settings = services.overview(named, timezone.now()).settings
    assert settings.interval_min == 60
    assert settings.blocks
    assert settings.quiet is not None
    assert (str(settings.quiet.start), settings.quiet.zone.key) == ("09:00:00", "Asia/Tokyo")
    done("index", "set", "LAB", "--quiet", "none")
    assert services.overview(named, timezone.now()).settings.quiet is None


@pytest.mark.parametrize(
    "words",
    [
        ("--interval-min", "1"),
        ("--max-age-h", "0"),
        ("--rate-per-s", "5"),
        ("--quiet", "soon"),
        ("--quiet", "08:00-08:00"),
        ("--quiet", "08:00-09:00", "--zone", "Nowhere/City"),
    ],
)
def test_impossible_settings_are_refused(named: Misp, words: tuple[str, ...]) -> None:
    refused("index", "set", "LAB", *words)


def test_a_live_misp_has_no_index_to_rebuild(make_misp: MakeMisp) -> None:
    make_misp(name="LAB")
    assert "no index" in refused("index", "rebuild", "LAB")
