"""Files as blocks of whole lines: compression, identity by content, positions to go on from."""
