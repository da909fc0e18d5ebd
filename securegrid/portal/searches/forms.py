"""The options of a question; the text itself is read as it is, so that nothing of it is lost."""

from django import forms
from django.utils.translation import gettext_lazy as _

from securegrid.federation.fanout import LONGEST_DEADLINE_S, SHORTEST_DEADLINE_S
from securegrid.portal.config import config
from securegrid.portal.searches.services import MAX_LABEL, MAX_PURPOSE


class ReachForm(forms.Form):
    """How far a search reaches: which MISPs learn of it, and what counts as a hit."""

    private = forms.BooleanField(
        label=_("Only indexed MISPs"),
        required=False,
        help_text=_("No value leaves the portal: MISPs that are asked live are left out."),
    )
    related = forms.BooleanField(
        label=_("Related too"),
        required=False,
        help_text=_(
            "Also hosts, domains and networks around a value, where the MISP is indexed; "
            "each such hit says how it is related."
        ),
    )


class OptionsForm(forms.Form):
    """What the analyst may say about a search; everything is optional."""

    label = forms.CharField(
        label=_("Label"),
        max_length=MAX_LABEL,
        required=False,
        help_text=_("To find it again in the history. Kept sealed."),
    )
    purpose = forms.CharField(
        label=_("Purpose"),
        max_length=MAX_PURPOSE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For your colleagues. Other members never see it."),
    )
    deadline_s = forms.FloatField(
        label=_("Time limit in seconds"),
        min_value=SHORTEST_DEADLINE_S,
        max_value=LONGEST_DEADLINE_S,
        required=False,
        widget=forms.NumberInput(attrs={"step": 1}),
        help_text=_("1 to 120. What has not answered by then is shown as not answered."),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["deadline_s"].initial = round(config().deadline_s)
