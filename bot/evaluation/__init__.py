"""Evaluation on questions with known answers: figures, better thresholds, and a gate for edits."""
