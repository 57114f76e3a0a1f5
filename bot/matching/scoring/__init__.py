"""Candidates with their features, and the classifier that orders them."""
