"""Encoders, which turn texts into embeddings: the built-in one, a local model, an HTTP service."""
