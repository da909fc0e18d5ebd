"""Django's registration of the disclosure room."""

from django.apps import AppConfig


class DisclosureConfig(AppConfig):
    """The disclosure room."""

    name = "securegrid.portal.disclosure"
    label = "disclosure"
    default_auto_field = "django.db.models.BigAutoField"
