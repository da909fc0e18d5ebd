"""Django's registration of the accounts room."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """The accounts room."""

    name = "securegrid.portal.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell key rotation what is sealed here (models exist only from this moment)."""
        from securegrid.portal.accounts.sign_in import reseal_authenticators
        from securegrid.portal.resealing import register

        register("second factors", reseal_authenticators)
