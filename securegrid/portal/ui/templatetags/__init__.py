"""Template tags of the shared shell."""
