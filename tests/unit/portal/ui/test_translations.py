"""Every text of the portal has its Japanese, in step with source and compiled catalogue."""

import re
import shutil
from pathlib import Path

import polib
import pytest
from django.utils import translation

from scripts.messages import update
from tests.unit.portal.ui.sources import PORTAL, all_templates

CATALOGUES = {path.parents[3].name: path for path in PORTAL.glob("*/locale/ja/*/django.po")}
APPS_WITH_TEXTS = {Path(name).parts[0] for name in all_templates()}


def test_every_app_with_templates_has_a_catalogue() -> None:
    assert set(CATALOGUES) >= APPS_WITH_TEXTS


@pytest.mark.parametrize("app", CATALOGUES)
def test_every_text_in_the_source_has_its_japanese(app: str, tmp_path: Path) -> None:
    """Extracted anew from a copy of the app, so that a forgotten text is found."""
    assert shutil.which("xgettext"), "GNU gettext is needed"
    copy = tmp_path / app
    ignored = shutil.ignore_patterns("vendor", "__pycache__", "migrations")
    shutil.copytree(PORTAL / app, copy, ignore=ignored)
    assert update(copy) == []


@pytest.mark.parametrize("app", CATALOGUES)
def test_the_catalogue_is_in_step_with_the_source(app: str, tmp_path: Path) -> None:
    copy = tmp_path / app
    ignored = shutil.ignore_patterns("vendor", "__pycache__", "migrations")
    shutil.copytree(PORTAL / app, copy, ignore=ignored)
    update(copy)
    extracted = polib.pofile(str(copy / "locale/ja/LC_MESSAGES/django.po"))
    committed = polib.pofile(str(CATALOGUES[app]))
    keys = [{(e.msgid, e.msgctxt) for e in po if not e.obsolete} for po in (extracted, committed)]
    assert keys[0] == keys[1]


@pytest.mark.parametrize("app", CATALOGUES)
def test_the_compiled_catalogue_is_in_step(app: str) -> None:
    written = polib.pofile(str(CATALOGUES[app]))
    compiled = polib.mofile(str(CATALOGUES[app].with_suffix(".mo")))
    texts = [
        {(e.msgid, e.msgctxt): (e.msgstr, e.msgstr_plural) for e in catalogue if e.msgid}
        for catalogue in (written.translated_entries(), compiled)
    ]
    assert texts[0] == texts[1]


@pytest.mark.parametrize("app", CATALOGUES)
def test_placeholders_survive_translation(app: str) -> None:
    for entry in polib.pofile(str(CATALOGUES[app])):
        texts = (entry.msgid, japanese_of(entry))
        holes = [sorted(re.findall(r"%\([a-z_]+\)[sd]|%%", text)) for text in texts]
        assert holes[0] == holes[1], entry.msgid


@pytest.mark.parametrize("app", CATALOGUES)
def test_the_japanese_is_japanese(app: str) -> None:
    """A text without a single Japanese character is a name, and says so by being the same."""
    japanese = re.compile("[\u3040-\u30ff\u4e00-\u9fff\uff00-\uffef]")
    for entry in polib.pofile(str(CATALOGUES[app])):
        text = japanese_of(entry)
        same_name = text in {"MISP", "API", entry.msgid}
        assert japanese.search(text) or same_name or entry.msgid[0].isdigit(), entry.msgid


def test_one_text_has_one_translation() -> None:
    """Django merges all catalogues, so a second translation would win by chance."""
    seen: dict[tuple[str, str | None], str] = {}
    for path in CATALOGUES.values():
        for entry in polib.pofile(str(path)):
            key = (entry.msgid, entry.msgctxt)
            assert seen.setdefault(key, japanese_of(entry)) == japanese_of(entry), entry.msgid


def japanese_of(entry: polib.POEntry) -> str:
    """The translation; Japanese has one form for all numbers."""
    return str(entry.msgstr_plural[0] if entry.msgid_plural else entry.msgstr)


def test_our_words_win_over_allauths() -> None:
    with translation.override("ja"):
        assert translation.gettext("Sign Out") == "サインアウト"
