"""Each MISP's index: its generations and keys, its syncs, and what its owner sees of them."""
