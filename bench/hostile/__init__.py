"""Texts and payloads that are hard to take in, and the ways that they come."""
