"""What was found of each MISP's data quality, and when it is looked over next."""

import uuid

from django.db import models

from securegrid.portal.alliance.models import Misp


class Watch(models.Model):
    """Looking over one MISP now and then: when next, and who is at it."""

    misp = models.OneToOneField(Misp, on_delete=models.CASCADE, related_name="quality_watch")
    due_at = models.DateTimeField(null=True, blank=True)
    """When the next look is due; none: at once."""
    claim = models.UUIDField(null=True, blank=True)
    """Names the one worker at it; every word from it must carry this name."""
    claimed_at = models.DateTimeField(null=True, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    """Attributes looked over of those that there are; 0 for unknown."""
    failures = models.PositiveIntegerField(default=0)
    """Looks in a row that failed."""
    last_error = models.CharField(max_length=32, blank=True)
    last_error_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"quality of {self.misp_id}"


class Look(models.Model):
    """One look at a MISP: its score, and how it came about."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    misp = models.ForeignKey(Misp, on_delete=models.CASCADE, related_name="quality_looks")
    at = models.DateTimeField()
    points = models.FloatField()
    """0 to 100, in tenths."""
    events = models.PositiveBigIntegerField()
    attributes = models.PositiveBigIntegerField()
    errors = models.PositiveBigIntegerField()
    warnings = models.PositiveBigIntegerField()
    sealed_report = models.BinaryField(default=bytes)
    """The arithmetic with findings and examples by rule (see ``report``); the latest one's only,
    because examples are the owner's data."""

    class Meta:
        indexes = [models.Index(fields=["misp", "at"])]

    def __str__(self) -> str:
        return f"quality of {self.misp_id} at {self.at:%Y-%m-%d %H:%M}"
