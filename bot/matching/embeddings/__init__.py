"""Matching by embeddings beside the words: optional, and calibrated for each language."""
