"""Forms about one's own account; the services check what is entered."""

from datetime import timedelta

from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.utils.translation import gettext_lazy as _

from securegrid.portal.accounts.labels import SCOPES
from securegrid.portal.accounts.models import User
from securegrid.portal.accounts.roles import Scope, scope_permissions

LIFETIMES: tuple[tuple[str, object], ...] = (
    ("30", _("30 days")),
    ("90", _("90 days")),
    ("180", _("180 days")),
    ("366", _("1 year")),
)


class LoginForm(AllauthLoginForm):  # type: ignore[misc]
    """Signing in, without placeholders that only repeat the labels."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A new passkey or security key, whose name has a label in every language."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name")


class EditPasskeyForm(EditWebAuthnForm):  # type: ignore[misc]
    """Renaming a passkey or security key."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name")


class TokenForm(forms.Form):
    """A new API token: only scopes of which its person could use something are offered."""

    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("Where it will be used, e.g. SOAR playbook.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may be used for"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Your own roles limit it further."),
    )
    days = forms.ChoiceField(label=_("Ends after"), choices=LIFETIMES, initial="90")

    def __init__(self, user: User, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        offered = [(scope.value, name) for scope, name in SCOPES.items() if _useful(scope, user)]
        self.fields["scopes"].choices = offered  # type: ignore[attr-defined]

    @property
    def lifetime(self) -> timedelta:
        """The chosen lifetime (after ``is_valid``)."""
        return timedelta(days=int(self.cleaned_data["days"]))


class AcceptForm(forms.Form):
    """A password for an account that was made by invitation."""

    token = forms.CharField(
        label=_("Invitation code"),
        max_length=1000,
        help_text=_("The part of your invitation link after the # sign."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-from-fragment": ""}),
    )
    password = forms.CharField(
        label=_("New password"),
        max_length=500,
        strip=False,
        help_text=_("At least 12 characters, and not a common one."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("The same password again"),
        max_length=500,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_again(self) -> str:
        """Refuse two different passwords."""
        again: str = self.cleaned_data["again"]
        if again != self.cleaned_data.get("password", again):
            raise forms.ValidationError(_("The two passwords differ."))
        return again


def _useful(scope: Scope, user: User) -> bool:
    return any(user.may(permission) for permission in scope_permissions(frozenset({scope})))
