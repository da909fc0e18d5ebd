"""Brings every app's Japanese catalogue in step with its texts, and compiles it.

``python scripts/messages.py [APP …]`` needs GNU gettext. It prints each text that
still lacks Japanese.
"""

import os
import subprocess
import sys
from pathlib import Path

import polib

PORTAL = Path(__file__).resolve().parent.parent / "securegrid/portal"
HEADER = {
    "Project-Id-Version": "SecureGRID Portal",
    "Language": "ja",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=1; plural=0;",
}


def main() -> int:
    """Update and compile all catalogues; 1 when a text lacks Japanese."""
    wanted = sys.argv[1:]
    chosen = [app for app in apps() if not wanted or app.name in wanted]
    missing = [text for app in chosen for text in update(app)]
    print("\n".join(missing) or "every text has its Japanese")
    return 1 if missing else 0


def apps() -> list[Path]:
    """The folders of the portal's apps that have texts for people."""
    return sorted(path.parent for path in PORTAL.glob("*/locale"))


def update(app: Path) -> list[str]:
    """Extract, tidy and compile one app's catalogue; what still lacks Japanese."""
    (app / "locale/ja/LC_MESSAGES").mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "django", "makemessages", "-l", "ja", "-v0"]
    environment = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
    subprocess.run(  # noqa: S603
        [*command, "--no-location", "--no-wrap", "--no-obsolete"],
        cwd=app,
        env=environment,
        check=True,
    )
    catalogue = polib.pofile(str(app / "locale/ja/LC_MESSAGES/django.po"), wrapwidth=0)
    catalogue.header = "Japanese texts; made by scripts/messages.py, translated by hand."
    catalogue.metadata = HEADER
    catalogue.sort(key=lambda entry: (entry.msgid, entry.msgctxt or ""))
    catalogue.save()
    catalogue.save_as_mofile(str(app / "locale/ja/LC_MESSAGES/django.mo"))
    untranslated = [*catalogue.untranslated_entries(), *catalogue.fuzzy_entries()]
    return [f"{app.name}: {entry.msgid!r}" for entry in untranslated]


if __name__ == "__main__":
    sys.exit(main())
