"""Takes a picture of each page in light and dark, English and Japanese, wide and narrow.

``python -m scripts.screenshots [--only NAME …] [--themes light,dark] [--languages en,ja]
[--widths 1440,390]`` starts a portal with sample data of its own on a free port, and writes
``var/screenshots/<page>-<theme>-<language>-<width>.png``.
"""

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from scripts.pages import PAGES, PASSWORD

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = next(
    # Debian's chromium without its windows takes half the time; both show the same.
    filter(None, map(shutil.which, ("chromium-headless-shell", "chromium"))),
    "chromium-headless-shell",
)
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def main() -> None:
    """Start the sample portal, take the pictures, stop it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--only", nargs="*", default=[])
    options.add_argument("--themes", default="light,dark")
    options.add_argument("--languages", default="en,ja")
    options.add_argument("--widths", default="1440,390")
    options.add_argument("--out", type=Path, default=ROOT / "var/screenshots")
    given = options.parse_args()
    themes, languages = given.themes.split(","), given.languages.split(",")
    looks = list(product(themes, languages, [int(width) for width in given.widths.split(",")]))
    wanted = [page for page in PAGES if not given.only or page.name in given.only]
    with sample_portal() as (base, addresses):
        take(base, wanted, looks, addresses, given.out)


@contextmanager
def sample_portal() -> Iterator[tuple[str, dict[str, str]]]:
    """A portal with the sample alliance: its address, and the ids that addresses need."""
    with tempfile.TemporaryDirectory(prefix="securegrid-sample-") as folder:
        settings = environment(Path(folder))
        command = [sys.executable, "-m", "scripts.sample"]
        filled = subprocess.run(  # noqa: S603
            command, cwd=ROOT, env=settings, check=True, stdout=subprocess.PIPE
        )
        addresses: dict[str, str] = json.loads(filled.stdout.splitlines()[-1])
        port = free_port()
        server = start(port, settings)
        try:
            base = f"http://127.0.0.1:{port}"
            wait_for(f"{base}/accounts/login/")
            yield base, addresses
        finally:
            server.terminate()
            server.wait(timeout=20)


def environment(folder: Path) -> dict[str, str]:
    """Settings of a demo portal whose data lies in ``folder``."""
    others = {name: text for name, text in os.environ.items() if "SECUREGRID" not in name}
    return others | {
        "DJANGO_SETTINGS_MODULE": "securegrid.portal.settings",
        "SECUREGRID_MODE": "demo",
        "SECUREGRID_DATABASE_URL": f"sqlite:///{folder}/portal.sqlite3",
        "SECUREGRID_ALLOW_LOOPBACK_MISPS": "true",
    }


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start(port: int, settings: dict[str, str]) -> subprocess.Popen[bytes]:
    """The portal under uvicorn, silent."""
    command = [sys.executable, "-m", "uvicorn", "securegrid.portal.asgi:application"]
    return subprocess.Popen(  # noqa: S603
        [*command, "--port", str(port), "--log-level", "warning"],
        cwd=ROOT,
        env=settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def wait_for(address: str, patience_s: float = 30) -> None:
    """Return when ``address`` answers."""
    ends = time.monotonic() + patience_s
    while True:
        try:
            urllib.request.urlopen(address, timeout=2)  # noqa: S310
            return
        except OSError:
            if time.monotonic() > ends:
                raise
            time.sleep(0.2)


def take(base, wanted, looks, addresses, out) -> None:  # type: ignore[no-untyped-def]
    """Every wanted page in every look; a page is signed in as the person it names."""
    out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        states = {who: sign_in(browser, base, who) for who in {p.who for p in wanted} if who}
        for theme, language, width in looks:
            for who in sorted({page.who for page in wanted}):
                context = look(browser, base, states.get(who), theme, language, width)
                for page in (page for page in wanted if page.who == who):
                    shot = context.new_page()
                    shot.on("console", lambda message: complain(message.type, message.text))
                    visit(shot, base, page, addresses)
                    wide = shot.evaluate("document.documentElement.scrollWidth - innerWidth")
                    if wide > 0:
                        print(f"{page.name} {language} {width}: {wide}px too wide")
                    name = f"{page.name}-{theme}-{language}-{width}.png"
                    shot.screenshot(path=out / name, full_page=True)
                    shot.close()
                context.close()
        browser.close()


def visit(  # type: ignore[no-untyped-def]
    shot: Page, base: str, page, addresses: dict[str, str], *, at_rest: bool = True
) -> None:
    """Open the page and do what it needs to be seen; ``at_rest``: wait until nothing loads."""
    shot.goto(base + page.path.format(**addresses))
    if page.act:
        page.act(shot)
    if at_rest:
        shot.wait_for_load_state("networkidle")


def complain(kind: str, text: str) -> None:
    """Say what the browser's console says, violations of the content policy among it."""
    if kind in {"error", "warning"} and "status of 4" not in text:
        print(f"console {kind}: {text}")


def sign_in(browser: Browser, base: str, who: str) -> list[object]:
    """Cookies of a session of ``who``."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{base}/accounts/login/")
    page.fill("[name=login]", who)
    page.fill("[name=password]", PASSWORD)
    page.click("main button:has-text('Sign in')")
    page.wait_for_url(lambda url: "/accounts/login" not in url)
    cookies = list(context.cookies())
    context.close()
    return cookies


def look(browser, base, cookies, theme, language, width) -> BrowserContext:  # type: ignore[no-untyped-def]
    """A browser window of this width, theme and language, in Tokyo's zone."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=theme,
        locale=language,
        timezone_id="Asia/Tokyo",
        reduced_motion="reduce",
    )
    context.add_cookies(
        [
            *(cookies or []),
            {"name": "timezone", "value": "Asia/Tokyo", "url": base},
            {"name": "django_language", "value": language, "url": base},
        ]
    )
    return context


if __name__ == "__main__":
    main()
