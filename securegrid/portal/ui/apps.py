"""Django's registration of the ui room."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """The ui room."""

    name = "securegrid.portal.ui"
    label = "ui"
    default_auto_field = "django.db.models.BigAutoField"
