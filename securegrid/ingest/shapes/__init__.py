"""How the events of each source look: one module per kind of source."""
