"""Django's registration of the alliance room."""

from django.apps import AppConfig


class AllianceConfig(AppConfig):
    """The alliance room."""

    name = "securegrid.portal.alliance"
    label = "alliance"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell key rotation what is sealed here (models exist only from this moment)."""
        from securegrid.portal.alliance.misps import client_context, key_context
        from securegrid.portal.alliance.models import Misp
        from securegrid.portal.resealing import column, need, register

        keys = column(Misp, "sealed_key", key_context)
        register("MISP keys", keys)
        # One that does not open may belong to a MISP whose row was tampered with.
        need("MISP keys", keys.opens_any)
        register("client certificates", column(Misp, "sealed_client_pem", client_context))
