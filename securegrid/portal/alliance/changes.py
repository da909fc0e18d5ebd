"""The word that goes to the rooms above when a MISP was connected, changed or disconnected."""

from django.dispatch import Signal

misp_changed = Signal()
"""Sent inside the change's transaction with ``before`` (the row as it was, or None) and
``after``; what a listener raises undoes the change."""
