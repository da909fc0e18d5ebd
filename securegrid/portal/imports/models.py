"""Imports as the portal keeps account of them; what was uploaded lies in the private folder."""

import uuid

from django.conf import settings
from django.db import models

from securegrid.portal.alliance.models import Member, Misp


class State(models.TextChoices):
    """Where an import is. The first three are work: a worker does it when it is due."""

    READING = "reading", "reading"
    PUBLISHING = "publishing", "publishing"
    UNDOING = "undoing", "undoing"
    READY = "ready", "ready"
    """Read: its preview waits for a person."""
    PUBLISHED = "published", "published"
    UNDONE = "undone", "undone"
    FAILED = "failed", "failed"
    """It could not be read; nothing of it was written anywhere."""
    DISCARDED = "discarded", "discarded"
    """Given up, by a person or because nobody published it in time; the file is deleted."""


WORK = (State.READING, State.PUBLISHING, State.UNDOING)


class Import(models.Model):
    """One uploaded file on its way into a MISP of the member."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="imports")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    """Who uploaded it."""
    misp = models.ForeignKey(
        Misp, on_delete=models.PROTECT, null=True, blank=True, related_name="imports"
    )
    """Where it is published; none before that was chosen."""
    state = models.CharField(max_length=12, choices=State.choices, default=State.READING)
    sealed_name = models.BinaryField()
    """What the file was called; shown to the member, never used as a path."""
    sealed_preview = models.BinaryField(default=bytes)
    """What was understood, with samples; see ``preview``."""
    sealed_key = models.BinaryField(default=bytes)
    """An auth key that may write, for this import only; empty once its work is done."""
    source = models.CharField(max_length=100)
    """Who says so, in the titles and identities of events."""
    format = models.CharField(max_length=40)
    """The name of a reader; ``auto`` before the file was looked at."""
    options = models.JSONField(default=dict, blank=True)
    """What else the reader is told; see ``formats.Options``."""
    size = models.PositiveBigIntegerField()
    """Bytes uploaded."""
    is_forced = models.BooleanField(default=False)
    """Whether what breaks a rule was to be published too."""

    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    file_deleted_at = models.DateTimeField(null=True, blank=True)

    lines = models.PositiveBigIntegerField(default=0)
    bad_lines = models.PositiveBigIntegerField(default=0)
    passed_over = models.PositiveBigIntegerField(default=0)
    """Good lines that are no data."""
    events = models.PositiveIntegerField(default=0)
    attributes = models.PositiveBigIntegerField(default=0)
    errors = models.PositiveIntegerField(default=0)
    warnings = models.PositiveIntegerField(default=0)
    """Quality findings."""
    events_written = models.PositiveIntegerField(default=0)
    attributes_written = models.PositiveBigIntegerField(default=0)
    attributes_dropped = models.PositiveBigIntegerField(default=0)
    """What the MISP did not take."""
    attributes_refused = models.PositiveBigIntegerField(default=0)
    """What was left out because it breaks a rule, with all of an event that does."""
    events_unpublished = models.PositiveIntegerField(default=0)
    """Written, but the key may not publish."""
    has_written = models.BooleanField(default=False)
    """Whether something of it may be in the MISP, so that there is something to undo."""

    claim = models.UUIDField(null=True, blank=True)
    """Names the one worker at it; every word from it must carry this name."""
    claimed_at = models.DateTimeField(null=True, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    """Progress of the work: bytes read, or attributes written; 0 for unknown."""
    due_at = models.DateTimeField(null=True, blank=True)
    """When the work may begin; none: at once."""
    failures = models.PositiveIntegerField(default=0)
    """Times in a row that the work failed."""
    last_error = models.CharField(max_length=32, blank=True)
    last_error_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["member", "-created_at"])]

    def __str__(self) -> str:
        return f"import {self.public_id} ({self.state})"
