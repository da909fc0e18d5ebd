"""Django's registration of the alliance room."""

from django.apps import AppConfig


class AllianceConfig(AppConfig):
    """The alliance room."""

    name = "securegrid.portal.alliance"
    label = "alliance"
    default_auto_field = "django.db.models.BigAutoField"
