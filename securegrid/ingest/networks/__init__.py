"""Which networks hide who is behind an address: lists on disk, never a question to anybody."""
