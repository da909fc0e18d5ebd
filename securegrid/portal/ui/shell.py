"""What surrounds every page: navigation, the signed-in person, theme, zone and notice.

Rooms above this one add their navigation in their own ``nav`` module, which is imported
when Django has started; the shell itself knows no room.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise

THEME_COOKIE = "theme"


class Theme(StrEnum):
    """How light the page is; AUTO follows the browser's preference."""

    AUTO = "auto"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class NavEntry:
    """One entry of the main navigation, shown to those for whom ``shown`` is true."""

    label: Promise
    url_name: str
    icon: str
    order: int
    shown: Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the alliance room says about itself to every page."""

    alliance: str = "SecureGRID"
    notice: str = ""


@dataclass(frozen=True, slots=True)
class NavItem:
    """A navigation entry for one person on one page."""

    label: str
    url: str
    icon: str
    active: bool


@dataclass(frozen=True, slots=True)
class Shell:
    """The typed context of the base layout (``shell`` in templates)."""

    items: tuple[NavItem, ...]
    signed_in: bool
    person: str
    organisation: str
    theme: Theme
    zone: str
    alliance: str
    notice: str


_entries: list[NavEntry] = []
_surroundings: list[Callable[[], Surroundings]] = []


def add_entry(entry: NavEntry) -> None:
    """Add a navigation entry (once; a second one with the same ``url_name`` is ignored)."""
    if all(known.url_name != entry.url_name for known in _entries):
        _entries.append(entry)
        _entries.sort(key=lambda known: known.order)


def surroundings_from(reader: Callable[[], Surroundings]) -> None:
    """Say who knows the alliance's name and notice."""
    _surroundings[:] = [reader]


def shell(request: HttpRequest) -> dict[str, Shell]:
    """Django's context processor: puts ``shell`` into every rendered page."""
    around = _surroundings[0]() if _surroundings else Surroundings()
    user = getattr(request, "user", None)
    signed_in = bool(user is not None and user.is_authenticated)
    member = getattr(user, "member", None) if signed_in else None
    return {
        "shell": Shell(
            items=items_for(user, request.path) if signed_in else (),
            signed_in=signed_in,
            person=(getattr(user, "name", "") or str(user)) if signed_in else "",
            organisation=str(member) if member is not None else "",
            theme=theme_of(request),
            zone=timezone.get_current_timezone_name(),
            alliance=around.alliance,
            notice=around.notice,
        )
    }


def items_for(user: Any, path: str) -> tuple[NavItem, ...]:
    """The navigation of this person; the entry with the longest matching address is active."""
    shown = [(entry, reverse(entry.url_name)) for entry in _entries if entry.shown(user)]
    here = max((url for _, url in shown if path.startswith(url)), key=len, default="")
    return tuple(
        NavItem(str(entry.label), url, entry.icon, active=url == here) for entry, url in shown
    )


def theme_of(request: HttpRequest) -> Theme:
    """The theme this browser chose, AUTO when none or an unknown one."""
    chosen = request.COOKIES.get(THEME_COOKIE, "")
    return Theme(chosen) if chosen in {theme.value for theme in Theme} else Theme.AUTO
