"""A source's state on disk: what was counted, how far files were read, which lines were bad."""
