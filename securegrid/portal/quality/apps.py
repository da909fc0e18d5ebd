"""Django's registration of the quality room."""

from django.apps import AppConfig


class QualityConfig(AppConfig):
    """The quality room."""

    name = "securegrid.portal.quality"
    label = "quality"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell key rotation what is sealed here (models exist only from this moment)."""
        from securegrid.portal.quality.models import Look
        from securegrid.portal.quality.sealed import report_context
        from securegrid.portal.resealing import column, register

        register("data quality reports", column(Look, "sealed_report", report_context))
