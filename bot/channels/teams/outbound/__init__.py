"""The desk's replies as Teams messages, Adaptive Cards and files."""
