"""Known data sets: which there are, and how they are brought to this machine."""
