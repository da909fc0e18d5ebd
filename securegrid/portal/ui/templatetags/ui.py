"""Template tags for icons, times, durations and charts."""

import json
from datetime import datetime
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def icon(name: str, classes: str = "", label: str = "") -> SafeString:
    """An icon of the sprite (scripts/icons.txt); hidden from screen readers unless labelled."""
    sheet = static("vendor/tabler-icons/icons.svg")
    if label:
        return format_html(
            '<svg class="icon {}" role="img" aria-label="{}"><use href="{}#{}"></use></svg>',
            classes, label, sheet, name,
        )  # fmt: skip
    return format_html(
        '<svg class="icon {}" aria-hidden="true"><use href="{}#{}"></use></svg>',
        classes, sheet, name,
    )  # fmt: skip


@register.simple_tag
def when(moment: datetime | None, seconds: bool = False) -> SafeString:
    """A moment in the user's zone, minutes shown, the rest on pointing; a dash for none."""
    if moment is None:
        return format_html('<span class="text-secondary">{}</span>', "–")
    local = timezone.localtime(moment)
    shown = local.strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")
    full = f"{local:%Y-%m-%d %H:%M:%S} {local.tzname()} (UTC{local:%z})"
    return format_html(
        '<time class="sg-when" datetime="{}" title="{}">{}</time>', moment.isoformat(), full, shown
    )


@register.filter
def duration(elapsed_ms: float | None) -> str:
    """Milliseconds as people read them: ``85 ms``, ``1.24 s``, ``2 min 5 s``; a dash for none."""
    if elapsed_ms is None:
        return "–"
    if elapsed_ms < 1000:
        return f"{elapsed_ms:.0f} ms"
    if elapsed_ms < 60_000:
        return f"{elapsed_ms / 1000:.2f} s"
    minutes, seconds = divmod(round(elapsed_ms / 1000), 60)
    return f"{minutes} min {seconds} s"


@register.simple_tag
def chart(data: dict[str, Any], label: str, classes: str = "") -> SafeString:
    """A chart for static/ui/charts.js (see README.md); ``label`` says in words what it shows."""
    return format_html(
        '<div class="sg-chart {}" role="img" aria-label="{}" data-chart="{}"></div>',
        classes, label, json.dumps(data, ensure_ascii=False),
    )  # fmt: skip
