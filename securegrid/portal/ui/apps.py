"""Django's registration of the ui room."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class UiConfig(AppConfig):
    """The ui room."""

    name = "securegrid.portal.ui"
    label = "ui"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let every room add its navigation."""
        autodiscover_modules("nav")
