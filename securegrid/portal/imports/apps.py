"""Django's registration of the imports room."""

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    """The imports room."""

    name = "securegrid.portal.imports"
    label = "imports"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell key rotation what is sealed here (models exist only from this moment)."""
        from securegrid.portal.imports import sealed
        from securegrid.portal.imports.models import Import
        from securegrid.portal.resealing import column, register

        register("names of imports", column(Import, "sealed_name", sealed.name_context))
        register("previews of imports", column(Import, "sealed_preview", sealed.preview_context))
        register("keys of imports", column(Import, "sealed_key", sealed.key_context))
