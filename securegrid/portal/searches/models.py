"""A search as it is stored: the sealed question, one answer per MISP, and the hits.

No plain column holds a value that did not hit (privacy proof 5): the question is sealed,
cells are one byte per value, and only hits name their value.
"""

import uuid

from django.db import models

from securegrid.portal.accounts.models import User
from securegrid.portal.alliance.models import Member, Misp, MispMode


class SearchState(models.TextChoices):
    """Running until every cell has its state, then complete."""

    RUNNING = "running", "running"
    COMPLETE = "complete", "complete"


class Search(models.Model):
    """One frozen question of one analyst."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="searches")
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="searches")
    sealed_question = models.BinaryField()
    """Entries and rejected pieces: see ``searches.question``."""
    sealed_title = models.BinaryField()
    """Label and purpose, apart, so that the history opens without the values."""
    values_count = models.PositiveIntegerField()
    values_hit = models.PositiveIntegerField(default=0)
    """Values that hit in at least one MISP."""
    deadline_s = models.FloatField()
    private = models.BooleanField(default=False)
    """Kept to indexed MISPs: no value leaves the portal."""
    related = models.BooleanField(default=False)
    """Whether attributes that are only related to a value hit as well (indexed MISPs)."""
    state = models.CharField(max_length=8, choices=SearchState.choices, default=SearchState.RUNNING)
    created_at = models.DateTimeField()
    must_end_at = models.DateTimeField()
    """A search still running after this moment died with its process."""
    elapsed_ms = models.FloatField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)
    """Grows by one with each transaction that wrote results; streams resume from it."""

    class Meta:
        indexes = [
            models.Index(fields=["member", "-created_at"]),
            models.Index(fields=["state", "must_end_at"]),
        ]

    def __str__(self) -> str:
        return str(self.public_id)


class MispAnswer(models.Model):
    """What one MISP gave to one search; ``cells`` holds one byte per value, in order."""

    search = models.ForeignKey(Search, models.CASCADE, related_name="answers", db_index=False)
    misp = models.ForeignKey(Misp, on_delete=models.PROTECT, related_name="answers")
    order = models.PositiveSmallIntegerField()
    """The MISP's column in the grid, from 0."""
    cells = models.BinaryField()
    """Codes of ``searches.cells``: state and reason in one byte."""
    mode = models.CharField(max_length=8, choices=MispMode.choices, default=MispMode.LIVE)
    """How the MISP answered, or would have: its mode when it was asked last."""
    index_age_s = models.FloatField(null=True, blank=True)
    """Seconds from the sync of the index that answered to the question; null without one."""
    elapsed_ms = models.FloatField(null=True, blank=True)
    requests = models.PositiveIntegerField(default=0)
    attributes = models.PositiveIntegerField(null=True, blank=True)
    """Attributes that hit; null when the owner does not let the searcher count."""
    values_hit = models.PositiveIntegerField(default=0)
    dropped = models.PositiveIntegerField(default=0)
    """Returned attributes that matched nothing asked."""
    done = models.BooleanField(default=False)
    revision = models.PositiveIntegerField(default=1)
    """The search's revision in which this row changed last."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["search", "misp"], name="one_answer_per_search_and_misp"
            )
        ]
        ordering = ["order"]

    def __str__(self) -> str:
        return f"{self.search_id}/{self.misp_id}"


class Hit(models.Model):
    """What the searcher may see of a hit, already reduced to what the owner allows.

    ``full``: one row per attribute. ``title``: one per value and event. ``count`` and
    ``exists``: one per value, with empty event and attribute.
    """

    # The indexes below begin with the search: more would only slow the writing of results.
    search = models.ForeignKey(Search, models.CASCADE, related_name="hits", db_index=False)
    misp = models.ForeignKey(Misp, models.PROTECT, related_name="hits", db_index=False)
    position = models.PositiveIntegerField()
    """Index of the value in the question."""
    relation = models.CharField(max_length=16)
    count = models.PositiveIntegerField(null=True, blank=True)
    """Attributes this row stands for; null when the owner does not tell."""
    event = models.JSONField(null=True, blank=True)
    attribute = models.JSONField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)
    """The search's revision in which this row was written."""

    class Meta:
        indexes = [
            models.Index(fields=["search", "position", "misp"]),
            models.Index(fields=["search", "revision"]),
        ]

    def __str__(self) -> str:
        return f"{self.search_id}/{self.misp_id}/{self.position}"
