"""One source's state on disk: what was counted, how far files were read, what was not understood."""
