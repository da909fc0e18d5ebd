"""The pages of imports: the history, a new one, one of them, and what is done with it."""
