"""Django's registration of the indexing room."""

from django.apps import AppConfig


class IndexingConfig(AppConfig):
    """The indexing room."""

    name = "securegrid.portal.indexing"
    label = "indexing"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell key rotation what is sealed here, and listen to what happens to MISPs."""
        from securegrid.portal.alliance.changes import misp_changed
        from securegrid.portal.indexing.keys import secret_context
        from securegrid.portal.indexing.models import Generation
        from securegrid.portal.indexing.modes import follow
        from securegrid.portal.resealing import column, need, register

        secrets = column(Generation, "sealed_secret", secret_context)
        register("index secrets", secrets)
        need("index secrets", secrets.opens_all)
        misp_changed.connect(follow, dispatch_uid="indexing")
