"""The ledger: what owners see of the searches that hit their own data, and nothing else."""

from django.db import models

from securegrid.portal.alliance.models import Misp


class Basis(models.IntegerChoices):
    """What a ledger entry rests on; a stronger basis replaces a weaker one, never the reverse."""

    PENDING = 0, "pending"
    """Held at the last sync and shown as that; whether it still holds is being asked."""
    LAST_SYNC = 1, "last_sync"
    """Held at the last sync, and shown as that: the MISP was not asked, or did not answer."""
    CHECKED = 2, "checked"
    """The MISP itself gave an attribute that the portal compared with the value."""


class LedgerEntry(models.Model):
    """One hit value of one search at one MISP. It outlives the search and the searcher."""

    # The indexes below begin with the MISP: one more would only slow the writing of results.
    misp = models.ForeignKey(Misp, models.CASCADE, related_name="ledger", db_index=False)
    search_id = models.UUIDField()
    """Public id of the search: tells two searches apart, opens nothing to an owner."""
    at = models.DateTimeField()
    value = models.TextField()
    kind = models.CharField(max_length=16)
    member_name = models.CharField(max_length=200, blank=True)
    """The searching organisation as the alliance's setting said then; empty when hidden."""
    events = models.JSONField(default=list)
    """The owner's own events that hit: ``[{"uuid", "info", "attributes"}]``, empty unless the
    MISP was asked."""
    basis = models.PositiveSmallIntegerField(choices=Basis.choices, default=Basis.CHECKED)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["misp", "search_id", "value"], name="one_ledger_row_per_hit_value"
            )
        ]
        indexes = [models.Index(fields=["misp", "-at"])]

    def __str__(self) -> str:
        return f"{self.misp_id} {self.at:%Y-%m-%d}"
