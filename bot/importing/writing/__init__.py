"""Articles onto the disk, and what was written there before."""
