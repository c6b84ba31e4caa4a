"""Image files: found in folders and archives, decoded by all cores, and kept for the next time."""
