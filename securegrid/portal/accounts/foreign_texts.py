"""Texts of allauth that our Japanese catalogue words itself, in the terms of our own pages."""

from django.utils.translation import gettext_noop as _

TEXTS = (
    _("Sign Out"),
    _("Sign In"),
    _("Are you sure you want to sign out?"),
    _("You have signed out."),
    _("Successfully signed in as %(name)s."),
    _("You are already logged in as %(user_display)s."),
    _("Too many failed login attempts. Try again later."),
    _("Invalid login."),
    _("Confirm Access"),
    _("Please reauthenticate to safeguard your account."),
    _("Add Security Key"),
    _("Security Keys"),
    _("Master key"),
    _("Backup key"),
)  # fmt: skip
