"""Ports of the desk, as protocols: storage, channels, content, wording, monitoring systems."""
