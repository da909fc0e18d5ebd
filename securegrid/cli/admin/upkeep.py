"""``securegrid admin migrate|check|tidy``: keeping the portal's settings and database in order."""

from securegrid.cli.admin.output import told
from securegrid.cli.admin.portal import AdminError, portal


def migrate() -> None:
    """Make the database, or bring it up to date; safe to repeat."""
    with portal():
        from django.core.management import call_command

        from securegrid.portal.alliance.services import the_alliance

        call_command("migrate", interactive=False, verbosity=0)
        the_alliance()
    told("The database is up to date.")


def check() -> None:
    """Check settings and database without starting the portal."""
    with portal():
        from django.core.management import call_command
        from django.core.management.base import SystemCheckError
        from django.db import connection
        from django.db.migrations.executor import MigrationExecutor

        from securegrid.portal.resealing import refuse_wrong_key

        try:
            call_command("check")
        except SystemCheckError as found:
            raise AdminError(str(found)) from None
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            raise AdminError("the database is not up to date; run: securegrid admin migrate")
        refuse_wrong_key()
    told("Settings and database are in order.")


def tidy() -> None:
    """Forget ended sessions and health samples older than 90 days."""
    with portal():
        from django.core.management import call_command
        from django.utils import timezone

        from securegrid.portal.alliance.health import prune

        call_command("clearsessions")
        gone = prune(timezone.now())
    told(f"Ended sessions and {gone} old health samples are forgotten.")
