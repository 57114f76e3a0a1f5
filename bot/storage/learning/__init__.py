"""Stores what the desk learns from what was asked: what became of each question."""
