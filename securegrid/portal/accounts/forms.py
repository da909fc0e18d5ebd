"""Forms about one's own account; the services check what is entered."""

from datetime import timedelta

from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.account.forms import ReauthenticateForm as AllauthPasswordForm
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
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
    """Signing in; after a wrong password only that has to be entered again."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        _begin_at(self, "password" if self.is_bound else "login")


class ConfirmPasswordForm(AllauthPasswordForm):  # type: ignore[misc]
    """The password once more, before what is dangerous."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        _begin_at(self, "password")


class CodeForm(AuthenticateForm):  # type: ignore[misc]
    """The second factor: a code of an app, or a recovery code."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        _ask_for_digits(self)
        self.fields["code"].help_text = _("From your authenticator app, or a recovery code.")


class ConfirmCodeForm(ReauthenticateForm):  # type: ignore[misc]
    """A code, before what is dangerous."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        _ask_for_digits(self)


class AddAppForm(ActivateTOTPForm):  # type: ignore[misc]
    """The first code of a new authenticator app."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        _ask_for_digits(self)


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A new passkey (unless unchecked, to sign in with it alone) or security key."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name")
        alone = self.fields["passwordless"]
        alone.label = _("Sign in with it alone (passkey)")
        alone.help_text = _(
            "It asks for your fingerprint, face or PIN. Otherwise it comes after the password."
        )
        alone.initial = True


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


def _ask_for_digits(form: forms.Form) -> None:
    """Show a phone's number pad for the code, and begin there."""
    form.fields["code"].widget.attrs["inputmode"] = "numeric"
    _begin_at(form, "code")


def _begin_at(form: forms.Form, name: str) -> None:
    """Put the focus into this field, and drop placeholders that only repeat labels."""
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)
        field.widget.attrs.pop("autofocus", None)
    form.fields[name].widget.attrs["autofocus"] = True


def _useful(scope: Scope, user: User) -> bool:
    return any(user.may(permission) for permission in scope_permissions(frozenset({scope})))
