"""Encoders, which turn texts into embeddings: the built-in one, models of packages and folders, a service."""
