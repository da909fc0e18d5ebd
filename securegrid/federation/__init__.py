"""Asking many MISPs at once: plan, fan-out, breaker, outcomes."""
