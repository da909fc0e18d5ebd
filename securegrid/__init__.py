"""SecureGRID Portal: one search over every alliance member's MISP."""

__version__ = "0.1.0"
