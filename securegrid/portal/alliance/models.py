"""The alliance: its members, their MISPs with what each shows of itself, and their health."""

import uuid

from django.db import models

LONGEST_NAME = 200
"""Characters in the name of an alliance, a member or a MISP."""


class Alliance(models.Model):
    """The one alliance this portal serves, and its settings (a single row)."""

    name = models.CharField(max_length=LONGEST_NAME, default="SecureGRID Alliance")
    show_searching_member = models.BooleanField(default=True)
    """Whether owners see which organisation searched; a person's name is never shown."""
    notice = models.TextField(blank=True)
    """A sentence shown on every page (the demo says here that its data is composed)."""

    def __str__(self) -> str:
        return self.name


class Member(models.Model):
    """An organisation in the alliance."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=LONGEST_NAME, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    suspended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class Visibility(models.TextChoices):
    """What an owner lets the searchers of other members see, from least to most."""

    EXISTS = "exists", "exists"
    COUNT = "count", "count"
    TITLE = "title", "title"
    FULL = "full", "full"


class TlsMode(models.TextChoices):
    """How the certificate of a MISP is verified."""

    VERIFY = "verify", "verify"
    OWN_CA = "own_ca", "own_ca"
    INSECURE = "insecure", "insecure"


class MispMode(models.TextChoices):
    """How a MISP is searched: it is asked itself, or the portal's index of it is."""

    LIVE = "live", "live"
    INDEXED = "indexed", "indexed"


class Misp(models.Model):
    """A member's MISP as the portal knows it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="misps")
    name = models.CharField(max_length=LONGEST_NAME, unique=True)
    url = models.URLField(max_length=500)
    sealed_key = models.BinaryField()
    tls = models.CharField(max_length=8, choices=TlsMode.choices, default=TlsMode.VERIFY)
    ca_pem = models.TextField(blank=True)
    sealed_client_pem = models.BinaryField(null=True, blank=True)
    """Client certificate and private key, PEM, sealed together."""
    mode = models.CharField(max_length=8, choices=MispMode.choices, default=MispMode.LIVE)
    enabled = models.BooleanField(default=True)
    visibility = models.CharField(max_length=8, choices=Visibility.choices, default=Visibility.FULL)
    published_only = models.BooleanField(default=False)
    left_out_tags = models.JSONField(default=list, blank=True)
    left_out_types = models.JSONField(default=list, blank=True)
    concurrency = models.PositiveSmallIntegerField(default=4)
    """Requests in flight at once, 1 to 8."""
    pause_ms = models.PositiveIntegerField(default=0)
    """Milliseconds between two requests of one search to this MISP, 0 to 10,000."""
    failures_in_a_row = models.PositiveIntegerField(default=0)
    resting_until = models.DateTimeField(null=True, blank=True)
    resting_reason = models.CharField(max_length=32, blank=True)
    probe_claimed_until = models.DateTimeField(null=True, blank=True)
    version = models.CharField(max_length=32, blank=True)
    tested_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name

    @property
    def is_offered(self) -> bool:
        """Whether searches may ask it: switched on, with a key, of a member not suspended."""
        return self.enabled and bool(self.sealed_key) and self.member.suspended_at is None


class HealthSample(models.Model):
    """How one MISP served one search or test: the raw material of the health page."""

    misp = models.ForeignKey(Misp, on_delete=models.CASCADE, related_name="samples")
    at = models.DateTimeField()
    elapsed_ms = models.FloatField()
    requests = models.PositiveIntegerField(default=1)
    reason = models.CharField(max_length=32, blank=True)
    """Empty when it answered; otherwise the failure's reason."""

    class Meta:
        indexes = [models.Index(fields=["misp", "at"])]

    def __str__(self) -> str:
        return f"{self.misp_id} {self.at:%Y-%m-%d %H:%M:%S}"
