"""Django's registration of the searches room."""

from django.apps import AppConfig


class SearchesConfig(AppConfig):
    """The searches room."""

    name = "securegrid.portal.searches"
    label = "searches"
    default_auto_field = "django.db.models.BigAutoField"
