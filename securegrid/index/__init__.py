"""Keyed fingerprints of what MISPs hold: the port, its stores, sync and look-up."""
