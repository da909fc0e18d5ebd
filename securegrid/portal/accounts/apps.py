"""Django's registration of the accounts room."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """The accounts room."""

    name = "securegrid.portal.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
