"""The form in which an owner decides how its index is kept; the services check it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from securegrid.portal.indexing import owning
from securegrid.portal.indexing.owning import quiet_of
from securegrid.portal.indexing.records import Settings

CLOCK = {"type": "time"}


class IndexForm(forms.Form):
    """How often, how old, when not, how fast, and whether networks find addresses."""

    interval_min = forms.IntegerField(
        label=_("Minutes between two syncs"),
        help_text=_("5 to 10,080. A sync first asks which events changed, in one small request."),
        min_value=owning.MIN_INTERVAL_MIN,
        max_value=owning.MAX_INTERVAL_MIN,
    )
    max_age_h = forms.IntegerField(
        label=_("Hours until the index is too old"),
        help_text=_("1 to 720. A search then says so instead of giving an old answer."),
        min_value=owning.MIN_AGE_H,
        max_value=owning.MAX_AGE_H,
    )
    quiet_from = forms.TimeField(
        label=_("Quiet from"), required=False, widget=forms.TimeInput(attrs=CLOCK, format="%H:%M")
    )
    quiet_until = forms.TimeField(
        label=_("Quiet until"),
        help_text=_("May be past midnight; leave both empty for none."),
        required=False,
        widget=forms.TimeInput(attrs=CLOCK, format="%H:%M"),
    )
    quiet_zone = forms.CharField(
        label=_("Time zone of the quiet hours"),
        help_text=_("For example Asia/Tokyo or UTC."),
        max_length=64,
        required=False,
    )
    rate_per_s = forms.IntegerField(
        label=_("Most attributes read in a second"),
        help_text=_("100 to 1,000,000; 0 for no limit."),
        min_value=0,
        max_value=owning.MAX_RATE_PER_S,
    )
    blocks = forms.BooleanField(
        label=_("Let a searched network find the addresses inside it"),
        help_text=_("Keeps one or two rows more for each address. Changing it reads all anew."),
        required=False,
    )

    def settings(self) -> Settings:
        """What was entered (after ``is_valid``). Raises ``Refused``."""
        given = self.cleaned_data
        return Settings(
            interval_min=given["interval_min"],
            max_age_h=given["max_age_h"],
            quiet=quiet_of(given["quiet_from"], given["quiet_until"], given["quiet_zone"] or "UTC"),
            rate_per_s=given["rate_per_s"],
            blocks=given["blocks"],
        )

    @staticmethod
    def initial_of(settings: Settings) -> dict[str, Any]:
        """What is kept now."""
        quiet = settings.quiet
        return {
            "interval_min": settings.interval_min,
            "max_age_h": settings.max_age_h,
            "quiet_from": None if quiet is None else quiet.start,
            "quiet_until": None if quiet is None else quiet.end,
            "quiet_zone": "UTC" if quiet is None else quiet.zone.key,
            "rate_per_s": settings.rate_per_s,
            "blocks": settings.blocks,
        }
