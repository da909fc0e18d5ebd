"""Django's registration of the accounts room."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """The accounts room."""

    name = "securegrid.portal.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell key rotation what is sealed here, and Django what makes settings unsafe.

        Models exist only from this moment, hence the imports here.
        """
        from django.core import checks

        from securegrid.portal import startup
        from securegrid.portal.accounts.sign_in import reseal_authenticators
        from securegrid.portal.resealing import register

        checks.register(startup.check)
        register("second factors", reseal_authenticators)
