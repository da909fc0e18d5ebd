"""The forms of imports; the services check what is entered."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from securegrid.portal.alliance.models import Misp
from securegrid.portal.config import config
from securegrid.portal.imports.formats import LONGEST_SOURCE, TLP, Told, formats
from securegrid.portal.imports.labels import format_name
from securegrid.portal.imports.models import Import
from securegrid.portal.imports.records import AUTO
from securegrid.portal.refusals import Problem, say

_KEY = {"autocomplete": "new-password", "spellcheck": "false"}


def _format_choices() -> list[tuple[str, str]]:
    return [(name, format_name(name)) for name in (AUTO, *formats())]


class HowToReadForm(forms.Form):
    """How a file is read: format, source, zone, TLP, columns."""

    format = forms.ChoiceField(label=_("Format"), choices=_format_choices)
    source = forms.CharField(
        label=_("Source"),
        help_text=_("Who or what saw it. It stands in titles and tags; use the same every day."),
        max_length=LONGEST_SOURCE,
        widget=forms.TextInput(attrs={"list": "sources", "autocomplete": "off"}),
    )
    zone = forms.CharField(
        label=_("Time zone of the file"),
        help_text=_("For times without one, and for where a day begins."),
        max_length=64,
    )
    tlp = forms.ChoiceField(label=_("TLP"), choices=[(tag, tag.upper()) for tag in TLP])
    columns = forms.CharField(
        label=_("Columns of a table"),
        help_text=_("One per line, such as value=IOC; only where the table’s heads do not say it."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "sg-mono", "spellcheck": "false"}),
    )

    title = forms.CharField(
        label=_("Title of a table’s events"),
        help_text=_("For rows that have none."),
        required=False,
        max_length=LONGEST_SOURCE,
    )
    proxies = forms.CharField(
        label=_("Trusted proxies of an access log"),
        help_text=_("Networks or addresses, one per line. Only their X-Forwarded-For is believed."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "class": "sg-mono", "spellcheck": "false"}),
    )

    def told(self) -> Told:
        """What was entered (after ``is_valid``)."""
        names = ("source", "format", "zone", "tlp", "columns", "title", "proxies")
        return Told(**{name: self.cleaned_data[name] for name in names})

    @staticmethod
    def initial_of(imported: Import) -> dict[str, Any]:
        """As it was read before."""
        options = imported.options
        columns = "\n".join(f"{role}={name}" for role, name in options["columns"])
        return {
            "format": imported.format,
            "source": imported.source,
            "zone": options["zone"],
            "tlp": options["tlp"],
            "columns": columns,
            "title": options["title"],
            "proxies": "\n".join(options["proxies"]),
        }


class UploadForm(HowToReadForm):
    """A file, and how it is read."""

    file = forms.FileField(label=_("File"), allow_empty_file=True)
    field_order = ("file", "format", "source")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        told = {"data-most": config().max_upload_bytes, "data-too-large": self._too_large()}
        self.fields["file"].widget.attrs.update(told)

    @staticmethod
    def _too_large() -> str:
        return say(Problem.UPLOAD_TOO_LARGE, get_language() or "en")


class KeyForm(forms.Form):
    """A key for once."""

    key = forms.CharField(
        label=_("Auth key that may write"),
        help_text=_("Kept sealed until this is done, then forgotten. Empty: the MISP’s own key."),
        max_length=200,
        required=False,
        widget=forms.PasswordInput(attrs=_KEY),
    )


class PublishForm(KeyForm):
    """Into which MISP, by which key, and whether what breaks a rule goes too."""

    misp = forms.ChoiceField(label=_("Publish to"))
    force = forms.BooleanField(label=_("Publish what breaks a rule too"), required=False)
    field_order = ("misp", "key", "force")

    def __init__(
        self, misps: Iterable[Misp], *args: Any, asks_force: bool = True, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._misps = {str(misp.public_id): misp for misp in misps}
        choices: list[tuple[str, str | Promise]] = [
            (name, misp.name) for name, misp in self._misps.items()
        ]
        self.fields["misp"].choices = choices  # type: ignore[attr-defined]
        if not asks_force:
            del self.fields["force"]

    def chosen(self) -> Misp:
        """The chosen one (after ``is_valid``)."""
        return self._misps[self.cleaned_data["misp"]]
