"""One source's state on disk: what was counted, how far each file was read, which lines were bad."""
