"""No template needs more than ``default-src 'self'``, and every answer says so."""

import re

import pytest
from django.test import Client

from tests.unit.portal.ui.sources import PORTAL, all_templates

TEMPLATES = all_templates()
POLICY = "default-src 'self'"


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_inline_style_or_script(name: str) -> None:
    source = TEMPLATES[name]
    assert not re.search(r"\sstyle\s*=", source)
    assert "<style" not in source
    assert not re.search(r"\son[a-z]+\s*=", source)
    scripts = re.findall(r"<script\b[^>]*>", source)
    assert all("src=" in tag or 'type="application/json"' in tag for tag in scripts)


@pytest.mark.parametrize("name", TEMPLATES)
def test_nothing_comes_from_elsewhere(name: str) -> None:
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", TEMPLATES[name])


@pytest.mark.parametrize("name", TEMPLATES)
def test_htmx_attributes_need_no_eval(name: str) -> None:
    source = TEMPLATES[name]
    assert "hx-on" not in source
    assert not re.search(r"hx-[a-z:]+=[\"']js:", source)
    assert not re.search(r"hx-trigger=[\"'][^\"']*\[", source)


def test_every_icon_that_is_used_is_in_the_sprite() -> None:
    sprite = (PORTAL / "ui/static/vendor/tabler-icons/icons.svg").read_text()
    known = set(re.findall(r'<symbol id="([^"]+)"', sprite))
    used = {
        name
        for source in TEMPLATES.values()
        for name in re.findall(r"""{% icon "([^"]+)\"""", source)
    }
    assert used
    assert used <= known


@pytest.mark.parametrize("address", ["/accounts/login/", "/invitation/", "/nothing", "/account/"])
def test_every_answer_carries_the_policy(db: None, address: str) -> None:
    header = Client().get(address).headers["Content-Security-Policy"]
    assert POLICY in header
    assert "unsafe" not in header
    assert "img-src 'self' data:" in header
