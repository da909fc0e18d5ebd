"""Forms about members, people and MISPs; the services check what is entered."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from securegrid.portal.accounts.labels import ROLE_HINTS, ROLES
from securegrid.portal.accounts.roles import Role
from securegrid.portal.alliance.checks import MAX_CONCURRENCY, MAX_PAUSE_MS
from securegrid.portal.alliance.labels import (
    MODE_HINTS,
    MODES,
    TLS,
    VISIBILITY,
    VISIBILITY_HINTS,
)
from securegrid.portal.alliance.models import Alliance, Member, Misp, MispMode, TlsMode, Visibility

WRITE_ONLY = {"autocomplete": "off", "spellcheck": "false"}


class WriteOnlyTextarea(forms.Textarea):
    """A text that is taken in and never sent back, not even after a failed check."""

    def format_value(self, value: Any) -> str | None:
        """Nothing."""
        return None


class LinesField(forms.CharField):
    """Several texts, one per line."""

    widget = forms.Textarea(attrs={"rows": 3, "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        """Lines from a list."""
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """A list from lines, without empty ones."""
        return [line.strip() for line in str(value or "").splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether the lists differ."""
        return sorted(initial or []) != sorted(self.to_python(data))


class MispForm(forms.Form):
    """Connecting or changing a MISP. Key and certificate are written only, never shown."""

    name = forms.CharField(label=_("Name"), max_length=200)
    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        widget=forms.URLInput(attrs={"placeholder": "https://misp.example.org"}),
    )
    key = forms.CharField(
        label=_("Auth key"),
        max_length=200,
        required=False,
        widget=forms.PasswordInput(attrs=WRITE_ONLY | {"autocomplete": "new-password"}),
    )
    tls = forms.ChoiceField(
        label=_("Server certificate"),
        choices=[(mode.value, name) for mode, name in TLS.items()],
        initial=TlsMode.VERIFY.value,
        widget=forms.Select(attrs={"data-shows": "tls"}),
    )
    ca_pem = forms.CharField(
        label=_("CA certificate"),
        help_text=_("PEM: begins with -----BEGIN CERTIFICATE-----"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "class": "sg-mono", "spellcheck": "false"}),
    )
    client_pem = forms.CharField(
        label=_("Client certificate"),
        help_text=_("PEM: certificate and its unencrypted private key, if the MISP asks for one."),
        required=False,
        widget=WriteOnlyTextarea(attrs=WRITE_ONLY | {"rows": 5, "class": "sg-mono"}),
    )
    forget_client_pem = forms.BooleanField(
        label=_("Forget the stored client certificate"), required=False
    )
    mode = forms.ChoiceField(
        label=_("How searches reach your data"),
        choices=[(mode.value, name) for mode, name in MODES.items()],
        initial=MispMode.INDEXED.value,
        widget=forms.RadioSelect,
    )
    visibility = forms.ChoiceField(
        label=_("What other members see of a hit"),
        choices=[(kind.value, name) for kind, name in VISIBILITY.items()],
        initial=Visibility.FULL.value,
        widget=forms.RadioSelect,
    )
    published_only = forms.BooleanField(label=_("Only published events"), required=False)
    left_out_tags = LinesField(
        label=_("Leave out what has one of these tags"),
        help_text=_("One per line, e.g. tlp:red."),
        required=False,
    )
    left_out_types = LinesField(
        label=_("Leave out these attribute types"),
        help_text=_("One per line, e.g. comment."),
        required=False,
    )
    concurrency = forms.IntegerField(
        label=_("Requests at once"),
        help_text=_("1 to 8; two to four serve a MISP best."),
        initial=4,
        min_value=1,
        max_value=MAX_CONCURRENCY,
    )
    pause_ms = forms.IntegerField(
        label=_("Pause between requests (ms)"),
        help_text=_("0 to 10,000."),
        initial=0,
        min_value=0,
        max_value=MAX_PAUSE_MS,
    )

    def __init__(
        self, misp: Misp | None, members: Iterable[Member], data: QueryDict | None = None
    ) -> None:
        super().__init__(data, initial=None if misp is None else _initial(misp))
        if misp is None:
            self._ask_for_new(list(members))
        else:
            self.fields["key"].label = _("New auth key")
            self.fields["key"].help_text = _("Leave empty to keep the stored one.")
        if misp is None or not misp.sealed_client_pem:
            del self.fields["forget_client_pem"]
        self.fields["visibility"].choices = hinted(VISIBILITY, VISIBILITY_HINTS)  # type: ignore[attr-defined]
        self.fields["mode"].choices = hinted(MODES, MODE_HINTS)  # type: ignore[attr-defined]

    def _ask_for_new(self, members: list[Member]) -> None:
        self.fields["key"].required = True
        self.fields["key"].help_text = _(
            "Of a read-only user, if you can. It is stored sealed and never shown again."
        )
        if len(members) > 1:
            self.fields["member"] = MemberField(members)
            self.order_fields(["member"])

    def changes(self) -> dict[str, Any]:
        """What was changed, as ``services.change_misp`` takes it (after ``is_valid``)."""
        special = {"key", "client_pem", "forget_client_pem"}
        given = {n: self.cleaned_data[n] for n in self.changed_data if n not in special}
        if self.cleaned_data["key"]:
            given["key"] = self.cleaned_data["key"]
        if self.cleaned_data["client_pem"]:
            given["client_pem"] = self.cleaned_data["client_pem"]
        elif self.cleaned_data.get("forget_client_pem"):
            given["client_pem"] = ""
        return given


class MemberField(forms.ChoiceField):
    """One of these members, by public id; the cleaned value is the member."""

    def __init__(self, members: Iterable[Member], *, none: object = None, **kwargs: Any) -> None:
        self._members = {str(member.public_id): member for member in members}
        choices: list[tuple[str, object]] = [("", none or _("– choose –"))]
        choices += [(key, member.name) for key, member in self._members.items()]
        super().__init__(label=_("Member"), choices=choices, required=none is None, **kwargs)

    def clean(self, value: Any) -> Any:
        """The member, or None where none may be chosen."""
        return self._members.get(super().clean(value))


class RolesField(forms.MultipleChoiceField):
    """Some of these roles; the cleaned value is a list of ``Role``."""

    def __init__(self, offered: Iterable[Role], **kwargs: Any) -> None:
        known = set(offered)
        names = {role: name for role, name in ROLES.items() if role in known}
        super().__init__(
            label=_("Roles"),
            choices=hinted(names, ROLE_HINTS),
            widget=forms.CheckboxSelectMultiple,
            required=False,  # the service says why at least one is needed
            **kwargs,
        )

    def clean(self, value: Any) -> Any:
        """The chosen roles."""
        return [Role(role) for role in super().clean(value)]


class InviteForm(forms.Form):
    """A new person."""

    email = forms.CharField(
        label=_("E-mail address"), max_length=254, widget=forms.EmailInput(attrs=WRITE_ONLY)
    )
    name = forms.CharField(label=_("Name"), max_length=150, required=False)

    def __init__(
        self,
        members: Iterable[Member],
        roles: Iterable[Role],
        *args: Any,
        outside_allowed: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if outside_allowed:
            self.fields["member"] = MemberField(members, none=_("none (portal operator)"))
        self.fields["roles"] = RolesField(roles)


class RolesForm(forms.Form):
    """The roles of a person."""

    def __init__(self, roles: Iterable[Role], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["roles"] = RolesField(roles)


class PersonNameForm(forms.Form):
    """The shown name of a person."""

    name = forms.CharField(label=_("Name"), max_length=150, required=False)


class MemberForm(forms.Form):
    """The name of a member."""

    name = forms.CharField(label=_("Name of the organisation"), max_length=200)


class AllianceForm(forms.Form):
    """The alliance's own settings."""

    name = forms.CharField(label=_("Name of the alliance"), max_length=200)
    show_searching_member = forms.BooleanField(
        label=_("Owners see which organisation searched"),
        help_text=_("Holds for searches from now on. A person's name is never shown."),
        required=False,
    )
    notice = forms.CharField(
        label=_("Notice on every page"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    @staticmethod
    def initial_of(alliance: Alliance) -> dict[str, Any]:
        """What is stored."""
        return {
            "name": alliance.name,
            "show_searching_member": alliance.show_searching_member,
            "notice": alliance.notice,
        }


def hinted(names: Any, hints: Any) -> list[tuple[str, object]]:
    """Choices whose labels carry an explanation in small letters."""
    return [
        (code.value, format_html('{} <span class="sg-sub">{}</span>', name, hints[code]))
        for code, name in names.items()
    ]


def _initial(misp: Misp) -> dict[str, Any]:
    shown = (
        "name url tls ca_pem mode visibility published_only left_out_tags left_out_types "
        "concurrency pause_ms"
    )
    return {name: getattr(misp, name) for name in shown.split()}
