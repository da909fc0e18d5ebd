"""Django's registration of the searches room."""

from django.apps import AppConfig


class SearchesConfig(AppConfig):
    """The searches room."""

    name = "securegrid.portal.searches"
    label = "searches"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell key rotation what is sealed here (models exist only from this moment)."""
        from securegrid.portal.resealing import column, register
        from securegrid.portal.searches.models import Search
        from securegrid.portal.searches.question import question_context, title_context

        questions = column(Search, "sealed_question", lambda row: question_context(row.public_id))
        titles = column(Search, "sealed_title", lambda row: title_context(row.public_id))
        register("questions", questions)
        register("labels and purposes", titles)
