"""Template tags of the searches room."""
