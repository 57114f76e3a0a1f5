"""The process itself: logging, memory, addresses, and where our own files are."""
