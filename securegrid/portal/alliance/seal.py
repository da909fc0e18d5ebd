"""Sealing, under the name by which the rooms above the alliance use it."""

from securegrid.portal.resealing import column, register
from securegrid.portal.sealing import SealError, seal, unseal

__all__ = ["SealError", "column", "register", "seal", "unseal"]
