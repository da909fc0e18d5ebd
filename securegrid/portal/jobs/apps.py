"""Django's registration of the jobs room."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """The jobs room."""

    name = "securegrid.portal.jobs"
    label = "jobs"

    def ready(self) -> None:
        """Show the indexes among the metrics (models exist only from this moment)."""
        from securegrid.portal.jobs.gauges import IndexGauges
        from securegrid.portal.metrics import REGISTRY

        REGISTRY.register(IndexGauges())
