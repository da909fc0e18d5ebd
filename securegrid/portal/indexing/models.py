"""Each MISP's index as the portal keeps account of it; the rows themselves are in the store."""

import uuid

from django.db import models

from securegrid.portal.alliance.models import Misp

INTERVAL_MIN = 15
"""Minutes between two syncs, unless the owner says otherwise."""
MAX_AGE_H = 24
"""Hours after which an index no longer answers, unless the owner says otherwise."""


class MispIndex(models.Model):
    """The index of one MISP: which generation answers, its owner's settings, its syncs."""

    misp = models.OneToOneField(Misp, on_delete=models.CASCADE, related_name="index")
    current = models.OneToOneField(
        "Generation", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    """The generation that answers; none before the first sync is complete."""
    next = models.OneToOneField(
        "Generation", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    """The generation that is being filled, and will take the place of ``current``."""
    epoch = models.PositiveIntegerField(default=0)
    """The last epoch that was begun; each has its own key."""

    interval_min = models.PositiveIntegerField(default=INTERVAL_MIN)
    """Minutes between two syncs, 5 to 10,080."""
    max_age_h = models.PositiveIntegerField(default=MAX_AGE_H)
    """Hours since the last sync after which the index does not answer, 1 to 720."""
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    """No sync begins from the one to the other, in ``quiet_zone``; both or neither."""
    quiet_zone = models.CharField(max_length=64, default="UTC")
    rate_per_s = models.PositiveIntegerField(default=0)
    """Most attributes read in a second, 100 to 1,000,000; 0: as quick as the MISP answers."""
    blocks = models.BooleanField(default=False)
    """Whether addresses are also kept under their networks, so that a block finds them."""
    paused_at = models.DateTimeField(null=True, blank=True)

    claim = models.UUIDField(null=True, blank=True)
    """Names the one sync at work; every word from it must carry this name."""
    claimed_at = models.DateTimeField(null=True, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    """A sync that has not been heard of until then is dead."""
    claimed_generation = models.UUIDField(null=True, blank=True)
    events_done = models.PositiveIntegerField(default=0)
    events_total = models.PositiveIntegerField(default=0)
    attributes_done = models.PositiveBigIntegerField(default=0)
    attributes_total = models.PositiveBigIntegerField(default=0)
    """Progress of the sync at work; the totals are of what it has to read."""

    due_at = models.DateTimeField(null=True, blank=True)
    """When the next sync is due; none: at once."""
    failures = models.PositiveIntegerField(default=0)
    """Syncs in a row that failed."""
    last_error = models.CharField(max_length=32, blank=True)
    last_error_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"index of {self.misp_id}"


class Generation(models.Model):
    """The index of one MISP in one key epoch. Without its secret its rows mean nothing."""

    index = models.ForeignKey(MispIndex, on_delete=models.CASCADE, related_name="generations")
    name = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    """What the store knows it by."""
    sealed_secret = models.BinaryField()
    """32 random bytes from which the fingerprint key is derived; empty once destroyed."""
    epoch = models.PositiveIntegerField()
    created_at = models.DateTimeField()
    filled_at = models.DateTimeField(null=True, blank=True)
    """When it held the whole MISP for the first time."""
    synced_at = models.DateTimeField(null=True, blank=True)
    """The beginning of the last complete sync: what is held is at least that young."""
    retired_at = models.DateTimeField(null=True, blank=True)
    """Its secret is destroyed since then; the row goes when the store has dropped its rows."""
    events = models.PositiveIntegerField(default=0)
    rows = models.PositiveBigIntegerField(default=0)
    bytes = models.PositiveBigIntegerField(default=0)
    changed_at = models.DateTimeField(null=True, blank=True)
    """When a sync last found something to change, and what it was."""
    events_replaced = models.PositiveIntegerField(default=0)
    events_removed = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["index", "epoch"], name="one_generation_per_epoch")
        ]

    def __str__(self) -> str:
        return f"{self.name} (epoch {self.epoch})"
